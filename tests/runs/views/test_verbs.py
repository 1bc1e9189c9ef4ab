"""What holds for every verb's dialog: who may, where it starts, fragments and pages, bad input, repetition."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from audit.models import AuditEvent
from runs.views.verbs import DIALOGS
from tests.factories import make_scope, make_user, make_version, make_workflow
from tests.runs.views.pages import HTMX, buttons, client_of, events, hidden, notice, text_of
from workflows.lifecycle import TRANSITIONS, Status
from workflows.models import Workflow

REASON = {"reason": "planned work"}
# verb: from which status, what is sent, and the word on the button.
VERBS = {
    "run": ("not_running", {"accept_warnings": "on"}, "Yes, start it"),
    "pause": ("active", {**REASON, "in_flight": "finish", "triggers": "hold"}, "Pause"),
    "change-pause": ("paused", REASON, "Change pause"),
    "resume": ("paused", {}, "Resume"),
    "stop": ("active", REASON, "Stop"),
    "widen": ("active", {"to": "all"}, "Widen"),
    "archive": ("not_running", {}, "Archive"),
    "unarchive": ("archived", {}, "Unarchive"),
    "clone": ("active", {"name": "Twin"}, "Clone"),
    "rename": ("active", {"name": "Other"}, "Rename"),
    "delete": ("archived", {"confirm": "Leads"}, "Delete"),
    "publish": ("active", {"accept_warnings": "on"}, "Publish"),
    "discard-draft": ("active", {}, "Discard draft"),
    "roll-back": ("active", {"to": "1", "publish": "", "replace_draft": "on"}, "Roll back"),
    "describe": ("active", {"description": "New words"}, "Save"),
    "move": ("active", {}, "Move"),
    "trigger": ("active", {"payload": "{}"}, "Trigger one run"),
    "test": ("active", {"payload": "{}"}, "Test"),
}
ANSWERED_BY_A_PAGE = ("trigger", "test")
BEGIN = {"format": "signalbox/1", "triggers": [{"id": "by_hand", "kind": "manual"}], "steps": []}
STEPS = [{"id": "greet", "kind": "set", "values": {"text": "Hello"}}]
MORE = [*STEPS, {"id": "bow", "kind": "set", "values": {"text": "Goodbye"}}]


def prepared(verb, **changes):
    """A workflow named Leads on which the verb is possible, with an older version and a draft where needed."""
    status = VERBS[verb][0]
    changes = {"launch": "first 5", **changes} if verb == "widen" else changes
    workflow = make_workflow("Leads", status=status, definition={**BEGIN, "steps": STEPS}, **changes)
    if verb in ("publish", "discard-draft", "roll-back"):
        workflow.published.state = "superseded"
        workflow.published.save()
        workflow.published = make_version(
            workflow, definition={**BEGIN, "steps": [*STEPS, {**STEPS[0], "id": "b"}]}
        )
        workflow.draft = make_version(workflow, state="draft", definition={**BEGIN, "steps": MORE})
        workflow.save()
    return workflow


def sent(verb, workflow, **changes):
    """What the form sends."""
    scope = {
        "clone": {"scope": workflow.scope_id},
        "move": {"scope": make_scope().pk if verb == "move" else ""},
    }
    return {**VERBS[verb][1], **scope.get(verb, {}), "revision": workflow.revision, **changes}


def address(workflow, verb):
    return f"/automations/workflows/{workflow.pk}/{verb}/"


def trail():
    return AuditEvent.objects.count()


def test_every_verb_of_the_table_has_a_dialog_and_a_test():
    assert set(DIALOGS) == set(TRANSITIONS)
    assert set(VERBS) == set(TRANSITIONS)


def test_other_words_are_no_verbs():
    with pytest.raises(NoReverseMatch):
        reverse("workflow_verb", args=[1, "explode"])


@pytest.mark.parametrize("verb", VERBS)
def test_reader_is_refused_and_told_what_is_missing(viewer, verb):
    workflow, before = prepared(verb), trail()
    question = viewer.get(address(workflow, verb))
    act = viewer.post(address(workflow, verb), sent(verb, workflow))
    assert (question.status_code, act.status_code) == (403, 403)
    assert f"needs the role {TRANSITIONS[verb].role.label} in Workspace" in text_of(question)
    assert Workflow.objects.get().revision == workflow.revision
    assert trail() == before


@pytest.mark.parametrize("verb", VERBS)
def test_foreign_and_missing_workflows_answer_alike(db, verb):
    workflow = prepared(verb)
    client = client_of(make_user("manager", scope=make_scope("hub:sydney")))
    foreign = client.get(address(workflow, verb), headers=HTMX)
    missing = client.get(address(workflow, verb).replace(str(workflow.pk), "999999"), headers=HTMX)
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.content == missing.content
    assert client.post(address(workflow, verb), sent(verb, workflow)).status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_get_asks_and_changes_nothing(manager, verb):
    workflow, before = prepared(verb), trail()
    fragment = manager.get(address(workflow, verb), headers=HTMX)
    page = manager.get(address(workflow, verb))
    assert (fragment.status_code, page.status_code) == (200, 200)
    assert buttons(fragment) == buttons(page) == [VERBS[verb][2]]
    assert f'<h2 id="dialog-title">{DIALOGS[verb].title}</h2>' in text_of(fragment)
    assert '<p class="subject">Leads</p>' in text_of(fragment)
    assert text_of(page).count("<h1") == 1
    assert hidden(page, "revision") == str(workflow.revision)
    assert trail() == before


@pytest.mark.parametrize("verb", VERBS)
def test_question_asks_few_queries(manager, verb):
    workflow = prepared(verb)
    with CaptureQueriesContext(connection) as caught:
        manager.get(address(workflow, verb), headers=HTMX)
    assert len(caught) <= 14


@pytest.mark.parametrize("verb", VERBS)
def test_post_does_it_for_htmx(manager, verb):
    workflow, before = prepared(verb), trail()
    response = manager.post(address(workflow, verb), sent(verb, workflow), headers=HTMX)
    if verb in ANSWERED_BY_A_PAGE:
        assert response.headers["HX-Redirect"].startswith("/automations/runs/")
    else:
        assert response.status_code == 204
        assert list(events(response))[:2] == ["modal-close", "workflow-changed"]
        assert notice(response)
    assert trail() > before


@pytest.mark.parametrize("verb", VERBS)
def test_post_does_it_without_script(manager, verb):
    workflow, before = prepared(verb), trail()
    response = manager.post(address(workflow, verb), sent(verb, workflow))
    assert response.status_code == 302
    wanted = {"delete": "/automations/workflows/"}.get(verb, f"/automations/workflows/{workflow.pk}/")
    if verb in ANSWERED_BY_A_PAGE:
        wanted = "/automations/runs/"
    assert response.url.startswith(wanted)
    assert trail() > before


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "delete"])
def test_second_post_of_the_same_form_is_harmless(manager, verb):
    workflow = prepared(verb)
    form = sent(verb, workflow, idempotency_key="the-same-key")
    first = manager.post(address(workflow, verb), form, headers=HTMX)
    after, count = trail(), Workflow.objects.count()
    second = manager.post(address(workflow, verb), form, headers=HTMX)
    assert first.status_code == second.status_code
    assert first.headers.get("HX-Redirect") == second.headers.get("HX-Redirect")
    assert trail() == after
    assert Workflow.objects.count() == count


def test_second_delete_finds_nothing(manager):
    workflow = prepared("delete")
    form = sent("delete", workflow)
    assert manager.post(address(workflow, "delete"), form, headers=HTMX).status_code == 204
    after = trail()
    second = manager.post(address(workflow, "delete"), form, headers=HTMX)
    assert second.status_code == 404
    assert "gone" in events(second)
    assert trail() == after


STALE = [verb for verb in VERBS if verb not in ("trigger", "test")]


@pytest.mark.parametrize("verb", STALE)
def test_stale_page_is_refused_with_what_changed_and_a_fresh_revision(manager, verb):
    workflow = prepared(verb)
    form = sent(verb, workflow)
    workflow.revision += 1
    workflow.save()
    before = trail()
    response = manager.post(address(workflow, verb), form, headers=HTMX)
    assert response.status_code == 409
    assert "The workflow changed since you looked" in text_of(response)
    assert hidden(response, "revision") == str(workflow.revision)
    assert trail() == before
    again = sent(
        verb,
        workflow,
        revision=hidden(response, "revision"),
        **({"scope": form["scope"]} if "scope" in form else {}),
    )
    assert manager.post(address(workflow, verb), again, headers=HTMX).status_code == 204


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("verb", VERBS)
def test_verb_from_another_status_is_refused_or_has_nothing_to_do(manager, verb, status):
    transition = TRANSITIONS[verb]
    if status in transition.sources or (verb == "archive" and status in ("active", "paused")):
        return
    workflow = make_workflow("Leads", status=status)
    before = trail()
    question = manager.get(address(workflow, verb), headers=HTMX)
    act = manager.post(address(workflow, verb), sent(verb, workflow), headers=HTMX)
    expected = (200, 204) if status in transition.settled else (409, 409)
    assert (question.status_code, act.status_code) == expected
    assert buttons(question) == []
    assert Workflow.objects.get().status == status
    assert trail() == before
    if status in transition.settled:
        assert "Nothing to do" in notice(act)
    else:
        assert "is not possible while the workflow is" in text_of(act)


REQUIRED = {
    "pause": "reason",
    "change-pause": "reason",
    "stop": "reason",
    "clone": "name",
    "rename": "name",
    "delete": "confirm",
    "move": "scope",
}


@pytest.mark.parametrize(("verb", "field"), REQUIRED.items())
def test_bad_form_is_422_with_a_summary_that_leads_to_the_field(manager, verb, field):
    workflow, before = prepared(verb), trail()
    response = manager.post(address(workflow, verb), sent(verb, workflow, **{field: ""}), headers=HTMX)
    page = text_of(response)
    assert response.status_code == 422
    assert 'id="error-summary"' in page
    assert f'href="#id_{field}"' in page
    assert trail() == before


def test_value_that_a_service_refuses_is_kept_and_explained_beside_its_field(manager):
    workflow = prepared("rename")
    name = "x" * 51
    response = manager.post(address(workflow, "rename"), sent("rename", workflow, name=name), headers=HTMX)
    page = text_of(response)
    assert response.status_code == 422
    assert "The name has 51 characters; 50 are possible." in page
    assert f'value="{name}"' in page
    assert 'aria-invalid="true"' in page


def test_only_get_and_post(manager):
    assert manager.delete(address(prepared("pause"), "pause")).status_code == 405


def test_form_without_token_is_refused(db):
    user = make_user("manager")
    client = client_of(user)
    client.handler.enforce_csrf_checks = True
    workflow = prepared("pause")
    response = client.post(address(workflow, "pause"), sent("pause", workflow))
    assert response.status_code == 403
    assert Workflow.objects.get().status == "active"
