"""The editor as text: saving, checking, testing, and what is refused; the text is never lost."""

import json
import re

import pytest
from django.utils import timezone

from runs.models import Heartbeat, Run
from tests.factories import DEFINITION, make_run, make_scope, make_user, make_workflow
from tests.runs.views.pages import HTMX, client_of, hidden, notice, text_of
from tests.workflows.events import words
from workflows.models import Version, Workflow
from workflows.services import working

FORM = {**HTMX, "HX-Target": "editor"}


@pytest.fixture
def editor(db):
    return client_of(make_user("editor", username="eve"))


def page(workflow, tail="?mode=text"):
    return f"/automations/workflows/{workflow.pk}/edit/{tail}"


def text_with(*steps, **changes):
    return json.dumps({**DEFINITION, "name": "Leads", "steps": list(steps), **changes}, indent=2)


GREET = {"id": "greet", "kind": "set", "values": {"text": "Hi {{ trigger.data.who }}"}}


def sent(workflow, text, do="save", **changes):
    return {"text": text, "do": do, "revision": token(workflow), **changes}


def token(workflow):
    """What names the state that stands."""
    return working.working(Workflow.objects.get(pk=workflow.pk)).token


def drafts():
    return [
        json.loads(text)["steps"]
        for text in Version.objects.filter(state="draft").values_list("definition", flat=True)
    ]


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


def test_a_test_shows_its_result_in_place(editor):
    workflow = make_workflow("Leads")
    form = sent(workflow, text_with(GREET), "test", payload='{"who": "Ada"}')
    shown = text_of(editor.post(page(workflow), form, headers=FORM))
    run = Run.objects.get()
    assert (run.is_test, run.status, run.simulates) == (True, "success", True)
    assert 'data-status="success"' in shown
    assert "&quot;text&quot;: &quot;Hi Ada&quot;" in shown
    assert "data-poll" not in shown
    assert "never tested" not in shown
    assert words(kind="workflow") == ["Version created", "Workflow tested"]


def test_a_test_without_script_leads_back_with_its_result(editor):
    workflow = make_workflow("Leads")
    form = sent(workflow, text_with(GREET), "test", payload='{"who": "Ada"}')
    response = editor.post(page(workflow), form)
    assert response.url == f"{page(workflow)}&tested={Run.objects.get().pk}"
    assert "Hi Ada" in text_of(editor.get(response.url))


def test_a_test_sent_twice_starts_one(editor):
    workflow = make_workflow("Leads")
    form = sent(workflow, text_with(GREET), "test", payload='{"who": "Ada"}', idempotency_key="key-1")
    editor.post(page(workflow), form, headers=FORM)
    editor.post(page(workflow), {**form, "revision": token(workflow)}, headers=FORM)
    assert Run.objects.count() == 1


def test_outside_steps_are_simulated_and_marked(editor):
    workflow = make_workflow("Leads")
    mail = {"id": "mail", "kind": "send_email", "to": "a@example.test", "subject": "x", "text": "y"}
    shown = text_of(editor.post(page(workflow), sent(workflow, text_with(mail), "test"), headers=FORM))
    assert '<span class="tag blue">simulated</span>' in shown


def test_a_failed_test_says_why(editor):
    workflow = make_workflow("Leads")
    form = sent(workflow, text_with(GREET), "test", payload="{}")
    shown = text_of(editor.post(page(workflow), form, headers=FORM))
    assert "There is no value named “trigger.data.who”." in shown


@pytest.mark.parametrize(
    ("step", "payload", "status", "said"),
    [([GREET], "{oops", 422, "The sample payload:"), ([], "{}", 409, "There is no step to test yet.")],
)
def test_a_test_that_cannot_start_keeps_the_saved_draft(editor, step, payload, status, said):
    workflow = make_workflow("Leads")
    response = editor.post(page(workflow), sent(workflow, text_with(*step), "test", payload=payload))
    assert response.status_code == status
    assert said in text_of(response)
    assert f"{payload}</textarea>" in text_of(response)
    assert hidden(response, "revision") == token(workflow)
    assert drafts() == [step]


def test_while_a_test_goes_on_its_result_refreshes(editor):
    Heartbeat.objects.create(
        name="w", kind="worker", host="h", pid=1, started_at=timezone.now(), beat_at=timezone.now()
    )
    workflow = make_workflow("Leads")
    run = make_run(workflow, is_test=True, status="running")
    address = page(workflow, f"tests/{run.pk}/")
    shown = text_of(editor.get(address, headers=HTMX))
    assert 'data-poll="2"' in shown
    mark = shown.split('data-mark="')[1].split('"')[0]
    assert editor.get(address, {"since": mark}, headers=HTMX).status_code == 204
    Run.objects.update(status="success", ended_at=timezone.now())
    assert "data-poll" not in text_of(editor.get(address, {"since": mark}, headers=HTMX))
    assert editor.get(address).url == f"/automations/runs/{run.pk}/"


def test_results_of_other_runs_are_404(editor):
    workflow, other = make_workflow("Leads"), make_workflow("Other")
    for run in (make_run(workflow), make_run(other, is_test=True)):
        assert editor.get(page(workflow, f"tests/{run.pk}/")).status_code == 404
        assert "test-heading" not in text_of(editor.get(f"{page(workflow)}&tested={run.pk}"))


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
