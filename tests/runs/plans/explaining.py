"""How the database goes about the statements of a call: each is explained where it is executed, with its values."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import psycopg
import pytest
from django.db import connection, transaction

RUNS = "runs_run"
EXPLAINED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
NO_ALIAS = {
    "SET",
    "WHERE",
    "ON",
    "ORDER",
    "LEFT",
    "INNER",
    "JOIN",
    "GROUP",
    "LIMIT",
    "CROSS",
    "FOR",
    "RETURNING",
    "USING",
}


@dataclass(frozen=True)
class Planned:
    """One statement and the names, of tables or their aliases, that are gone through from end to end."""

    sql: str
    scanned: tuple[str, ...]
    plan: str

    def scans(self, table: str) -> bool:
        """Whether all rows of the table are looked at."""
        return bool({table, *aliases(self.sql, table)} & set(self.scanned))


def aliases(sql: str, table: str) -> set[str]:
    """The other names that a statement gives a table."""
    names = re.findall(rf'\b{table}"?\s+(?:AS\s+)?"?(\w+)', sql)
    return {name for name in names if name.upper() not in NO_ALIAS}


@contextmanager
def planned() -> Iterator[list[Planned]]:
    """While inside, every statement that reads or changes rows is explained before it is executed.

    On PostgreSQL also those that go past Django, by a cursor of the driver's own.
    """
    found: list[Planned] = []
    with _explaining_driver(found) if connection.vendor == "postgresql" else _explaining_django(found):
        yield found


@contextmanager
def _explaining_django(found: list[Planned]) -> Iterator[None]:
    def explain(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if EXPLAINED.match(sql) and not many:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                lines = [row[3] for row in cursor.fetchall()]
            scanned = [line.split()[1] for line in lines if _is_scan(line, is_limited="LIMIT" in sql)]
            found.append(Planned(sql, tuple(scanned), "\n".join(lines)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield


@contextmanager
def _explaining_driver(found: list[Planned]) -> Iterator[None]:
    execute = psycopg.Cursor.execute

    def explain(cursor: Any, query: Any, params: Any = None, **more: Any) -> Any:
        sql = query if isinstance(query, str) else query.as_string(cursor.connection)
        if EXPLAINED.match(sql):
            beside = type(cursor)(cursor.connection)
            plan = execute(beside, f"EXPLAIN (FORMAT JSON) {sql}", params).fetchone()[0]
            root = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
            found.append(Planned(sql, tuple(_sequential(root)), json.dumps(root, indent=1)))
        return execute(cursor, query, params, **more)

    with mock.patch.object(psycopg.Cursor, "execute", explain):
        yield


def require_no_scan(
    calls: Mapping[str, Callable[[], object]], *, tables: tuple[str, ...] = (RUNS,), but: str = ""
) -> None:
    """Fails with every statement of the calls that goes through all rows of a table; what each call did is undone.

    `but`: part of a statement that may.
    """
    breaches = [
        f"{name}:\n{each.sql}\n{each.plan}"
        for name, call in calls.items()
        for each in _undone(call)
        if any(map(each.scans, tables)) and not (but and but in each.sql)
    ]
    if breaches:
        pytest.fail("\n\n".join(breaches), pytrace=False)


def _undone(call: Callable[[], object]) -> list[Planned]:
    with transaction.atomic():
        with planned() as found:
            call()
        transaction.set_rollback(True)
    return found


def _sequential(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Alias"]
        yield node["Relation Name"]
    for inner in node.get("Plans", []):
        yield from _sequential(inner)


def _is_scan(line: str, *, is_limited: bool) -> bool:
    """Walking along an index is no scan where a limit ends the walk: that is how lists are read in order."""
    if not line.startswith("SCAN "):
        return False
    return not (is_limited and "INDEX" in line)
