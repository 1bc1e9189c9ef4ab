"""The connection: how whoever wants to write waits for its turn."""

import random
import sqlite3
import time
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

SHORTEST, LONGEST = 0.00005, 0.0003


class PatientCursor(base.SQLiteCursorWrapper):
    """Every waiting writer asks again after the same short time, for `patience` seconds.

    SQLite's own waiting asks ever more rarely, ten times a second in the end: under load whoever has waited
    longest is then the least likely to get its turn, and a Pause took seconds behind a handful of busy workers.
    """

    def __init__(self, connection: sqlite3.Connection, patience: float) -> None:
        super().__init__(connection)
        self.patience = patience

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        """The statement with SQLite's own marks for values; remembered, for Django converts it at each execution."""
        return _converted(query, None if param_names is None else tuple(param_names))

    def execute(self, query: str, params: Any = None) -> Any:
        """Execute; raises OperationalError when there is no turn in time, or at once inside a transaction."""
        deadline = 0.0
        while True:
            try:
                return super().execute(query, params)
            except sqlite3.OperationalError as refused:
                if refused.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or self.connection.in_transaction:
                    raise
                deadline = deadline or time.monotonic() + self.patience
                if time.monotonic() >= deadline:
                    raise
            time.sleep(random.uniform(SHORTEST, LONGEST))  # noqa: S311 - no secret depends on it


@lru_cache(maxsize=512)
def _converted(query: str, names: tuple[str, ...] | None) -> str:
    converter: Any = base.SQLiteCursorWrapper.convert_query
    return str(converter(None, query, param_names=names))


def make_file(path: Path) -> None:
    """Make the database's file, where there is none, so that it can give room back (runs/statements/space.py).

    Not a pragma of every connection: for a file that stands it takes the write lock, and later it would take a VACUUM.
    """
    if not path.exists() or not path.stat().st_size:
        with closing(sqlite3.connect(path)) as made:
            made.executescript("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL")


class DatabaseWrapper(base.DatabaseWrapper):
    """`timeout` of the settings is how long a writer waits."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that does not wait by itself."""
        if not self.is_in_memory_db():
            make_file(Path(conn_params["database"]))
        connection = super().get_new_connection(conn_params)
        connection.execute("PRAGMA busy_timeout = 0")
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that waits fairly."""
        patience = float(self.settings_dict["OPTIONS"].get("timeout", 5))
        return self.connection.cursor(factory=lambda connection: PatientCursor(connection, patience))
