"""The one clock of the lifecycle and the engine."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection


def stamp() -> datetime:
    """The present instant, aware, in UTC, with microseconds, read after whatever lock the caller holds.

    On PostgreSQL the database's clock at this very statement: `now()` would be the start of the
    transaction, fixed before the lock was waited for. On SQLite, which lives on one host, the
    host's clock: the database's own has milliseconds only.
    """
    if connection.vendor != "postgresql":
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0].astimezone(UTC)


class ClockWatch:
    """Notices when `stamp()` was set forward or back, by comparing it with a clock that nobody sets."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: tuple[datetime, float] | None = None

    def step(self, now: datetime) -> timedelta:
        """By how much the clock was set since the last call, `now` being its present reading; zero at the first."""
        before, self._seen = self._seen, (now, self._monotonic())
        if before is None:
            return timedelta(0)
        return now - before[0] - timedelta(seconds=self._seen[1] - before[1])
