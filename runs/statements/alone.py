"""One run by itself: found, claimed, and its attempts stored.

The texts are the same for both databases, but for the claim; values and cursors differ.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection

from config.clock import stamp
from runs.models import Run, StepAttempt
from runs.statements import postgresql, sqlite
from runs.statements.columns import ATTEMPT_COLUMNS, attempt_values
from runs.statements.rows import Begun, Found
from runs.statements.units import unit
from runs.statements.values import readers, stored

_NAMES = [field.attname for field in Run._meta.concrete_fields]
_COLUMNS = ", ".join(f'r."{field.column}"' for field in Run._meta.concrete_fields)
_READERS = readers(Run)

FIND = """
SELECT {columns}, w.name, w.status, s.ref, v.number, v.content_hash, {moment}
FROM runs_run r
JOIN workflows_workflow w ON w.id = r.workflow_id
JOIN workflows_scope s ON s.id = r.scope_id
LEFT JOIN workflows_version v ON v.id = r.version_id
WHERE r.id = %(id)s AND r.ended_at IS NULL
"""
FIND_SQLITE = FIND.format(columns=_COLUMNS, moment="NULL")
FIND_POSTGRESQL = FIND.format(columns=_COLUMNS, moment="clock_timestamp()")

_SET = """
status = 'running', reason = '', owner = %(owner)s, fence = fence + 1, due_at = NULL, attempts = attempts + 1"""

# As found, and found by its key: of the status see TAKE.
_AS_FOUND = "r.id = %(id)s AND r.fence = %(fence)s AND r.status || '' = %(status)s AND r.wish = ''"

BEGIN_SQLITE = f"""
UPDATE runs_run AS r SET {_SET}, lease_until = %(lease_until)s, started_at = coalesce(started_at, %(moment)s),
    deadline_at = coalesce(deadline_at, %(deadline)s)
WHERE {_AS_FOUND} AND r.due_at <= %(moment)s
    AND (SELECT status FROM workflows_workflow w WHERE w.id = r.workflow_id) = 'active'
RETURNING id
"""  # noqa: S608 - no value in it

# The stamps are taken once the gate is locked, as in TAKE.
BEGIN_POSTGRESQL = f"""
WITH gate AS MATERIALIZED (
    SELECT status FROM workflows_workflow WHERE id = %(workflow)s FOR NO KEY UPDATE
)
UPDATE runs_run AS r SET {_SET}, lease_until = clock_timestamp() + %(lease)s,
    started_at = coalesce(started_at, clock_timestamp()),
    deadline_at = coalesce(deadline_at, clock_timestamp() + %(longest)s)
FROM gate
WHERE {_AS_FOUND} AND r.due_at <= clock_timestamp() AND gate.status = 'active'
RETURNING lease_until - %(lease)s, started_at, deadline_at
"""  # noqa: S608 - no value in it

LAST_RUN = "UPDATE workflows_workflow SET last_run_at = %(moment)s WHERE id = %(workflow)s RETURNING id"

MARK = """
UPDATE runs_run AS r SET deaths = %(deaths)s
WHERE r.id = %(id)s AND r.fence = %(fence)s AND r.status || '' = 'running'
RETURNING wish
"""

_VALUES = ", ".join(f"%({name})s" for name in ATTEMPT_COLUMNS)
INSERT = f"INSERT INTO runs_stepattempt ({', '.join(ATTEMPT_COLUMNS)}) VALUES ({_VALUES}) RETURNING id"  # noqa: S608 - names of columns

_CHANGES = ", ".join(f"{name} = %({name})s" for name in ATTEMPT_COLUMNS)
UPDATE = f"UPDATE runs_stepattempt SET {_CHANGES} WHERE id = %(id)s RETURNING id"  # noqa: S608 - names of columns


def find(run_id: str) -> Found | None:
    is_postgresql = connection.vendor == "postgresql"
    rows = _rows(FIND_POSTGRESQL if is_postgresql else FIND_SQLITE, {"id": UUID(run_id)})
    if not rows:
        return None
    values, around = list(rows[0][: len(_NAMES)]), rows[0][len(_NAMES) :]
    if not is_postgresql:
        for place, read in _READERS:
            values[place] = read(values[place])
    run = Run.from_db(connection.alias, _NAMES, values)
    name, status, scope_ref, number, content_hash, moment = around
    return Found(run, name, status, scope_ref, number or 0, content_hash or "", moment or stamp())


def begin(run: Run, owner: str, longest: timedelta) -> Begun | None:
    asked = {
        "id": run.pk,
        "workflow": run.workflow_id,
        "fence": run.fence,
        "status": run.status,
        "owner": owner,
    }
    act = _begin_on_postgresql if connection.vendor == "postgresql" else _begin_on_sqlite

    def begin_it() -> Begun | None:
        begun = act(run, asked, timedelta(seconds=settings.LEASE_SECONDS), longest)
        if begun is not None and run.started_at is None:
            _rows(LAST_RUN, {"moment": begun.moment, "workflow": run.workflow_id})
        return begun

    return unit(begin_it)


def _begin_on_sqlite(run: Run, asked: dict[str, Any], lease: timedelta, longest: timedelta) -> Begun | None:
    moment = stamp()
    asked |= {"moment": moment, "lease_until": moment + lease, "deadline": moment + longest}
    if not _rows(BEGIN_SQLITE, asked):
        return None
    return Begun(moment, run.started_at or moment, run.deadline_at or moment + longest)


def _begin_on_postgresql(
    run: Run, asked: dict[str, Any], lease: timedelta, longest: timedelta
) -> Begun | None:
    rows = _rows(BEGIN_POSTGRESQL, asked | {"lease": lease, "longest": longest})
    return Begun(*rows[0]) if rows else None


def mark(run_id: UUID, fence: int, deaths: int) -> str | None:
    rows = _rows(MARK, {"id": run_id, "fence": fence, "deaths": deaths})
    return str(rows[0][0]) if rows else None


def store(attempt: StepAttempt) -> None:
    values = dict(zip(ATTEMPT_COLUMNS, attempt_values(attempt), strict=True))
    if attempt.pk is None:
        attempt.pk = _rows(INSERT, values)[0][0]
        attempt._state.adding, attempt._state.db = False, connection.alias
    elif not _rows(UPDATE, {**values, "id": attempt.pk}):
        raise DatabaseError(f"Attempt {attempt.pk} is gone.")


def _rows(statement: str, values: dict[str, Any]) -> Sequence[Sequence[Any]]:
    if connection.vendor == "postgresql":
        return postgresql.fetched(statement, values)
    return sqlite.fetched(statement, {name: stored(value) for name, value in values.items()})
