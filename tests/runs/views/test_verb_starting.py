"""Run and Publish: the exact sentence, the check list, the tick, and what goes live."""

import pytest

from audit.models import AuditEvent
from tests.factories import make_run, make_user, make_version, make_workflow
from tests.runs.views.pages import HTMX, buttons, client_of, notice, text_of
from workflows.models import Workflow

INCOMPLETE = {
    "format": "signalbox/1",
    "triggers": [{"id": "by_hand", "kind": "manual"}],
    "steps": [{"id": "lead", "kind": "http_request", "connection": "nowhere", "path": "/leads"}],
}
QUIET = {
    "format": "signalbox/1",
    "triggers": [
        {"id": "hook", "kind": "webhook"},
        {"id": "nightly", "kind": "schedule", "cron": "30 2 * * *", "timezone": "UTC"},
    ],
    "steps": [{"id": "greet", "kind": "set", "values": {"text": "Hello"}}],
    "settings": {"notify": ["ops@example.com"], "minutes_saved_per_run": 1},
}


def address(workflow, verb="run"):
    return f"/automations/workflows/{workflow.pk}/{verb}/"


def quiet_workflow(**changes):
    """One whose checks find nothing."""
    workflow = make_workflow("Leads", definition=QUIET, **changes)
    version = workflow.draft or workflow.published
    version.tested_hash, version.test_outcome = version.content_hash, "success"
    version.save()
    return workflow


def test_run_asks_the_exact_sentence_with_a_draft(manager):
    workflow = make_workflow("Leads & more", status="draft")
    page = text_of(manager.get(address(workflow), headers=HTMX))
    assert (
        '<p class="sentence">Are you sure you want to start Leads &amp; more? The draft will be published and '
        "the workflow will begin running.</p>" in page
    )


def test_run_asks_the_exact_sentence_without_a_draft(manager):
    workflow = make_workflow("Leads", status="not_running")
    page = text_of(manager.get(address(workflow), headers=HTMX))
    assert '<p class="sentence">Are you sure you want to start Leads? It will begin running.</p>' in page


def test_errors_leave_no_button_but_lead_to_the_editor(manager):
    workflow = make_workflow(status="draft", definition=INCOMPLETE)
    response = manager.get(address(workflow), headers=HTMX)
    page = text_of(response)
    assert buttons(response) == []
    assert f'href="/automations/workflows/{workflow.pk}/edit/">Open editor</a>' in page
    assert f'href="/automations/workflows/{workflow.pk}/edit/?at=steps.0.connection"' in page
    assert page.index("There is no connection “nowhere”.") < page.index("The workflow was never tested.")
    assert "checks passed" in page


def test_errors_without_the_right_to_edit_have_no_editor_link(operator):
    page = text_of(operator.get(address(make_workflow(status="draft", definition=INCOMPLETE))))
    assert "Open editor" not in page
    assert "There is no connection “nowhere”." in page


def test_start_with_errors_is_refused_and_explained(manager):
    workflow = make_workflow(status="draft", definition=INCOMPLETE)
    response = manager.post(address(workflow), {"revision": workflow.revision}, headers=HTMX)
    assert response.status_code == 409
    assert "There is no connection “nowhere”." in text_of(response)
    assert Workflow.objects.get().status == "draft"


def test_warnings_need_a_tick(manager):
    workflow = make_workflow("Leads", status="draft")
    asked = text_of(manager.get(address(workflow), headers=HTMX))
    refused = manager.post(address(workflow), {"revision": workflow.revision}, headers=HTMX)
    assert "Accept these 4 warnings" in asked
    assert refused.status_code == 422
    assert "Tick this to go on in spite of the warnings." in text_of(refused)
    assert Workflow.objects.get().status == "draft"
    ticked = {"revision": workflow.revision, "accept_warnings": "on"}
    assert notice(manager.post(address(workflow), ticked, headers=HTMX)) == "Leads is Active."
    assert Workflow.objects.get().status == "active"


def test_a_clean_list_asks_no_tick(manager):
    workflow = quiet_workflow(status="not_running")
    page = text_of(manager.get(address(workflow), headers=HTMX))
    assert "accept_warnings" not in page
    assert "17 checks passed" in page
    assert manager.post(address(workflow), {}, headers=HTMX).status_code == 204


def test_start_of_a_draft_publishes_and_activates_in_one_act(manager):
    workflow = quiet_workflow(status="draft")
    manager.post(address(workflow), {"accept_warnings": "on", "revision": workflow.revision})
    words = list(AuditEvent.objects.order_by("id").values_list("event", flat=True))[-2:]
    assert words == ["Version published", "Workflow activated"]


def test_run_shows_the_triggers_that_go_live(manager):
    workflow = make_workflow(status="draft", definition=QUIET)
    page = text_of(manager.get(address(workflow), headers=HTMX))
    hook = workflow.triggers.get(trigger_id="hook")
    assert f"/hooks/{hook.address}" in page
    assert "every day at 02:30" in page
    assert page.index("going-live") < page.index("<time datetime")


def test_run_on_active_says_so_and_names_publish(manager):
    workflow = make_workflow("Leads")
    workflow.draft = make_version(workflow, state="draft")
    workflow.save()
    question = manager.get(address(workflow), headers=HTMX)
    act = manager.post(address(workflow), {}, headers=HTMX)
    assert (buttons(question), act.status_code) == ([], 204)
    assert "Nothing to do: already Active" in text_of(question)


def test_publish_shows_changes_and_who_keeps_the_old_version(manager):
    workflow = quiet_workflow()
    workflow.draft = make_version(
        workflow, state="draft", definition={**QUIET, "steps": [{**QUIET["steps"][0], "name": "Greet them"}]}
    )
    workflow.save()
    make_run(workflow, status="running")
    page = text_of(manager.get(address(workflow, "publish"), headers=HTMX))
    assert "Changes: 1 part differs" in page
    assert "One run in flight keeps version 1." in page
    assert '<td class="added">Greet them</td>' in page
    response = manager.post(address(workflow, "publish"), {"accept_warnings": "on"}, headers=HTMX)
    assert notice(response) == "Version 2 is published."


@pytest.mark.parametrize("verb", ["publish", "discard-draft"])
def test_without_a_draft_there_is_nothing_to_do(manager, verb):
    workflow = make_workflow()
    assert "Nothing to do: there is no draft." in text_of(manager.get(address(workflow, verb), headers=HTMX))
    response = manager.post(address(workflow, verb), {}, headers=HTMX)
    assert notice(response) == "Nothing to do: there is no draft."


def test_double_start_is_one_transition_and_one_event(db):
    workflow = make_workflow(status="not_running")
    tabs = [client_of(user) for user in [make_user("operator")] * 2]
    form = {"revision": workflow.revision, "accept_warnings": "on"}
    answers = [tab.post(address(workflow), form, headers=HTMX).status_code for tab in tabs]
    assert answers == [204, 204]
    assert AuditEvent.objects.filter(event="Workflow activated").count() == 1
