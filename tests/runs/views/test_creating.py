"""New and Import."""

import html
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import DEFINITION, make_scope, make_user, make_version, make_workflow, workspace
from tests.runs.views.pages import client_of, hidden, text_of
from tests.workflows.events import words
from workflows.models import Workflow

NEW = "/automations/workflows/new/"
IMPORT = "/automations/workflows/import/"


@pytest.fixture
def editor(db):
    workspace()
    return client_of(make_user("editor", username="eve"))


def document(name="Leads", **changes):
    return {"format": "signalbox/1", "name": name, **DEFINITION, **changes}


def shown_text(response):
    """What stands in the text field."""
    return html.unescape(
        re.search(r'id="id_text"[^>]*>\n(.*?)</textarea>', text_of(response), re.DOTALL).group(1)
    )


def test_new_makes_a_blank_draft(editor):
    response = editor.post(NEW, {"name": "  Leads ", "scope": "workspace", "start": ""})
    made = Workflow.objects.get()
    assert response.url == f"/automations/workflows/{made.pk}/"
    assert (made.name, made.status, made.owner.username) == ("Leads", "draft", "eve")
    assert json.loads(made.draft.definition)["steps"] == []
    assert words(kind="workflow") == ["Workflow created", "Version created"]


def test_new_begins_with_a_sample_in_the_chosen_scope(editor):
    hub = make_scope("hub:north")
    editor.post(NEW, {"name": "Mine", "scope": hub.ref, "start": "lead_qualification"})
    made = Workflow.objects.get()
    assert (made.name, made.scope, made.tags) == ("Mine", hub, ["leads", "sales"])
    assert made.description == "Scores a captured lead and hands the good ones to sales."
    assert [trigger.trigger_id for trigger in made.triggers.order_by("pk")] == ["captured", "form", "by_hand"]


def test_new_sent_twice_makes_one(editor):
    key = hidden(editor.get(NEW), "idempotency_key")
    form = {"name": "Leads", "scope": "workspace", "start": "", "idempotency_key": key}
    assert editor.post(NEW, form).url == editor.post(NEW, form).url
    assert Workflow.objects.count() == 1


@pytest.mark.parametrize("name", ["", "x" * 51, "TAKEN", "a\x07b"])
def test_new_refuses_bad_names_and_keeps_them(editor, name):
    make_workflow("Taken")
    response = editor.post(NEW, {"name": name, "scope": "workspace", "start": "order_sync"})
    assert response.status_code == 422
    assert 'id="id_name_error"' in text_of(response)
    assert 'value="order_sync" ' in text_of(response)
    assert Workflow.objects.count() == 1


def test_new_offers_and_takes_only_scopes_where_the_person_may(db):
    workspace()
    hub, other = make_scope("hub:north"), make_scope("hub:south")
    client = client_of(make_user("editor", scope=hub))
    shown = text_of(client.get(NEW))
    assert (f'value="{hub.ref}"' in shown, f'value="{other.ref}"' in shown) == (True, False)
    assert client.post(NEW, {"name": "x", "scope": other.ref, "start": ""}).status_code == 422
    assert Workflow.objects.count() == 0


def test_new_and_import_need_an_editor(operator):
    for address in (NEW, IMPORT):
        for response in (operator.get(address), operator.post(address, {"name": "x", "text": "{}"})):
            assert (response.status_code, "role Editor" in text_of(response)) == (403, True)


def test_import_previews_and_writes_nothing_before_it_is_confirmed(editor):
    text = json.dumps(document())
    response = editor.post(IMPORT, {"text": text})
    shown = text_of(response)
    assert (response.status_code, "1 Draft would be created" in shown) == (200, True)
    assert "2 triggers, 1 step" in shown
    assert Workflow.objects.count() == 0
    form = {"text": text, "confirm": "1", "idempotency_key": hidden(response, "idempotency_key")}
    first = editor.post(IMPORT, form)
    made = Workflow.objects.get()
    assert first.url == f"/automations/workflows/{made.pk}/"
    assert (made.name, made.status) == ("Leads", "draft")
    assert words(kind="workflow") == ["Workflow created", "Version created"]


def test_import_takes_a_file_and_carries_its_text_on(editor):
    given = SimpleUploadedFile("leads.yaml", b"\xef\xbb\xbfformat: signalbox/1\r\nname: Leads\r\n")
    shown = text_of(editor.post(IMPORT, {"file": given}))
    assert (
        '<textarea name="text" hidden aria-hidden="true">\nformat: signalbox/1\nname: Leads\n</textarea>'
        in shown
    )


def test_import_of_several_is_all_or_nothing(editor):
    good, twin = document("One"), document("Two")
    text = json.dumps({"format": "signalbox/1", "workflows": [good, twin]})
    assert "2 Drafts would be created" in text_of(editor.post(IMPORT, {"text": text}))
    assert editor.post(IMPORT, {"text": text, "confirm": "1"}).url == "/automations/workflows/"
    assert Workflow.objects.count() == 2
    again = editor.post(IMPORT, {"text": text, "confirm": "1"})
    assert again.status_code == 422
    for place in ("workflows.0.name", "workflows.1.name"):
        assert place in text_of(again)
    assert Workflow.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Choose a file, or paste its text."),
        ('{\n"format": oops}', "Line 2"),
        (json.dumps(document(nonsense=1), indent=1), "nonsense"),
        (json.dumps(document(scope="hub:nowhere")), "There is no scope “hub:nowhere”."),
        (json.dumps(document("x" * 51)), "51 characters"),
        (
            json.dumps({"format": "signalbox/1", "workflows": [document("One"), document("one")]}),
            "workflows.1.name",
        ),
        (json.dumps(document("Taken")), "Another workflow in Workspace is named “Taken”."),
    ],
)
@pytest.mark.parametrize("confirm", [{}, {"confirm": "1"}])
def test_import_shows_all_findings_and_keeps_the_text(editor, text, said, confirm):
    make_workflow("Taken")
    response = editor.post(IMPORT, {"text": text, **confirm})
    assert response.status_code == 422
    assert said in text_of(response)
    assert shown_text(response) == text
    assert Workflow.objects.count() == 1


def test_import_treats_scopes_outside_ones_own_as_unknown(db):
    workspace()
    hub, other = make_scope("hub:north"), make_scope("hub:south")
    client = client_of(make_user("editor", scope=hub))
    for scope in (other.ref, "workspace"):
        response = client.post(IMPORT, {"text": json.dumps(document(scope=scope))})
        assert (response.status_code, "There is no scope" in text_of(response)) == (422, True)
    assert (
        client.post(IMPORT, {"text": json.dumps(document(scope=hub.ref)), "confirm": "1"}).status_code == 302
    )


def test_import_refuses_what_is_no_text(editor):
    response = editor.post(IMPORT, {"file": SimpleUploadedFile("x.bin", b"\xff\xfe\x00")})
    assert (response.status_code, "The file is not UTF-8 text." in text_of(response)) == (422, True)


def test_import_into_makes_a_draft_and_shows_what_it_changes(editor):
    workflow = make_workflow("Leads")
    greet = {"id": "greet", "kind": "set", "values": {"text": "Good day"}}
    text = json.dumps(document("Other", steps=[greet]))
    form = {"text": text, "into": workflow.pk}
    shown = text_of(editor.post(IMPORT, form))
    assert '<td class="removed">Hello</td><td class="added">Good day</td>' in shown
    assert "“name” belongs to the workflow and is ignored here." in shown
    assert words(kind="workflow") == []
    assert editor.post(IMPORT, {**form, "confirm": "1"}).url == f"/automations/workflows/{workflow.pk}/edit/"
    workflow.refresh_from_db()
    assert (workflow.name, workflow.draft.number) == ("Leads", 2)
    assert words(kind="workflow") == ["Version created"]


def test_import_into_replaces_a_draft_only_if_told(editor):
    workflow = make_workflow("Leads")
    workflow.draft = make_version(workflow, state="draft")
    workflow.save()
    form = {"text": json.dumps(document(steps=[])), "into": workflow.pk}
    assert "Replace the draft, version 2" in text_of(editor.get(IMPORT, {"into": workflow.pk}))
    refused = editor.post(IMPORT, {**form, "confirm": "1"})
    assert (refused.status_code, "There is a draft already." in text_of(refused)) == (422, True)
    shown = text_of(editor.post(IMPORT, {**form, "replace_draft": "on"}))
    assert '<input type="hidden" name="replace_draft" value="on">' in shown
    editor.post(IMPORT, {**form, "replace_draft": "on", "confirm": "1"})
    workflow.draft.refresh_from_db()
    assert json.loads(workflow.draft.definition)["steps"] == []


def test_import_into_foreign_missing_or_archived(editor, db):
    stranger = client_of(make_user("editor", scope=make_scope("hub:other")))
    workflow, archived = make_workflow(), make_workflow(status="archived")
    assert stranger.get(IMPORT, {"into": workflow.pk}).status_code == 404
    assert editor.get(IMPORT, {"into": "x"}).status_code == 404
    form = {"text": json.dumps(document()), "into": archived.pk, "confirm": "1"}
    response = editor.post(IMPORT, form)
    assert (response.status_code, "Unarchive it first" in text_of(response)) == (409, True)


def test_hostile_files_are_shown_as_text(editor):
    text = json.dumps(document("<script>x</script>"))
    assert "<script>x" not in text_of(editor.post(IMPORT, {"text": text}))
    broken = "</textarea><script>x</script>"
    assert "<script>x" not in text_of(editor.post(IMPORT, {"text": broken}))
