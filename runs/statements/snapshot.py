"""Several reads of one moment: what others commit meanwhile is not seen."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """All reads within see the database as it is at the first of them; nobody waits for it, and nothing may be written.

    Within a transaction that the caller has open, such as another snapshot, nothing is added to what that promises.
    """
    if connection.in_atomic_block or _is_within_one():
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Not by atomic(), which on SQLite takes the one writer's place.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _is_within_one() -> bool:
    """On SQLite, where Django does not know of it."""
    own = connection.connection
    return connection.vendor == "sqlite" and own is not None and bool(own.in_transaction)


@contextmanager
def frozen() -> Iterator[None]:
    """A transaction that sees one moment and alone changes tallies: who closes runs goes on meanwhile.

    On PostgreSQL the lock comes before the first read, which fixes the moment; else a fold that had the book before
    would not be seen. On SQLite the transaction is IMMEDIATE and everybody else waits: keep it short.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                if outermost:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("LOCK TABLE runs_tallybook IN EXCLUSIVE MODE")
        yield
