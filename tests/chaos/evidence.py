"""What the oracle reads: the senders' log, the sink's file, the audit export, and the database by plain SQL.

Nothing of the product is imported here: the judge must not share a fault with the judged.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]


@dataclass
class Evidence:
    """Rows as dicts, times as seconds, run ids as text with hyphens."""

    runs: dict[str, Row]
    attempts: dict[tuple[str, str, str], list[Row]]
    workflows: dict[int, Row]
    versions: list[Row]
    triggers: dict[int, Row]
    ticks: list[Row]
    deliveries: list[Row]
    tallies: list[Row]
    scope_tallies: list[Row]
    entries: list[Row]
    tables: set[str]
    audit: list[Row]
    sent: dict[str, Row]
    answers: list[Row]
    requests: list[Row]
    now: float
    lease: float
    memory: Row = field(default_factory=dict)
    """What the oracle noted when it was asked last about this rig: what must never change since."""


def gather(folder: Path, database: str, lease: float) -> Evidence:
    """Read everything; the files are those of a rig's folder."""
    with _reader(database, folder / "data" / "signalbox.sqlite3") as read:
        found = {name: list(read(f"SELECT * FROM {table}")) for name, table in TABLES.items()}
        tables = {str(row["name"]) for row in read(_CATALOGUE[_is_sqlite(database)])}
    log = list(_lines(folder / "senders.jsonl"))
    memory = folder / "oracle.json"
    return Evidence(
        runs={row["id"]: row for row in found["runs"]},
        attempts=_by_place(found["attempts"]),
        workflows={row["id"]: row for row in found["workflows"]},
        versions=found["versions"],
        triggers={row["id"]: row for row in found["triggers"]},
        ticks=found["ticks"],
        deliveries=found["deliveries"],
        tallies=found["tallies"],
        scope_tallies=found["scope_tallies"],
        entries=found["entries"],
        tables=tables,
        audit=list(_lines(folder / "audit.jsonl")),
        sent={line["delivery"]: line for line in log if line["what"] == "sent"},
        answers=[line for line in log if line["what"] == "answered"],
        requests=[line for line in _lines(folder / "sink.jsonl") if line["key"]],
        now=datetime.now(UTC).timestamp(),
        lease=lease,
        memory=json.loads(memory.read_text()) if memory.exists() else {},
    )


def select(folder: Path, database: str, sql: str) -> list[Row]:
    """The rows of one statement, spelt as the evidence is: for what must be known before it is gathered."""
    with _reader(database, folder / "data" / "signalbox.sqlite3") as read:
        return list(read(sql))


TABLES = {
    "runs": "runs_run",
    "attempts": "runs_stepattempt",
    "workflows": "workflows_workflow",
    "versions": "workflows_version",
    "triggers": "workflows_trigger",
    "ticks": "runs_tick",
    "deliveries": "runs_delivery",
    "tallies": "runs_tally",
    "scope_tallies": "runs_scopetally",
    "entries": "runs_tallyentry",
}
_CATALOGUE = {
    True: "SELECT name FROM sqlite_master WHERE type = 'table'",
    False: "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
}


def _is_sqlite(database: str) -> bool:
    return not database.startswith("postgres")


class _reader:
    """A connection of its own in one snapshot; gives a function from SQL to rows."""

    def __init__(self, database: str, file: Path) -> None:
        self.database, self.file = database, file

    def __enter__(self) -> Any:
        if _is_sqlite(self.database):
            self.connection: Any = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=30)
            self.connection.row_factory = sqlite3.Row
            self.connection.execute("BEGIN")
        else:
            self.connection = psycopg.connect(_plain(self.database), row_factory=dict_row)
            self.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return lambda sql: (_normal(dict(row)) for row in self.connection.execute(sql))

    def __exit__(self, *raised: object) -> None:
        self.connection.close()


def _plain(database: str) -> str:
    """Without what only Django understands."""
    return urlsplit(database)._replace(scheme="postgresql", query="").geturl()


RUN_IDS = ("id", "run_id", "parent_id", "replay_of_id")


def _normal(row: Row) -> Row:
    """One spelling for both databases: moments end in `_at`, `_until` or are called `at`, `start` or `time`."""
    for name, value in row.items():
        if (name.endswith(("_at", "_until")) or name in ("at", "start")) and value is not None:
            row[name] = seconds(value)
        elif name in RUN_IDS and value is not None and not isinstance(value, int):
            row[name] = str(value if isinstance(value, UUID) else UUID(str(value)))
    return row


def seconds(moment: Any) -> float:
    """A database's or an export's moment as seconds since 1970."""
    if isinstance(moment, datetime):
        return moment.timestamp()
    read = datetime.fromisoformat(str(moment))
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _by_place(attempts: list[Row]) -> dict[tuple[str, str, str], list[Row]]:
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for attempt in sorted(attempts, key=lambda row: int(row["number"])):
        found[attempt["run_id"], attempt["step_id"], attempt["item"]].append(attempt)
    return dict(found)


def _lines(file: Path) -> Iterator[Row]:
    if file.exists():
        yield from (json.loads(line) for line in file.read_text().splitlines())


def place_of(key: str) -> tuple[str, str, str]:
    """An idempotency key's run, step and item."""
    run, _dot, rest = key.partition(".")
    step, _dot, item = rest.partition(".")
    return run, step, item
