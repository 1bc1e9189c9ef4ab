"""Bells for instant runs: many wakes are one, a failing bell is no error, and PostgreSQL's own wakes who listens."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection

from runs.engine import notifying, waker
from runs.engine.notifying import Listener, connect
from runs.engine.waker import Waker

needs_notices = pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has notices")


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 15
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.005)
    return holds()


def test_wakes_that_come_while_the_bell_is_busy_are_one() -> None:
    rung: list[int] = []
    busy, may_go = threading.Event(), threading.Event()

    def ring() -> None:
        rung.append(1)
        busy.set()
        may_go.wait(10)

    bell = Waker(ring)
    assert bell.wake()
    assert busy.wait(10)
    for _ in range(100):
        bell.wake()
    may_go.set()

    assert eventually(lambda: len(rung) == 2)
    time.sleep(0.05)
    assert len(rung) == 2


def test_bell_that_fails_is_rung_again_for_the_next_wake(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(waker, "QUIET_AFTER_FAILURE", 0.01)
    rung: list[int] = []

    def ring() -> None:
        rung.append(1)
        if len(rung) == 1:
            raise ConnectionError("away")

    bell = Waker(ring)
    bell.wake()
    assert eventually(lambda: "No worker can be woken" in caplog.text)
    bell.wake()
    assert eventually(lambda: len(rung) == 2)


@pytest.fixture
def listeners() -> Iterator[list[Listener]]:
    made: list[Listener] = []
    yield made
    for listener in made:
        listener.stopping.set()
    for listener in made:
        listener.join(10)
    bell = getattr(notifying._notifier, "connection", None)
    if bell is not None:
        bell.close()


@needs_notices
@pytest.mark.stack
@pytest.mark.django_db
def test_notice_wakes_one_worker_and_another_takes_its_place(
    listeners: list[Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "LOOK_SECONDS", 0.05)
    woken: list[str] = []
    first = Listener(lambda: woken.append("first"))
    second = Listener(lambda: woken.append("second"))
    listeners += [first, second]
    first.start()
    assert eventually(lambda: woken == ["first"]), "who begins to listen looks at once"
    second.start()

    notifying.notify()
    assert eventually(lambda: woken == ["first", "first"])

    first.stopping.set()
    assert eventually(lambda: woken[2:] == ["second"])
    notifying.notify()
    assert eventually(lambda: woken[2:] == ["second", "second"])


@needs_notices
@pytest.mark.stack
@pytest.mark.django_db
def test_listener_comes_back_after_its_connection_was_cut(
    listeners: list[Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "LOOK_SECONDS", 0.05)
    woken: list[int] = []
    listener = Listener(lambda: woken.append(1))
    listeners.append(listener)
    listener.start()
    assert eventually(lambda: len(woken) == 1)

    with connect() as other:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid != pg_backend_pid()"
        other.execute(cut)

    assert eventually(lambda: len(woken) == 2)
    notifying.notify()
    assert eventually(lambda: len(woken) == 3)


def test_suite_itself_rings_no_bell_with_a_connection_of_its_own() -> None:
    assert not settings.IS_NOTIFYING
