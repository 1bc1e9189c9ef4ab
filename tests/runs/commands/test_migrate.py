"""Migrating beside work: a lock that is held long ends it soon, with a sentence, and holds nobody else up."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from runs.models import Heartbeat

pytestmark = [
    pytest.mark.stack,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(settings.IS_EMBEDDED, reason="needs PostgreSQL"),
]


@contextmanager
def somebody_reading(table: str) -> Iterator[int]:
    """Another session with an open transaction that has read the table; gives its process id."""
    is_reading, over, pids = threading.Event(), threading.Event(), []

    def read() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_backend_pid() FROM (SELECT count(*) FROM {table}) AS rows")
            pids.append(cursor.fetchone()[0])
            is_reading.set()
            over.wait(30)
        connection.close()

    thread = threading.Thread(target=read)
    thread.start()
    assert is_reading.wait(10)
    try:
        yield pids[0]
    finally:
        over.set()
        thread.join()


@pytest.fixture(autouse=True)
def migrated_again() -> Iterator[None]:
    yield
    call_command("migrate", verbosity=0)


def test_long_transaction_makes_migrate_give_up_with_a_sentence() -> None:
    with somebody_reading("runs_heartbeat") as pid:
        begun = time.monotonic()
        with pytest.raises(CommandError) as told:
            call_command("migrate", "runs", "0001", "--lock-timeout", "1", verbosity=0)
        took = time.monotonic() - begun

    assert took < 10
    assert str(told.value).startswith("A migration waited 1 s for a table that another transaction uses")
    assert f"pid {pid}, see pg_stat_activity" in str(told.value)
    assert Heartbeat.objects.filter(clock_ahead__gt=0).count() == 0, "the column is still there"


def test_it_goes_through_once_the_transaction_is_over() -> None:
    with somebody_reading("runs_heartbeat"), pytest.raises(CommandError):
        call_command("migrate", "runs", "0001", "--lock-timeout", "1", verbosity=0)

    call_command("migrate", "runs", "0001", verbosity=0)
    call_command("migrate", verbosity=0)

    assert Heartbeat.objects.filter(clock_ahead__gt=0).count() == 0


def test_session_waits_for_locks_as_before_afterwards() -> None:
    call_command("migrate", verbosity=0)

    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
