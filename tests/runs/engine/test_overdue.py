"""Beyond its expected time: one notice, by whichever way it stays paused; closed with the pause."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs.engine import resuming
from tests.factories import DEFINITION, make_connection, make_workflow
from workflows.models import Connection, Notice, NoticeKind, Workflow
from workflows.services import status
from workflows.services.pausing import change_pause

pytestmark = pytest.mark.django_db


def paused_beyond(**changes: Any) -> Workflow:
    steps = changes.pop("steps", DEFINITION["steps"])
    definition = {**DEFINITION, "steps": steps, "settings": {"notify": ["ops@example.test"]}}
    moment = timezone.now() - timedelta(minutes=1)
    return make_workflow(
        definition=definition,
        status="paused",
        paused_at=moment - timedelta(hours=1),
        resume_expected_at=moment,
        **changes,
    )


def told() -> list[Notice]:
    return list(Notice.objects.filter(kind=NoticeKind.OVERDUE).order_by("pk"))


def test_an_expected_time_that_passes_is_told_once() -> None:
    workflow = paused_beyond()
    assert [resuming.tell_overdue() for _turn in range(3)] == [1, 0, 0]
    [notice] = told()
    assert notice.title == f"{workflow.name} is overdue"
    assert notice.deliveries.get().recipient == "ops@example.test"
    assert Workflow.objects.get(pk=workflow.pk).is_overdue


def test_failed_checks_leave_it_paused_overdue_and_told_once(settings: Any) -> None:
    steps = [{"id": "call", "kind": "http_request", "connection": "crm", "path": "/"}]
    make_connection("crm", base_url="http://127.0.0.1:9/", health=Connection.Health.FAILING)
    workflow = paused_beyond(steps=steps, auto_resume=True)
    assert resuming.tell_overdue() == 0
    for _turn in range(2):
        assert resuming.resume_due() == 0
        assert resuming.tell_overdue() == 0
    [notice] = told()
    assert "It was to resume by itself, but: Connection crm does not answer" in notice.text
    standing = Workflow.objects.get(pk=workflow.pk)
    assert (standing.status, standing.is_overdue) == ("paused", True)


def test_another_time_ends_the_incident_and_the_next_one_is_told_anew() -> None:
    workflow = paused_beyond()
    resuming.tell_overdue()
    change_pause(workflow.pk, until=timezone.now() + timedelta(hours=1))
    assert resuming.tell_overdue() == 0
    assert told()[0].closed_at is not None
    changed = Workflow.objects.get(pk=workflow.pk)
    changed.resume_expected_at = timezone.now() - timedelta(seconds=1)
    changed.save()
    assert resuming.tell_overdue() == 1
    assert len(told()) == 2


def test_resuming_ends_it() -> None:
    workflow = paused_beyond()
    resuming.tell_overdue()
    status.resume(workflow.pk)
    assert told()[0].closed_at is not None
    assert resuming.tell_overdue() == 0


def test_what_is_not_yet_due_or_resumes_by_itself_is_not_told() -> None:
    make_workflow(status="paused", resume_expected_at=timezone.now() + timedelta(minutes=1))
    make_workflow(status="paused")
    paused_beyond(auto_resume=True)
    assert resuming.tell_overdue() == 0
