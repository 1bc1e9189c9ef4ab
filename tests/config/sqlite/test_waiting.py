"""Writers on SQLite take turns: whoever waits gets in between others that write without a pause."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, transaction

from config.sqlite import base
from runs.models import Heartbeat

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's one writer"),
]


@contextmanager
def writer_holding_its_place() -> Iterator[threading.Event]:
    """Another connection in the middle of a transaction, until the event is set."""
    begun, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            begun.set()
            may_end.wait(10)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert begun.wait(10)
    try:
        yield may_end
    finally:
        may_end.set()
        thread.join()


def test_transaction_waits_for_the_writer_before_it() -> None:
    with writer_holding_its_place() as may_end:
        threading.Timer(0.05, may_end.set).start()
        with transaction.atomic():
            assert may_end.is_set()


def test_transaction_that_gets_no_turn_is_refused_and_the_connection_stays_usable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    with writer_holding_its_place():
        with pytest.raises(OperationalError, match="locked"), transaction.atomic():
            pass
        assert Heartbeat.objects.count() == 0

    with transaction.atomic():
        assert Heartbeat.objects.count() == 0


def test_other_failures_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base.time, "sleep", lambda seconds: pytest.fail("it waited"))
    with transaction.atomic(), pytest.raises(OperationalError, match="within a transaction"):
        connection._start_transaction_under_autocommit()


def test_waiting_writer_gets_its_turn_among_others_that_never_pause() -> None:
    is_over = threading.Event()

    def write() -> None:
        while not is_over.is_set():
            with transaction.atomic():
                Heartbeat.objects.filter(name="none").update(kind="none")
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    turns, deadline = 0, time.monotonic() + 60
    while turns < 20 and time.monotonic() < deadline:
        with transaction.atomic():
            turns += 1
    is_over.set()
    for thread in threads:
        thread.join()

    assert turns == 20
