"""Giving back to the disk what removed rows took: SQLite alone keeps it until it is asked."""

from typing import Final

from django.db import connection

INCREMENTAL: Final = 2
AT_ONCE: Final = 1000
"""Pages, of 4 KiB each, in one transaction: others wait that long."""


def give_back() -> int:
    """Return some free pages to the disk; gives how many, 0 when none is left or the database is not SQLite.

    Only a database that was made for it does so (docs/retention.md, "Disk space").
    """
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        if cursor.execute("PRAGMA auto_vacuum").fetchone()[0] != INCREMENTAL:
            return 0
        before = cursor.execute("PRAGMA freelist_count").fetchone()[0]
        # The pages move as the rows of this answer are read.
        cursor.execute(f"PRAGMA incremental_vacuum({AT_ONCE})").fetchall()
        return int(before - cursor.execute("PRAGMA freelist_count").fetchone()[0])
