"""The hot statements for SQLite. Each transaction is IMMEDIATE: whoever writes first has the gate to itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from config.clock import stamp
from config.failpoints import failpoint
from runs.monitoring.histogram import bucket_of
from runs.monitoring.ledger import milliseconds_of
from runs.monitoring.windows import quarter_of
from runs.statements.columns import (
    ATTEMPT_COLUMNS,
    ENTRY_COLUMNS,
    RECEIVER_COLUMNS,
    RECEIVER_ROWS,
    STANDS,
    attempt_values,
    new_run,
)
from runs.statements.rows import Closed, Ending, Entry, NewRun, Receiver, Taken, shares
from runs.statements.together import Together
from runs.statements.unflushed import unflushed
from runs.statements.units import unit
from runs.statements.values import read_time, time_text

RECEIVER = f"SELECT {RECEIVER_COLUMNS} {RECEIVER_ROWS}"

_COLUMNS, _VALUES = new_run(
    {
        "id": "%(id)s",
        "workflow_id": "w.id",
        "version_id": "w.published_id",
        "scope_id": "w.scope_id",
        "trigger_kind": "%(trigger_kind)s",
        "trigger_id": "%(trigger_id)s",
        "delivery_id": "%(delivery_id)s",
        "correlation": "%(correlation)s",
        "input": "%(input)s",
        "received_at": "%(received_at)s",
        "due_at": "%(received_at)s",
        "is_instant": "%(is_instant)s",
    }
)
ENTER = f"INSERT INTO runs_run ({_COLUMNS}) SELECT {_VALUES} FROM workflows_workflow w WHERE {STANDS}"  # noqa: S608 - no value in it

# Nothing changes between the two: the transaction is the only one that writes.
REMEMBER = f"""
INSERT INTO runs_delivery (trigger_id, delivery_id, run_id, answer_status, received_at)
SELECT %(trigger)s, %(delivery_id)s, %(id)s, 'pending', %(received_at)s FROM workflows_workflow w WHERE {STANDS}
ON CONFLICT (trigger_id, delivery_id) DO NOTHING
"""  # noqa: S608 - no value in it

# The oldest, and the newest: behind a backlog what comes now starts soon, and the backlog drains all the same.
_DUE = """
SELECT r.id FROM runs_run r JOIN workflows_workflow w ON w.id = r.workflow_id
WHERE r.is_instant AND r.due_at <= %(moment)s AND r.status = 'pending' AND w.status = 'active'
ORDER BY r.due_at {direction} LIMIT %({limit})s
"""

WAITING = f"""
SELECT r.id, r.workflow_id, r.version_id, r.scope_id, r.trigger_kind, r.trigger_id, r.delivery_id, r.correlation,
    r.input, r.received_at, r.fence + 1, w.name, s.ref, v.number, v.content_hash
FROM runs_run r
JOIN workflows_workflow w ON w.id = r.workflow_id
JOIN workflows_version v ON v.id = r.version_id
JOIN workflows_scope s ON s.id = r.scope_id
WHERE r.id IN (SELECT * FROM ({_DUE.format(direction="ASC", limit="oldest")})
    UNION SELECT * FROM ({_DUE.format(direction="DESC", limit="newest")}))
ORDER BY r.due_at
"""  # noqa: S608 - no value in it

# Asks once more what was read before the lock was held.
CLAIM = """
UPDATE runs_run SET status = 'running', reason = '', owner = %s, lease_until = %s, fence = fence + 1, started_at = %s,
    due_at = NULL, attempts = attempts + 1
WHERE id IN ({}) AND status = 'pending'
    AND (SELECT status FROM workflows_workflow w WHERE w.id = workflow_id) = 'active'
RETURNING id
"""

LAST_RUN = "UPDATE workflows_workflow SET last_run_at = %s WHERE id IN ({})"

CLOSE = """
UPDATE runs_run SET status = %s, reason = %s, error = %s, error_code = %s, error_step = %s, output = %s, ended_at = %s,
    owner = '', lease_until = NULL
WHERE id = %s AND fence = %s AND status = 'running' AND wish = ''
"""

ATTEMPTS = f"INSERT INTO runs_stepattempt ({', '.join(ATTEMPT_COLUMNS)}) VALUES ({', '.join(['%s'] * len(ATTEMPT_COLUMNS))})"  # noqa: S608 - names of columns

ENTRIES = f"INSERT INTO runs_tallyentry ({', '.join(ENTRY_COLUMNS)}) VALUES ({', '.join(['%s'] * len(ENTRY_COLUMNS))})"  # noqa: S608 - names of columns

DRAINING = "SELECT id FROM workflows_workflow WHERE is_draining AND id IN ({})"


def receiver(address: str) -> Receiver | None:
    with connection.cursor() as cursor:
        row = cursor.execute(RECEIVER, [address]).fetchone()
    if row is None:
        return None
    values: list[Any] = [*row[:4], read_time(row[4]), *row[5:], stamp()]
    return Receiver(*values)


def enter(run: NewRun) -> Entry:
    if connection.in_atomic_block:
        return _enter([run])[0]
    return _TOGETHER.add(run)


def _enter(runs: Sequence[NewRun]) -> list[Entry]:
    """Each run with its delivery id or, where one of the two cannot be written, neither."""
    with transaction.atomic(), connection.cursor() as cursor:
        entries = [Entry.ENTERED if _is_entered(cursor, run) else Entry.REFUSED for run in runs]
        failpoint("K2")
    instant = [place for place, run in enumerate(runs) if run.is_instant and entries[place] is Entry.ENTERED]
    for place in instant[1:]:
        entries[place] = Entry.IN_COMPANY
    return entries


def _is_entered(cursor: Any, run: NewRun) -> bool:
    received_at = time_text(run.received_at)
    values: dict[str, Any] = {
        "id": run.id.hex, "trigger_kind": run.trigger_kind, "trigger_id": run.trigger_id,
        "delivery_id": run.delivery_id, "correlation": run.correlation, "input": run.input,
        "received_at": received_at, "is_instant": run.is_instant, "workflow": run.workflow_pk,
        "version": run.version_pk, "trigger": run.trigger_pk,
    }  # fmt: skip
    if run.delivery_id:
        cursor.execute(REMEMBER, values)
        if not cursor.rowcount:
            return False
    cursor.execute(ENTER, values)
    return bool(cursor.rowcount)


GATHERING = 0.002
"""Seconds. At sixteen clients it takes a commit from three deliveries to seven, and CPU per run from 0.85 to 0.80."""

_TOGETHER: Together[NewRun, Entry] = Together(_enter, gathering=GATHERING)


def take(owner: str, most: int) -> list[Taken]:
    asked: dict[str, Any] = {"moment": time_text(stamp()), **shares(most)}
    with connection.cursor() as cursor:
        waiting = cursor.execute(WAITING, asked).fetchall()
    if not waiting:
        return []
    moment, claimed = _claim(owner, waiting)
    return [_taken(row, moment) for row in waiting if row[0] in claimed]


def _claim(owner: str, waiting: Sequence[Any]) -> tuple[datetime, set[str]]:
    """The stamp and the ids of those that are still theirs to take. Whoever holds the lock keeps all others waiting, so
    everything else is done before and after."""
    ids = [row[0] for row in waiting]
    with unflushed(), transaction.atomic(), connection.cursor() as cursor:
        moment = stamp()
        lease = time_text(moment + timedelta(seconds=settings.LEASE_SECONDS))
        cursor.execute(_in(CLAIM, ids), [owner, lease, time_text(moment), *ids])
        claimed = {row[0] for row in cursor.fetchall()}
        workflows = sorted({row[1] for row in waiting if row[0] in claimed})
        if workflows:
            cursor.execute(_in(LAST_RUN, workflows), [time_text(moment), *workflows])
    return moment, claimed


def note(taken: Sequence[Taken]) -> None:
    """Nothing is left to do: the claim noted it, in its own transaction."""


def _taken(row: Sequence[Any], moment: datetime) -> Taken:
    values: list[Any] = [UUID(row[0]), *row[1:9], read_time(row[9]), *row[10:], moment]
    return Taken(*values)


def close(endings: Sequence[Ending]) -> Closed:
    rows = {ending.id: _attempts(ending) for ending in endings}
    return unit(lambda: _closed(endings, rows))


def _closed(endings: Sequence[Ending], rows: Mapping[UUID, list[list[Any]]]) -> Closed:
    with connection.cursor() as cursor:
        moment = stamp()
        closed = [ending for ending in endings if _close(cursor, ending, moment)]
        cursor.executemany(ATTEMPTS, [row for ending in closed for row in rows[ending.id]])
        cursor.executemany(ENTRIES, _entries(closed, moment))
        workflows = sorted({ending.workflow_pk for ending in closed})
        draining = (
            [row[0] for row in cursor.execute(_in(DRAINING, workflows), workflows)] if workflows else []
        )
    return Closed(frozenset(ending.id for ending in closed), moment, draining)


def _close(cursor: Any, ending: Ending, moment: datetime) -> bool:
    cursor.execute(
        CLOSE,
        [
            ending.status, ending.reason, ending.error, ending.error_code, ending.error_step, ending.output,
            time_text(moment), ending.id.hex, ending.fence,
        ],
    )  # fmt: skip
    return bool(cursor.rowcount)


def _entries(closed: Sequence[Ending], moment: datetime) -> list[list[Any]]:
    """What closed alike is one row; the columns in the order of TallyEntry."""
    at = time_text(quarter_of(moment))
    sums: dict[tuple[Any, ...], list[int]] = {}
    for ending in closed:
        took = milliseconds_of(ending.started_at, moment, ending.status)
        kind = (
            at, ending.workflow_pk, ending.scope_pk, ending.version_pk, ending.trigger_kind, ending.status,
            ending.reason, None if took is None else bucket_of(took), ending.id.hex if ending.names_run else None,
        )  # fmt: skip
        numbers = sums.setdefault(kind, [0, 0, 0])
        for place, number in enumerate((1, took or 0, ending.saved)):
            numbers[place] += number
    return [[*kind, *numbers, run] for (*kind, run), numbers in sums.items()]


def _in(statement: str, values: Sequence[Any]) -> str:
    return statement.format(", ".join(["%s"] * len(values)))


def _attempts(ending: Ending) -> list[list[Any]]:
    run, rows = ending.id.hex, [attempt_values(attempt) for attempt in ending.attempts]
    for row in rows:
        row[_RUN] = run
        for place in _TIMES:
            row[place] = None if row[place] is None else time_text(row[place])
    return rows


_RUN = ATTEMPT_COLUMNS.index("run_id")
_TIMES = [ATTEMPT_COLUMNS.index(name) for name in ("started_at", "ended_at", "due_at")]


def fetched(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows a statement gives, its values ready to be bound."""
    with connection.cursor() as cursor:
        rows: list[tuple[Any, ...]] = cursor.execute(statement, values).fetchall()
        return rows
