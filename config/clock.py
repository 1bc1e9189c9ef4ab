"""The one clock of the lifecycle and the engine."""

from datetime import UTC, datetime

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
