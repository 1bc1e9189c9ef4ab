"""The floor of the database: what one thread does with plain SQL on the product's own run table."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connection

from bench.costs import cpu
from bench.floor import Floor
from bench.workload import Workload
from config.ids import new_id

TABLE = "runs_run"
START = "status = 'running', owner = 'bench:1', fence = fence + 1, due_at = NULL, attempts = 1"
CLOSE = "status = 'success', owner = '', lease_until = NULL"


def plain_sql(workload: Workload, *, seconds: float) -> Floor:
    """One insert and two updates per run, each its own commit, with the durability of the product's settings."""
    with _driver() as (driver, backend):
        cursor = driver.cursor()
        statements, row, key = _prepared(cursor, workload)
        count, used, begun = 0, _used(backend), time.monotonic()
        while time.monotonic() - begun < seconds:
            row[key] = run_id = _stored(new_id())
            cursor.execute(statements[0], row)
            cursor.execute(statements[1], (run_id,))
            cursor.execute(statements[2], (run_id,))
            count += 1
        passed = time.monotonic() - begun
        return Floor(count / passed, (_used(backend) - used) / count)


@contextmanager
def _driver() -> Iterator[tuple[Any, int]]:
    """A connection of the driver itself in autocommit, and the process id of its backend (0 without one)."""
    if connection.vendor == "postgresql":
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
            yield server, server.info.backend_pid
        return
    file = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=20)
    file.execute(f"PRAGMA synchronous={settings.SQLITE_SYNC}")
    try:
        yield file, 0
    finally:
        file.close()


def _prepared(cursor: Any, workload: Workload) -> tuple[list[str], list[Any], int]:
    """The three statements, the values of a closed run as the driver has them, and where its id stands in them."""
    newest = workload.runs.order_by("-pk").values_list("pk", flat=True)[0]
    mark = "%s" if connection.vendor == "postgresql" else "?"
    cursor.execute(f"SELECT * FROM {TABLE} WHERE id = {mark}", (_stored(newest),))
    names = [column[0] for column in cursor.description]
    row = list(cursor.fetchone())
    insert = f"INSERT INTO {TABLE} ({', '.join(names)}) VALUES ({', '.join([mark] * len(names))})"
    updates = [f"UPDATE {TABLE} SET {change} WHERE id = {mark}" for change in (START, CLOSE)]
    return [insert, *updates], row, names.index("id")


def _stored(run_id: UUID) -> Any:
    return run_id if connection.vendor == "postgresql" else run_id.hex


def _used(backend: int) -> float:
    """CPU-ms of this process and of its backend so far."""
    return sum(cpu({os.getpid(), backend} - {0}, reaped=False).values())
