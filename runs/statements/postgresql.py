"""The hot statements for PostgreSQL: one round trip each, prepared on the server.

They go past Django's cursor, which writes the values into the text and so has every statement planned anew.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from runs.monitoring.histogram import LOWS
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

RECEIVER = f"SELECT {RECEIVER_COLUMNS}, clock_timestamp() {RECEIVER_ROWS}"

_COLUMNS, _VALUES = new_run(
    {
        "id": "%(id)s::uuid",
        "workflow_id": "w.id",
        "version_id": "w.published_id",
        "scope_id": "w.scope_id",
        "trigger_kind": "%(trigger_kind)s::text",
        "trigger_id": "%(trigger_id)s::text",
        "delivery_id": "%(delivery_id)s::text",
        "correlation": "%(correlation)s::text",
        "input": "%(input)s::text",
        "received_at": "%(received_at)s::timestamptz",
        "due_at": "%(received_at)s::timestamptz",
        "is_instant": "%(is_instant)s::boolean",
    }
)
ENTER = f"INSERT INTO runs_run ({_COLUMNS}) SELECT {_VALUES} FROM workflows_workflow w WHERE {STANDS}"  # noqa: S608 - no value in it

# Both see one snapshot: either the delivery id is new and the workflow stands, and both are written, or neither is.
ENTER_ONCE = f"""
WITH known AS (
    INSERT INTO runs_delivery (trigger_id, delivery_id, run_id, answer_status, received_at)
    SELECT %(trigger)s::bigint, %(delivery_id)s::text, %(id)s::uuid, 'pending', %(received_at)s::timestamptz
    FROM workflows_workflow w WHERE {STANDS}
    ON CONFLICT (trigger_id, delivery_id) DO NOTHING RETURNING trigger_id
)
INSERT INTO runs_run ({_COLUMNS}) SELECT {_VALUES} FROM workflows_workflow w, known WHERE {STANDS}
"""  # noqa: S608 - no value in it

# The oldest, and the newest: behind a backlog what comes now starts soon, and the backlog drains all the same.
_DUE = """
SELECT r.id, r.workflow_id FROM runs_run r JOIN workflows_workflow w ON w.id = r.workflow_id
WHERE r.is_instant AND r.due_at <= clock_timestamp() AND r.status = 'pending' AND w.status = 'active'
ORDER BY r.due_at {direction} LIMIT %({limit})s
"""

# For the transaction that asks it.
_UNFLUSHED = "set_config('synchronous_commit', 'off', true) IS NOT NULL"

# The gate is each workflow's row, locked in the order of ids. PostgreSQL gives a locked row as it is once the lock is
# held, and asks again whether a run that somebody else had locked is still pending. The stamp is taken row by row,
# after the locks, and not once at the statement's start.
# Its commit is not waited for until it is flushed: an instant run whose claim a crash of the server undid is Pending as
# before, and has done nothing outside. The log is flushed in order, so a run that is closed was claimed.
# Where a run is found by its key its status is joined to an empty text, so that it is only compared. By a plan that was made
# while nothing was pending it would be looked for, and behind a backlog each batch be compared with all of it.
TAKE = f"""
WITH due AS MATERIALIZED (
    ({_DUE.format(direction="ASC", limit="oldest")}) UNION ({_DUE.format(direction="DESC", limit="newest")})
), gate AS MATERIALIZED (
    SELECT id, status, name FROM workflows_workflow WHERE id IN (SELECT workflow_id FROM due) ORDER BY id FOR NO KEY UPDATE
), taken AS (
    UPDATE runs_run r SET status = 'running', reason = '', owner = %(owner)s,
        lease_until = clock_timestamp() + %(lease)s::interval, fence = r.fence + 1, started_at = clock_timestamp(),
        due_at = NULL, attempts = r.attempts + 1
    FROM due JOIN gate ON gate.id = due.workflow_id
    WHERE r.id = due.id AND r.status || '' = 'pending' AND gate.status = 'active'
    RETURNING r.id, r.workflow_id, r.version_id, r.scope_id, r.trigger_kind, r.trigger_id, r.delivery_id,
        r.correlation, r.input, r.received_at, r.fence, gate.name, r.started_at
)
SELECT t.id, t.workflow_id, t.version_id, t.scope_id, t.trigger_kind, t.trigger_id, t.delivery_id, t.correlation,
    t.input, t.received_at, t.fence, t.name, s.ref, v.number, v.content_hash, t.started_at
FROM taken t JOIN workflows_version v ON v.id = t.version_id JOIN workflows_scope s ON s.id = t.scope_id
WHERE {_UNFLUSHED}
ORDER BY t.id
"""  # noqa: S608 - no value in it

# A statement of its own, workflow by workflow. Within TAKE it would touch the row by the statement's older snapshot:
# while an intake keeps that former version in use, it waits behind whoever waits there for this very lock. Deadlock.
NOTE = f"""
UPDATE workflows_workflow SET last_run_at = %s
WHERE id = %s AND (last_run_at IS NULL OR last_run_at < %s) AND {_UNFLUSHED}
"""  # noqa: S608 - no value in it

_ATTEMPT_TYPES = {
    "run_id": "uuid", "number": "int", "fence": "int", "started_at": "timestamptz", "ended_at": "timestamptz",
    "due_at": "timestamptz", "is_final": "boolean", "is_simulated": "boolean",
}  # fmt: skip
_ATTEMPT_ARRAYS = ", ".join(f"%({name})s::{_ATTEMPT_TYPES.get(name, 'text')}[]" for name in ATTEMPT_COLUMNS)
_ATTEMPT_NAMES = ", ".join(ATTEMPT_COLUMNS)

# One statement is one transaction. The rows are locked in the order of ids, as everywhere. What it counts it counts as
# runs/monitoring/ledger.py does, the columns in the order of TallyEntry.
CLOSE = f"""
WITH asked AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(fences)s::int[], %(statuses)s::text[], %(reasons)s::text[],
        %(errors)s::text[], %(error_codes)s::text[], %(error_steps)s::text[], %(outputs)s::text[], %(saved)s::bigint[],
        %(names_run)s::boolean[])
        AS asked(id, of_fence, to_status, to_reason, to_error, to_code, to_step, to_output, saved, names_run)
), mine AS MATERIALIZED (
    SELECT r.id FROM runs_run r JOIN asked USING (id)
    WHERE r.fence = asked.of_fence AND r.status || '' = 'running' AND r.wish = '' ORDER BY r.id FOR NO KEY UPDATE OF r
), closed AS (
    UPDATE runs_run r SET status = to_status, reason = to_reason, error = to_error, error_code = to_code,
        error_step = to_step, output = to_output, ended_at = clock_timestamp(), owner = '', lease_until = NULL
    FROM mine JOIN asked USING (id)
    WHERE r.id = mine.id
    RETURNING r.id, r.workflow_id, r.scope_id, r.version_id, r.trigger_kind, r.status, r.reason, r.started_at, r.ended_at,
        asked.saved, asked.names_run
), timed AS (
    SELECT *, CASE WHEN status IN ('success', 'failed')
        THEN greatest(floor(extract(epoch FROM ended_at - started_at) * 1000), 0)::bigint END AS took
    FROM closed
), counted AS (
    INSERT INTO runs_tallyentry ({", ".join(ENTRY_COLUMNS)})
    SELECT date_bin('15 minutes', ended_at, 'epoch'), workflow_id, scope_id, version_id, trigger_kind, status, reason,
        width_bucket(took, ARRAY{LOWS}::bigint[]) - 1 AS bucket, count(*), coalesce(sum(took), 0), sum(saved),
        CASE WHEN names_run THEN id END
    FROM timed GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 12
), written AS (
    INSERT INTO runs_stepattempt ({_ATTEMPT_NAMES})
    SELECT {_ATTEMPT_NAMES} FROM unnest({_ATTEMPT_ARRAYS}) WITH ORDINALITY AS attempt({_ATTEMPT_NAMES}, place)
    WHERE run_id IN (SELECT id FROM closed) ORDER BY place
)
SELECT closed.id, closed.ended_at, closed.workflow_id, w.is_draining
FROM closed JOIN workflows_workflow w ON w.id = closed.workflow_id
"""  # noqa: S608 - names of columns


def receiver(address: str) -> Receiver | None:
    rows = fetched(RECEIVER, [address])
    return Receiver(*rows[0]) if rows else None


def enter(run: NewRun) -> Entry:
    values = {
        "id": run.id, "trigger_kind": run.trigger_kind, "trigger_id": run.trigger_id,
        "delivery_id": run.delivery_id, "correlation": run.correlation, "input": run.input,
        "received_at": run.received_at, "is_instant": run.is_instant, "workflow": run.workflow_pk,
        "version": run.version_pk,
    }  # fmt: skip
    if run.delivery_id:
        entered = _changed(ENTER_ONCE, {**values, "trigger": run.trigger_pk})
    else:
        entered = _changed(ENTER, values)
    return Entry.ENTERED if entered else Entry.REFUSED


def take(owner: str, most: int) -> list[Taken]:
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    return [Taken(*row) for row in fetched(TAKE, {"owner": owner, "lease": lease, **shares(most)})]


def note(taken: Sequence[Taken]) -> None:
    # Ordered, so that the last of each workflow counts.
    latest = {row.workflow_pk: row.started_at for row in sorted(taken, key=lambda row: row.started_at)}
    for workflow_pk, started_at in latest.items():
        _changed(NOTE, [started_at, workflow_pk, started_at])


def close(endings: Sequence[Ending]) -> Closed:
    values: dict[str, Any] = {
        "ids": [ending.id for ending in endings],
        "fences": [ending.fence for ending in endings],
        "statuses": [ending.status for ending in endings],
        "reasons": [ending.reason for ending in endings],
        "errors": [ending.error for ending in endings],
        "error_codes": [ending.error_code for ending in endings],
        "error_steps": [ending.error_step for ending in endings],
        "outputs": [ending.output for ending in endings],
        "saved": [ending.saved for ending in endings],
        "names_run": [ending.names_run for ending in endings],
    }
    attempts = [attempt_values(attempt) for ending in endings for attempt in ending.attempts]
    for place, name in enumerate(ATTEMPT_COLUMNS):
        values[name] = [attempt[place] for attempt in attempts]
    rows = fetched(CLOSE, values)
    moment = max((row[1] for row in rows), default=None)
    draining = sorted({row[2] for row in rows if row[3]})
    return Closed(frozenset(row[0] for row in rows), moment, draining)


def fetched(statement: str, values: Any) -> list[tuple[Any, ...]]:
    """The rows a statement gives, prepared on the server."""
    with _cursor() as cursor:
        return cursor.execute(statement, values, prepare=True).fetchall()


def _changed(statement: str, values: Any) -> int:
    with _cursor() as cursor:
        return cursor.execute(statement, values, prepare=True).rowcount


@contextmanager
def _cursor() -> Iterator[psycopg.Cursor[Any]]:
    """A cursor of the driver's own on Django's connection; what it raises is Django's."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield cursor
