"""Ringing waits for nobody, drops nothing silently for ever, and never feeds without bound."""

import threading
import time
from collections.abc import Callable

import pytest

from runs.engine import doorbell, ringer, sweeper
from runs.engine.ringer import Ringer
from runs.models import Run
from tests.runs.engine.driving import accept, lose_worker, workflow_of

STEP = {"id": "a", "kind": "set", "values": {"x": 1}}


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.005)
    return holds()


def test_ring_reaches_the_broker() -> None:
    sent: list[str] = []

    assert Ringer(sent.append, lambda: 0).ring("run")

    assert eventually(lambda: sent == ["run"])


def test_broker_that_hangs_holds_nobody_up_and_rings_beyond_the_bound_are_dropped() -> None:
    answers, asked = threading.Event(), threading.Event()

    def hang(run_id: str) -> None:
        asked.set()
        answers.wait(10)

    ringing = Ringer(hang, lambda: 0)
    assert ringing.ring("first")
    assert asked.wait(5)

    taken = [ringing.ring(str(n)) for n in range(ringer.MOST_WAITING + 5)]

    assert taken == [True] * ringer.MOST_WAITING + [False] * 5
    answers.set()


def test_broker_that_is_away_stops_the_feeding_until_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringer, "QUIET_AFTER_FAILURE", 0.05)
    monkeypatch.setattr(ringer, "LOOK_EVERY", 0.01)
    is_away = threading.Event()
    is_away.set()

    def waiting() -> int:
        if is_away.is_set():
            raise ConnectionError
        return 0

    sent: list[str] = []
    ringing = Ringer(sent.append, waiting)
    ringing.ring("first")
    assert eventually(lambda: ringing.is_full)

    is_away.clear()

    assert eventually(lambda: not ringing.is_full)
    ringing.ring("second")
    assert eventually(lambda: sent[-1] == "second")


def test_long_queue_at_the_broker_stops_the_feeding_until_it_is_shorter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ringer, "LOOK_EVERY", 0.01)
    lengths = [ringer.MOST_WAITING, ringer.MOST_WAITING, 3]
    ringing = Ringer(lambda run_id: None, lambda: lengths.pop(0) if len(lengths) > 1 else lengths[0])

    ringing.ring("run")

    assert eventually(lambda: ringing.is_full)
    assert eventually(lambda: not ringing.is_full)


@pytest.mark.django_db
def test_pump_stamps_nothing_while_nobody_could_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    run = accept(workflow_of(STEP))
    Run.objects.filter(pk=run.pk).update(due_at=run.received_at.replace(year=2020))
    monkeypatch.setattr(doorbell, "is_full", lambda: True)

    assert sweeper.ring_due() == 0

    assert Run.objects.get(pk=run.pk).rung_at is None


@pytest.mark.django_db
def test_runs_of_dead_workers_are_rung_for_once_in_a_while_only() -> None:
    run = accept(workflow_of(STEP))
    Run.objects.filter(pk=run.pk).update(status="running", lease_until=run.received_at)
    lose_worker(run)

    assert [sweeper.take_over() for _ in range(3)] == [1, 0, 0]


def test_worker_of_its_own_process_is_fed_up_to_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.undo()
    monkeypatch.setattr(doorbell, "_at_home", rung.append)
    monkeypatch.setattr(doorbell, "waiting", lambda queue: len(rung))

    for n in range(ringer.MOST_WAITING + 5):
        doorbell.ring(str(n))

    assert len(rung) == ringer.MOST_WAITING
