"""Filling a database that is thrown away: millions of rows in a minute, on SQLite."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models

# No journal and no waiting for the disk: a crash loses the file, which nobody would miss.
HASTE = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000", "temp_store = MEMORY")


@contextmanager
def filling(*tables: type[models.Model]) -> Iterator[None]:
    """The indexes of these tables are left out meanwhile and made in one go at the end; those of constraints stay."""
    names = [model._meta.db_table for model in tables]
    with connection.cursor() as cursor:
        for pragma in HASTE:
            cursor.execute(f"PRAGMA {pragma}")
        places = ", ".join(["%s"] * len(names))
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT LIKE 'CREATE UNIQUE%%'"
            f" AND tbl_name IN ({places})",
            names,
        )
        indexes = cursor.fetchall()
        for name, _made in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _name, made in indexes:
            cursor.execute(made)
        cursor.execute("PRAGMA journal_mode = WAL")
    connection.close()
