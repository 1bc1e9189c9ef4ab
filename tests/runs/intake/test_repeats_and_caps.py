"""Delivery ids that are known, and holds that are full."""

from datetime import timedelta
from typing import Any

import pytest

from runs.intake import Accepted, HoldFull, start
from runs.models import Run, RunStatus
from tests.factories import make_run
from tests.runs.intake.firings import NOW, occurrence, place
from tests.runs.intake.material import trigger_of
from workflows.models import Status, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


def test_delivery_id_gives_the_first_answer_again() -> None:
    workflow = place(Status.ACTIVE)
    trigger = trigger_of(workflow)
    first = start(trigger, workflow.pk, occurrence(delivery_id="d-1"))
    Workflow.objects.filter(pk=workflow.pk).update(last_run_at=NOW)
    Run.objects.filter(pk=first.run_id).update(status=RunStatus.SUCCESS)
    again = start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    other = start(trigger, workflow.pk, occurrence(delivery_id="d-2"))
    assert again == Accepted(first.run_id, "pending", duplicate=True)
    assert (other.duplicate, Run.objects.count()) == (False, 2)


def test_delivery_id_counts_per_trigger() -> None:
    workflow, other = place(Status.ACTIVE), place(Status.ACTIVE)
    start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    assert not start(trigger_of(other), other.pk, occurrence(delivery_id="d-1")).duplicate


def test_delivery_id_outlives_the_run() -> None:
    workflow = place(Status.ACTIVE)
    first = start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    Run.objects.all().delete()
    again = start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    assert (again.run_id, again.duplicate, Run.objects.count()) == (first.run_id, True, 0)


def test_delivery_to_a_stopped_workflow_is_answered_alike_afterwards() -> None:
    workflow = place(Status.NOT_RUNNING)
    first = start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    workflow.status, workflow.cause = Status.ACTIVE, ""
    workflow.save()
    again = start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    assert again == Accepted(first.run_id, "skipped", "not running", duplicate=True)


def test_hold_cap_refuses_webhooks_and_skips_events(settings: Any) -> None:
    settings.HOLD_LIMIT = 3
    workflow = place(Status.PAUSED, resume_expected_at=NOW + timedelta(minutes=5))
    for _ in range(3):
        assert start(None, workflow.pk, occurrence()).status == "held"
    with pytest.raises(HoldFull) as full:
        start(None, workflow.pk, occurrence())
    event = start(None, workflow.pk, occurrence("event"))
    assert full.value.retry_after == 300
    assert (event.status, event.reason) == ("skipped", "rate limit")
    assert Run.objects.filter(status="held").count() == 3


def test_hold_cap_counts_triggers_only_and_each_workflow_by_itself(settings: Any) -> None:
    settings.HOLD_LIMIT = 2
    full, free = place(Status.PAUSED), place(Status.PAUSED)
    make_run(full, status="held", started_at=NOW)
    make_run(full, status="held")
    make_run(full, status="skipped")
    assert start(None, full.pk, occurrence()).status == "held"
    assert start(None, free.pk, occurrence()).status == "held"
    with pytest.raises(HoldFull) as refused:
        start(None, full.pk, occurrence())
    assert refused.value.retry_after == 3600


def test_far_below_the_cap_nothing_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.intake.holding.lock", lambda pk: pytest.fail("locked"))
    assert start(None, place(Status.PAUSED).pk, occurrence()).status == "held"
