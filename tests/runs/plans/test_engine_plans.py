"""No statement of intake, engine and verbs goes through all runs, on the database that the tests run on."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from django.utils import timezone

from audit.context import SYSTEM, acting
from runs import actors
from runs.engine import batch, executor, lease, scheduler
from runs.models import Run, RunStatus
from runs.services import pruning
from tests.factories import make_run, make_workflow
from tests.runs.plans.explaining import planned, require_no_scan
from tests.runs.plans.world import World, accepted, full_world
from workflows import effects
from workflows.models import Workflow
from workflows.services import pausing, resuming, status

pytestmark = [pytest.mark.stack, pytest.mark.django_db]

_deliveries = count(1)


def take_a_delivery_twice(world: World) -> None:
    address = f"/hooks/{world.usual.triggers.get(trigger_id='hook').address}"
    headers = {"X-Delivery": f"delivery-{next(_deliveries)}"}
    for _ in range(2):
        answer = world.client.post(address, {"n": 1}, content_type="application/json", headers=headers)
        assert answer.status_code == 202


def hold_a_delivery(world: World) -> None:
    assert accepted(world.paused).status == RunStatus.HELD


def execute(name: str, world: World) -> None:
    run = accepted(getattr(world, name))
    actors.advance_run(str(run.pk))
    assert Run.objects.get(pk=run.pk).status == RunStatus.SUCCESS


def execute_what_waits(world: World) -> None:
    runs = [accepted(world.usual) for _ in range(3)]
    assert batch.advance_waiting() == len(runs)
    assert {Run.objects.get(pk=run.pk).status for run in runs} == {RunStatus.SUCCESS}


def queue_behind_a_schedule(world: World) -> None:
    first, second = (accepted(world.usual, trigger="nightly") for _ in range(2))
    for run in (second, first):
        actors.advance_run(str(run.pk))
    assert Run.objects.get(pk=second.pk).status == RunStatus.PENDING
    assert Run.objects.get(pk=first.pk).status == RunStatus.SUCCESS


def take_over(world: World) -> None:
    run = accepted(world.usual)
    past = timezone.now() - timedelta(minutes=5)
    running = {"status": "running", "due_at": None, "owner": lease.OWNER, "fence": 1, "started_at": past}
    Run.objects.filter(pk=run.pk).update(lease_until=past, **running)
    with lease.kept({str(run.pk): 1}):
        assert lease.renew() == 1
    Run.objects.filter(pk=run.pk).update(lease_until=past)
    executor.advance(str(run.pk))
    assert Run.objects.get(pk=run.pk).fence == 2


def do(duty: scheduler.Duty, world: World) -> None:
    """A duty of the scheduler, with something to do for those that deal with runs."""
    late = timezone.now() - timedelta(minutes=5)
    due = make_run(world.usual, due_at=late)
    make_run(world.usual, status="running", due_at=None, started_at=late, lease_until=late, owner="gone")
    make_run(world.paused, status="held", version=None, reason="paused", held_at=late, held_until=late)
    make_run(world.usual, status="held", version=None, reason="paused", held_at=late)
    drain(world.limited)
    duty.work()
    if duty.name == "ring due runs":
        assert Run.objects.get(pk=due.pk).rung_at is not None


def drain(flow: Workflow) -> None:
    """Pause it while a run executes, which then ends."""
    now = timezone.now()
    last = make_run(
        flow, status="running", due_at=None, started_at=now, lease_until=now + timedelta(minutes=1)
    )
    pausing.pause(flow.pk, reason="maintenance")
    Run.objects.filter(pk=last.pk).update(status="success", ended_at=now, lease_until=None)


def release_some(world: World) -> None:
    for _ in range(3):
        accepted(world.paused)
    resuming.resume(world.paused.pk, held="release", pace=60, accept_warnings=True)
    next(duty for duty in scheduler.prompt_duties() if duty.name == "release held runs").work()
    assert world.paused.runs.filter(status=RunStatus.PENDING).count() == 1


def pause(in_flight: str, world: World) -> None:
    accepted(world.usual)
    assert pausing.pause(world.usual.pk, reason="maintenance", in_flight=in_flight).changed


def resume(held: str, world: World) -> None:
    accepted(world.paused)
    resuming.resume_preview(world.paused.pk)
    assert resuming.resume(world.paused.pk, held=held, accept_warnings=True).changed


def stop(world: World) -> None:
    accepted(world.usual)
    assert effects.perform("counts", world.usual, {})["pending"] == 1
    assert status.stop(world.usual.pk, reason="enough").changed


def prune(world: World) -> None:
    assert pruning.prune(limit=1_000) > 0


CALLS: dict[str, Callable[[World], None]] = {
    "take a delivery twice": take_a_delivery_twice,
    "hold a delivery": hold_a_delivery,
    "execute": partial(execute, "usual"),
    "execute what waits": execute_what_waits,
    "execute under limits": partial(execute, "limited"),
    "queue behind a schedule": queue_behind_a_schedule,
    "take over": take_over,
    "release some": release_some,
    "stop": stop,
    "prune": prune,
    **{f"pause, {choice}": partial(pause, choice) for choice in ("finish", "hold", "cancel")},
    **{f"resume, {choice}": partial(resume, choice) for choice in ("release", "discard", "keep")},
    **{duty.name: partial(do, duty) for duty in scheduler.prompt_duties() + scheduler.long_duties()},
}


def test_no_call_goes_through_all_runs() -> None:
    world = full_world()
    with acting(SYSTEM, origin="system"):
        require_no_scan({name: partial(call, world) for name, call in CALLS.items()})


def test_walking_through_all_runs_is_seen() -> None:
    make_run(make_workflow())
    with planned() as found:
        assert not Run.objects.filter(error="none such").exists()
    assert [each.scans("runs_run") for each in found] == [True]


def test_statements_of_the_hot_path_are_seen() -> None:
    """However they are sent: a statement that passes by would not be explained above."""
    flow = make_workflow()
    with planned() as entering:
        run = accepted(flow)
    with planned() as executing:
        actors.advance_run(str(run.pk))
    accepted(flow)
    with planned() as in_batches:
        assert batch.advance_waiting() == 1
    assert any(re.search(r'INSERT INTO "?runs_run', each.sql) for each in entering)
    for found in (executing, in_batches):
        assert any(re.search(r'UPDATE "?runs_run', each.sql) for each in found)
