"""One claim for a run, limits that let runs wait their turn, and what pump and sweeper ring for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from runs import services
from runs.engine import doorbell, executor, lease, sweeper
from runs.models import Run
from tests.factories import make_run, make_workflow
from tests.runs.engine.driving import STEP, accept, advance, definition, lose_worker, workflow_of
from tests.runs.engine.driving import claimed as claim
from workflows.services.status import pause

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


def test_second_claim_of_a_run_gives_nothing() -> None:
    run = accept(workflow_of(STEP))

    assert claim(str(run.pk), "one") is not None
    assert claim(str(run.pk), "two") is None


@pytest.mark.parametrize("text", ["", "garbage", "00000000-0000-0000-0000-000000000000", "x" * 5000])
def test_message_that_names_no_run_does_nothing(text: str) -> None:
    assert executor.advance(text) is False


def test_lease_is_renewed_only_for_claims_that_still_hold() -> None:
    run = accept(workflow_of(STEP))
    claimed = claim(str(run.pk), lease.OWNER)
    before = Run.objects.get(pk=run.pk).lease_until
    with lease.kept({str(run.pk): claimed.fence}):
        assert lease.renew() == 1
    assert Run.objects.get(pk=run.pk).lease_until > before
    with lease.kept({str(run.pk): claimed.fence + 1}):
        assert lease.renew() == 0
    assert lease.renew() == 0


def test_limit_of_runs_at_once_leaves_the_others_pending() -> None:
    nap = {"id": "nap", "kind": "delay", "for": "PT5M"}
    workflow = workflow_of(nap, max_running=2)
    runs = [accept(workflow) for _ in range(4)]

    statuses = [advance(run).status for run in runs]

    assert statuses == ["waiting", "waiting", "pending", "pending"]
    services.cancel(runs[0].pk)
    assert [advance(run).status for run in runs[2:]] == ["waiting", "pending"]


def test_queued_schedule_runs_one_occurrence_after_the_other() -> None:
    every = {"id": "tick", "kind": "schedule", "cron": "* * * * *", "overlap": "queue"}
    nap = {"id": "nap", "kind": "delay", "for": "PT5M"}
    workflow = make_workflow(definition={**definition(nap), "triggers": [every]})
    first, second = (make_run(workflow, trigger_kind="schedule", trigger_id="tick") for _ in range(2))

    assert [advance(run).status for run in (second, first, second)] == ["pending", "waiting", "pending"]
    services.cancel(first.pk)
    assert advance(second).status == "waiting"


def test_starts_per_minute_put_the_next_start_off() -> None:
    workflow = make_workflow(definition=definition(STEP, starts_per_minute=2))
    first, second, third = (accept(workflow) for _ in range(3))
    advance(first), advance(second)

    third = advance(third)

    assert third.status == "pending"
    assert timedelta(seconds=50) < third.due_at - timezone.now() <= timedelta(seconds=60)


def test_pump_rings_what_nobody_was_rung_for_and_again_what_was_lost() -> None:
    run = accept(workflow_of(STEP, max_running=1))
    assert sweeper.ring_due() == 0, "whoever accepted it rang just now"
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now() - timedelta(seconds=2))
    assert sweeper.ring_due() == 1
    assert sweeper.ring_due() == 0
    Run.objects.filter(pk=run.pk).update(rung_at=timezone.now() - timedelta(minutes=1))
    assert sweeper.ring_due() == 1


def test_pump_wakes_for_instant_runs_and_rings_for_those_whose_gate_was_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    woken: list[bool] = []
    monkeypatch.setattr(doorbell, "wake", lambda: woken.append(True))
    workflow = workflow_of(STEP)
    run = accept(workflow)
    woken.clear()
    assert (sweeper.ring_due(), woken) == (0, []), "whoever accepted it woke just now"
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now() - timedelta(seconds=2))
    assert (sweeper.ring_due(), woken) == (0, [True])
    # Accepted while a pause was on its way: no batch takes it, so it is rung for and becomes Held.
    pause(workflow.pk, reason="Maintenance")
    late = {"status": "pending", "due_at": timezone.now() - timedelta(seconds=2), "held_until": None}
    Run.objects.filter(pk=run.pk).update(**late)
    assert sweeper.ring_due() == 1
    assert advance(run).status == "held"


def test_sweeper_rings_for_runs_of_dead_workers() -> None:
    run = accept(workflow_of(STEP))
    claim(str(run.pk), "somebody")
    assert sweeper.take_over() == 0
    lose_worker(run)
    assert sweeper.take_over() == 1


def test_held_trigger_expires_as_skipped() -> None:
    workflow = workflow_of(STEP, status="paused")
    run = accept(workflow)
    Run.objects.filter(pk=run.pk).update(held_until=timezone.now() - timedelta(seconds=1))

    assert sweeper.expire_held() == 1

    run.refresh_from_db()
    assert (run.status, run.reason) == ("skipped", "expired")
