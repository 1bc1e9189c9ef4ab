"""Limits of runs at once hold for what comes back from a hold or a decision too."""

from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from runs import services as run_services
from runs.engine import doorbell, executor, release, sweeper
from runs.models import Run
from tests.runs.engine.driving import accept, advance, lose_worker, make_due, sink, workflow_of
from workflows import services

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

NAP = {"id": "nap", "kind": "delay", "for": "PT5M"}
DONE = {"id": "done", "kind": "set", "values": {"x": 1}}


def busy() -> int:
    return Run.objects.filter(status__in=("running", "waiting"), reason="delay").count()


def test_released_run_waits_for_a_free_slot() -> None:
    workflow = workflow_of(NAP, DONE, max_running=1)
    held = advance(accept(workflow))
    services.pause(workflow.pk, reason="CRM outage", in_flight="hold")
    services.resume(workflow.pk, held="keep")
    other = advance(accept(workflow))
    assert (Run.objects.get(pk=held.pk).status, other.status) == ("held", "waiting")

    run_services.release(held.pk)
    make_due(held)

    assert not executor.advance(str(held.pk))
    assert busy() == 1
    assert advance(make_due(other)).status == "success"
    assert advance(held).status == "success"


def test_end_of_a_run_rings_for_the_released_one_that_lacks_a_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = workflow_of(NAP, DONE, max_running=1)
    held = advance(accept(workflow))
    services.pause(workflow.pk, reason="CRM outage", in_flight="hold")
    services.resume(workflow.pk, held="keep")
    other = advance(accept(workflow))
    run_services.release(held.pk)
    make_due(held)
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)

    advance(make_due(other))

    assert rung == [str(held.pk)]


def test_two_released_runs_do_not_block_each_other() -> None:
    workflow = workflow_of(NAP, DONE, max_running=2)
    runs = [advance(accept(workflow)) for _ in range(2)]
    services.pause(workflow.pk, reason="CRM outage", in_flight="hold")
    services.resume(workflow.pk)
    for run in runs:
        run_services.release(run.pk)
        make_due(run)

    assert [advance(run).status for run in runs] == ["success", "success"]


def test_decided_run_waits_for_a_free_slot_and_one_that_asks_gives_it_up() -> None:
    with sink() as target:
        call = {"id": "call", "kind": "http_request", "method": "POST", "url": target.url}
        workflow = workflow_of(call, NAP, max_running=1)
        asking = accept(workflow)
        with mock.patch("runs.engine.performing.send", side_effect=SystemExit), pytest.raises(SystemExit):
            executor.advance(str(asking.pk))
        assert advance(lose_worker(asking)).status == "needs_decision"
        other = advance(accept(workflow))
        assert other.status == "waiting"

        run_services.decide(asking.pk, "done")
        assert not executor.advance(str(asking.pk))
        run_services.cancel(other.pk)

        assert advance(asking).status == "waiting"


def test_release_after_an_outage_of_the_schedulers_is_no_herd() -> None:
    workflow = workflow_of(DONE, release_per_minute=60)
    services.pause(workflow.pk, reason="CRM outage")
    for _ in range(20):
        accept(workflow)
    services.resume(workflow.pk)
    release.tick()
    hour_ago = timezone.now() - timedelta(hours=1)
    workflow.releases.update(next_at=hour_ago, started_at=hour_ago)

    assert 5 <= release.tick() <= 6
    assert release.tick() == 0


def test_released_trigger_no_longer_expires_and_one_kept_back_does() -> None:
    workflow = workflow_of(DONE, release_per_minute=1)
    services.pause(workflow.pk, reason="CRM outage")
    runs = [accept(workflow) for _ in range(2)]
    services.resume(workflow.pk)
    Run.objects.update(held_until=timezone.now() - timedelta(seconds=1))

    assert sweeper.expire_held() == 0
    release.stop(workflow.pk)

    assert sweeper.expire_held() == 2
    assert {Run.objects.get(pk=run.pk).reason for run in runs} == {"expired"}


def test_expiry_leaves_a_run_that_was_released_meanwhile() -> None:
    workflow = workflow_of(DONE)
    services.pause(workflow.pk, reason="CRM outage")
    run = accept(workflow)
    Run.objects.filter(pk=run.pk).update(held_until=timezone.now() - timedelta(seconds=1))

    def released_meanwhile(items: object, work: object) -> int:
        late = list(items)  # type: ignore[call-overload]
        services.resume(workflow.pk)
        release.tick()
        return sum(work(item) for item in late)  # type: ignore[operator]

    with mock.patch.object(sweeper, "one_by_one", released_meanwhile):
        assert sweeper.expire_held() == 0

    assert advance(run).status == "success"


def test_run_that_lacks_a_slot_is_turned_away_without_the_workflow_s_lock() -> None:
    workflow = workflow_of(NAP, max_running=1)
    napping, waiting = advance(accept(workflow)), accept(workflow)
    with mock.patch("runs.engine.claim.locked_gate") as lock:
        assert not executor.advance(str(waiting.pk))
    assert lock.call_count == 0

    run_services.cancel(napping.pk)

    assert advance(waiting).status == "waiting"


def test_what_lacks_a_slot_is_held_all_the_same_where_its_workflow_was_paused_meanwhile() -> None:
    workflow = workflow_of(NAP, max_running=1)
    advance(accept(workflow))
    stray = accept(workflow)
    services.pause(workflow.pk, reason="CRM outage")
    Run.objects.filter(pk=stray.pk).update(status="pending", due_at=timezone.now(), held_until=None)

    assert advance(stray).status == "held"
