"""The clock is set forward or back: nothing starts twice, nothing waits for a false future."""

import logging
from datetime import timedelta

import pytest

from config.clock import ClockWatch, stamp
from runs.engine import clock_steps, sweeper
from runs.engine.clock_steps import Steps, correct_future
from runs.models import Release, Run
from tests.factories import make_run
from tests.runs.engine.clocks import Clock
from tests.runs.engine.driving import workflow_of

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

STEP = {"id": "a", "kind": "set", "values": {"x": 1}}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs for which the sweeper would ring."""
    found: list[str] = []
    monkeypatch.setattr(
        sweeper, "_ring", lambda runs, oldest: found.extend(str(run.pk) for run in runs) or len(found)
    )
    monkeypatch.setattr(sweeper, "_steps", Steps(ClockWatch()))
    return found


@pytest.mark.parametrize("step", [HOUR, DAY, -HOUR, -DAY])
def test_watch_tells_by_how_much_the_clock_was_set(clock: Clock, step: timedelta) -> None:
    watch = ClockWatch()
    assert watch.step(stamp()) == timedelta(0)
    clock.set(step)
    assert abs(watch.step(stamp()) - step) < timedelta(seconds=1)
    assert abs(watch.step(stamp())) < timedelta(seconds=1)


@pytest.mark.parametrize("step", [HOUR, DAY])
def test_step_forward_takes_no_live_worker_for_dead(
    clock: Clock, rung: list[str], step: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    run = make_run(workflow_of(STEP), status="running", lease_until=stamp() + timedelta(seconds=20))
    assert sweeper.take_over() == 0
    clock.set(step)

    with caplog.at_level(logging.WARNING):
        assert sweeper.take_over() == 0

    assert f"The clock was set by +{step.total_seconds():.0f} s." in caplog.text
    assert rung == []
    assert Run.objects.get(pk=run.pk).status == "running"


def test_worker_that_is_dead_is_found_once_the_others_renewed(
    clock: Clock, rung: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = make_run(workflow_of(STEP), status="running", lease_until=stamp() + timedelta(seconds=20))
    sweeper.take_over()
    clock.set(HOUR)
    sweeper.take_over()
    later = clock_steps.time.monotonic() + 31
    monkeypatch.setattr(clock_steps.time, "monotonic", lambda: later)

    sweeper.take_over()

    assert rung == [str(dead.pk)]


@pytest.mark.parametrize("step", [HOUR, DAY])
def test_step_back_brings_everything_back_that_waited_for_a_false_future(
    clock: Clock, step: timedelta
) -> None:
    workflow = workflow_of(STEP)
    clock.set(step)
    pending = make_run(workflow, due_at=stamp(), rung_at=stamp())
    running = make_run(workflow, status="running", lease_until=stamp() + timedelta(seconds=30))
    waiting = make_run(workflow, status="waiting", due_at=stamp() + HOUR)
    release = Release.objects.create(workflow=workflow, pace=60, total=1, started_at=stamp(), next_at=stamp())
    steps = Steps(ClockWatch())
    steps.settled(stamp())
    clock.set(-step)

    steps.settled(stamp())

    now, soon = stamp(), stamp() + timedelta(seconds=31)
    assert (fresh(pending).due_at <= now, fresh(pending).rung_at) == (True, None)
    assert now < fresh(running).lease_until <= soon
    assert Release.objects.get(pk=release.pk).next_at <= now
    # What was meant by a delay nobody knows.
    assert fresh(waiting).due_at == waiting.due_at
    assert correct_future() == 0


def test_what_lies_in_a_true_future_stays() -> None:
    workflow, now = workflow_of(STEP), stamp()
    make_run(workflow, due_at=now + timedelta(seconds=60))
    make_run(workflow, status="running", lease_until=now + timedelta(seconds=30), rung_at=now)
    Release.objects.create(
        workflow=workflow, pace=1, total=1, started_at=now, next_at=now + timedelta(minutes=1)
    )

    assert correct_future() == 0


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)
