"""Quick look."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_connection, make_run, make_scope, make_user, make_version, make_workflow
from tests.runs.views.pages import HTMX, client_of, text_of
from workflows import services

DEFINITION = {
    "format": "signalbox/1",
    "triggers": [{"id": "nightly", "kind": "schedule", "cron": "30 2 * * *", "timezone": "UTC"}],
    "steps": [{"id": "a", "kind": "http_request", "connection": "crm", "path": "/"}],
}


def address(workflow):
    return f"/automations/workflows/{workflow.pk}/overview/"


def full_workflow():
    make_connection("crm", health="failing")
    workflow = make_workflow("Leads", definition=DEFINITION, description="Greets people")
    workflow.draft = make_version(workflow, state="draft", definition={**DEFINITION, "steps": []})
    workflow.save()
    ended = timezone.now() - timedelta(days=2)
    for _ in range(6):
        make_run(workflow, status="success", started_at=ended, ended_at=ended)
    services.pause(workflow.pk, reason="CRM outage")
    return workflow


def test_quick_look_shows_what_stands_and_what_comes(manager):
    page = text_of(manager.get(address(full_workflow()), headers=HTMX))
    assert '<h2 id="dialog-title">Quick look</h2>' in page
    assert page.count('data-status="success"') == 5
    assert "6 of 6" in page
    assert page.count("nightly</span>") == 5
    assert "Version 1 is published" in page
    assert "Version 2 is a draft, by —: 1 part differs" in page
    assert "Degraded" in page
    assert "<b>Workflow paused</b>" in page
    assert ">Resume</a>" in page


def test_quick_look_opens_cold_as_a_page(manager):
    page = text_of(manager.get(address(full_workflow())))
    assert page.count("<h1") == 1
    assert page.count("<main") == 1


def test_quick_look_asks_a_constant_number_of_queries(manager):
    small, large = make_workflow(status="draft"), full_workflow()
    counts = []
    for workflow in (small, large):
        with CaptureQueriesContext(connection) as caught:
            manager.get(address(workflow), headers=HTMX)
        counts.append(len(caught))
    assert max(counts) <= 14


def test_readers_look_without_an_action_and_strangers_see_nothing(viewer):
    workflow = make_workflow("Leads")
    assert "overview-action" not in text_of(viewer.get(address(workflow), headers=HTMX))
    stranger = client_of(make_user("manager", scope=make_scope("hub:sydney")))
    assert stranger.get(address(workflow)).status_code == 404
