"""The editor as text: saving, checking, and what is refused; the text is never lost."""

import re

import pytest

from tests.factories import DEFINITION, make_scope, make_user, make_workflow
from tests.runs.views.editor_text import FORM, GREET, drafts, page, sent, text_with, token
from tests.runs.views.pages import client_of, hidden, notice, text_of
from tests.workflows.events import words
from workflows.models import Version
from workflows.services import working


def test_the_draft_is_shown_as_text_with_its_findings(editor):
    workflow = make_workflow("Leads", status="draft", definition={**DEFINITION, "steps": []})
    shown = text_of(editor.get(page(workflow)))
    assert "&quot;format&quot;: &quot;signalbox/1&quot;" in shown
    assert "Draft, version 1" in shown
    assert 'data-to-line="' in shown
    assert 'value="run">Run</button>' in shown


def test_without_a_draft_the_published_version_is_shown(editor):
    shown = text_of(editor.get(page(make_workflow("Leads"))))
    assert "Version 1 is published. Saving makes a draft beside it." in shown
    assert 'value="publish">Publish changes</button>' in shown


def test_saving_makes_a_draft_beside_the_published_version(editor):
    workflow = make_workflow("Leads")
    response = editor.post(page(workflow), sent(workflow, text_with(GREET), note="Politer"))
    assert response.url == page(workflow)
    assert drafts() == [[GREET]]
    assert Version.objects.get(state="draft").note == "Politer"
    assert words(kind="workflow") == ["Version created"]
    assert "Saved as the draft, version 2." in text_of(editor.get(page(workflow)))


def test_htmx_gets_everything_but_the_text(editor):
    workflow = make_workflow("Leads")
    response = editor.post(page(workflow), sent(workflow, text_with(GREET)), headers=FORM)
    shown = text_of(response)
    assert response.headers["HX-Reswap"] == "none"
    assert 'id="editor-text"' not in shown
    assert hidden(response, "revision") == token(workflow)
    assert notice(response) == "Saved as the draft, version 2."
    assert re.findall(r'id="([\w-]+)"[^>]* hx-swap-oob="true"', shown) == [
        "editor-hidden",
        "editor-state",
        "editor-problem",
        "editor-findings",
    ]


def test_yaml_is_taken_and_line_ends_of_browsers_too(editor):
    workflow = make_workflow("Leads")
    text = "format: signalbox/1\r\nname: Leads\r\ntriggers: []\r\nsteps:\r\n  - id: a\r\n    kind: set\r\n"
    editor.post(page(workflow), sent(workflow, text))
    assert drafts() == [[{"id": "a", "kind": "set"}]]


def test_saving_the_same_again_changes_nothing(editor):
    workflow = make_workflow("Leads")
    editor.post(page(workflow), sent(workflow, text_with(GREET)))
    response = editor.post(page(workflow), sent(workflow, text_with(GREET)), headers=FORM)
    assert notice(response) == "Nothing changed since it was saved."
    assert words(kind="workflow") == ["Version created"]


def test_fields_that_belong_to_the_workflow_are_said_to_be_ignored(editor):
    workflow = make_workflow("Leads")
    response = editor.post(page(workflow), sent(workflow, text_with(GREET, name="Other")), headers=FORM)
    assert "“name” belongs to the workflow and is ignored here." in notice(response)


@pytest.mark.parametrize("headers", [{}, FORM])
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{\n  "format": "signalbox/1",\n  "nonsense": 1\n}', 3),
        ('{\n  "format": oops\n}', 2),
        ("format: signalbox/1\nname: [", 3),
    ],
)
def test_a_text_that_is_no_workflow_file_is_kept_with_lines(editor, headers, text, line):
    workflow = make_workflow("Leads")
    response = editor.post(page(workflow), sent(workflow, text), headers=headers)
    assert response.status_code == 422
    shown = text_of(response)
    assert f'data-to-line="{line}"' in shown
    assert 'id="error-summary"' in shown
    assert hidden(response, "revision") == token(workflow)
    assert working.working(workflow).text == text
    if not headers:
        assert text.splitlines()[-1] + "</textarea>" in shown
    assert words(kind="workflow") == []


def test_findings_stand_with_errors_first_and_lines(editor):
    workflow = make_workflow("Leads")
    text = text_with({"id": "ask", "kind": "http_request"}, GREET)
    shown = text_of(editor.post(page(workflow), sent(workflow, text, "check"), headers=FORM))
    assert shown.index("finding red") < shown.index("finding amber")
    place = next(number for number, line in enumerate(text.splitlines(), 1) if '"id": "ask"' in line)
    assert f'data-to-line="{place - 1}"' in shown
    assert "checks passed" in shown


def test_somebody_else_saved_meanwhile(editor, manager):
    workflow = make_workflow("Leads")
    theirs = {**GREET, "values": {"text": "Theirs"}}
    mine = {**GREET, "values": {"text": "Mine"}}
    form = sent(workflow, text_with(mine))
    manager.post(page(workflow), sent(workflow, text_with(theirs)))
    for headers in ({}, FORM):
        response = editor.post(page(workflow), form, headers=headers)
        assert response.status_code == 409
        shown = text_of(response)
        assert "Version created, admin" in shown
        assert '<td class="removed">Theirs</td><td class="added">Mine</td>' in shown
        assert hidden(response, "revision") == form["revision"]
        assert f'value="over {token(workflow)} save"' in shown
    assert drafts() == [[theirs]]
    editor.post(page(workflow), {**form, "do": f"over {token(workflow)} save"})
    assert drafts() == [[mine]]


def test_a_script_that_names_no_state_means_the_one_that_stands(editor):
    workflow = make_workflow("Leads")
    editor.post(page(workflow), {"text": text_with(GREET), "do": "save"})
    assert drafts() == [[GREET]]


def test_publish_and_run_save_first_and_lead_to_the_dialog(editor):
    workflow = make_workflow("Leads")
    response = editor.post(page(workflow), sent(workflow, text_with(GREET), "publish"))
    assert response.url == f"/automations/workflows/{workflow.pk}/publish/"
    response = editor.post(page(workflow), sent(workflow, text_with(GREET), "publish"), headers=FORM)
    assert response.headers["HX-Redirect"] == f"/automations/workflows/{workflow.pk}/publish/"
    assert drafts() == [[GREET]]


def test_who_may_not_edit_is_refused(operator, db):
    workflow = make_workflow("Leads")
    for response in (
        operator.get(page(workflow)),
        operator.post(page(workflow), sent(workflow, text_with(GREET))),
    ):
        assert (response.status_code, "role Editor" in text_of(response)) == (403, True)
    stranger = client_of(make_user("manager", scope=make_scope("hub:other")))
    assert stranger.get(page(workflow)).status_code == 404
    assert stranger.post(page(workflow), sent(workflow, "{}")).status_code == 404
    assert drafts() == []


def test_an_archived_workflow_is_shown_read_only(editor):
    workflow = make_workflow("Leads", status="archived")
    shown = text_of(editor.get(page(workflow)))
    assert "read-only" in shown
    assert 'id="editor-save"' not in shown
    response = editor.post(page(workflow), sent(workflow, text_with(GREET)))
    assert (response.status_code, "Hi {{ trigger.data.who }}" in text_of(response)) == (409, True)
    assert drafts() == []
