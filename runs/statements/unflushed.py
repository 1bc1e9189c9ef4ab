"""Commits that need no flush of their own, on SQLite.

A process that dies loses nothing of them; when the power goes, the newest may be undone: an instant run whose claim was
is Pending as before, and has done nothing outside. The next commit that is flushed covers them too, since all go into
one log, in order (https://www.sqlite.org/pragma.html#pragma_synchronous).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

NORMAL = 1


@contextmanager
def unflushed() -> Iterator[None]:
    """Within it this connection's transactions are committed without a flush; one that is open already keeps its own."""
    connection.ensure_connection()
    asked = connection.connection.execute
    (usual,) = asked("PRAGMA synchronous").fetchone()
    if connection.in_atomic_block or usual <= NORMAL:
        yield
        return
    asked(f"PRAGMA synchronous = {NORMAL}")
    try:
        yield
    finally:
        asked(f"PRAGMA synchronous = {usual}")
