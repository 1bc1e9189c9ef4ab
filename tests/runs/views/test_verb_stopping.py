"""Stop, and Archive where it stops first."""

from django.utils import timezone

from audit.models import AuditEvent
from runs.models import Run
from tests.factories import make_run, make_workflow
from tests.runs.views.pages import HTMX, notice, text_of
from workflows.models import Workflow

REASON = {"reason": "no longer needed"}


def address(workflow, verb="stop"):
    return f"/automations/workflows/{workflow.pk}/{verb}/"


def busy_workflow(**changes):
    workflow, now = make_workflow("Leads", **changes), timezone.now()
    make_run(workflow)
    make_run(workflow, status="waiting", started_at=now, due_at=now)
    make_run(workflow, status="held", started_at=now)
    make_run(workflow, status="running", started_at=now)
    return workflow


def test_stop_shows_what_it_ends_and_recommends_pause(manager):
    workflow = busy_workflow()
    page = text_of(manager.get(address(workflow), headers=HTMX))
    assert "3 runs are cancelled." in page
    assert "410 Gone" in page
    assert f'href="{address(workflow, "pause")}"' in page
    assert "Pause instead" in page


def test_stop_from_paused_recommends_no_pause(manager):
    assert "Pause instead" not in text_of(manager.get(address(busy_workflow(status="paused")), headers=HTMX))


def test_stop_says_what_it_did(manager):
    workflow = busy_workflow()
    response = manager.post(address(workflow), REASON, headers=HTMX)
    assert notice(response) == "Leads is stopped. 3 runs were cancelled. 1 run ends after its present step."
    assert Run.objects.filter(status="cancelled").count() == 3
    assert (Workflow.objects.get().status, Workflow.objects.get().reason) == ("not_running", REASON["reason"])


def test_archive_afterwards_is_for_those_who_may(manager, operator):
    workflow = make_workflow("Leads")
    assert 'name="archive"' not in text_of(operator.get(address(workflow), headers=HTMX))
    assert 'name="archive"' in text_of(manager.get(address(workflow), headers=HTMX))
    operator.post(address(workflow), {**REASON, "archive": "on"}, headers=HTMX)
    assert Workflow.objects.get().status == "not_running"


def test_stop_and_archive_in_one_go(manager):
    workflow = make_workflow("Leads")
    response = manager.post(address(workflow), {**REASON, "archive": "on"}, headers=HTMX)
    assert notice(response) == "Leads is stopped and archived."
    words = list(AuditEvent.objects.order_by("id").values_list("event", flat=True))[-2:]
    assert words == ["Workflow stopped", "Workflow archived"]


def test_archive_of_a_running_workflow_offers_to_stop_it_first(manager):
    workflow = busy_workflow()
    page = text_of(manager.get(address(workflow, "archive"), headers=HTMX))
    assert "It is Active, so it is stopped first, and then archived." in page
    assert "3 runs are cancelled." in page
    refused = manager.post(address(workflow, "archive"), {}, headers=HTMX)
    assert (refused.status_code, Workflow.objects.get().status) == (422, "active")
    done = manager.post(address(workflow, "archive"), REASON, headers=HTMX)
    assert (done.status_code, Workflow.objects.get().status) == (204, "archived")


def test_archive_of_a_stopped_workflow_asks_no_reason(manager):
    workflow = make_workflow(status="not_running")
    assert 'name="reason"' not in text_of(manager.get(address(workflow, "archive"), headers=HTMX))


def test_archive_that_meets_a_running_workflow_asks_anew(manager):
    workflow = make_workflow("Leads", status="not_running")
    workflow.status = "active"
    workflow.save()
    response = manager.post(address(workflow, "archive"), {}, headers=HTMX)
    assert response.status_code == 422
    assert "stopped first" in text_of(response)
