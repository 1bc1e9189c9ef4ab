"""A full database in a minute: thousands of workflows and a million runs, copied from one real pair by plain SQL.

Statuses, times and ids are such as real use leaves: ids ordered by time over sixty days, one run in twenty failed,
one workflow in ten paused with one trigger held, one in ten with a run that waits for weeks.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, models, transaction

from runs.models import Run, Schedule
from workflows.models import Trigger, Version, Workflow

DAYS = 60
PORTION = 50_000
WAIT_DAYS = 20

Overrides = dict[str, str]


def seed(template: Run, *, workflows: int, runs: int) -> None:
    """Copy the template's workflow so many times, and the template, a closed run, so many times over them.

    May be called once per database. Tells the planner about the new rows where the database does not by itself.
    """
    seed_runs(template, seed_workflows(template, workflows), workflows=workflows, runs=runs)


def seed_workflows(template: Run, count: int) -> int:
    """The copies of the template's workflow alone; gives the key of the first, the others follow."""
    first = _newest(Workflow) + 1
    with transaction.atomic():
        _copy_workflows(template.workflow_id, count)
    return first


def seed_runs(template: Run, first_workflow: int, *, workflows: int, runs: int) -> None:
    """Copies of the template over those workflows, each where its workflow lies."""
    begun = datetime.now(UTC) - timedelta(days=DAYS)
    for start in range(0, runs, PORTION):
        count = min(PORTION, runs - start)
        with transaction.atomic():
            changes = _of_run(first_workflow, workflows, runs, begun)
            _copy(Run, template.pk, changes, start=start, count=count)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _copy_workflows(template: int, count: int) -> None:
    workflow, version = (_newest(model) + 1 for model in (Workflow, Version))
    published = Workflow.objects.values_list("published_id", flat=True).get(pk=template)
    name = _text("Seeded workflow ", "i")
    paused = "i % 10 = 3"
    _copy(
        Workflow,
        template,
        {
            "id": f"{workflow} + i",
            "name": name,
            "name_key": f"lower({name})",
            "published_id": "NULL",
            "status": f"CASE WHEN {paused} THEN 'paused' WHEN i % 10 = 7 THEN 'not_running' ELSE 'active' END",
            "cause": "CASE WHEN i % 10 = 7 THEN 'person' ELSE '' END",
            "reason": f"CASE WHEN {paused} THEN 'maintenance' ELSE '' END",
            "paused_at": f"CASE WHEN {paused} THEN t.created_at END",
        },
        count=count,
    )
    _copy(Version, published, {"id": f"{version} + i", "workflow_id": f"{workflow} + i"}, count=count)
    for kept in Trigger.objects.filter(workflow_id=template).order_by("pk"):
        _copy_trigger(kept, workflow, count)
    _publish(workflow, version, count)


def _copy_trigger(kept: Trigger, workflow: int, count: int) -> None:
    """A trigger of each copied workflow, with its schedule if it has one."""
    trigger = _newest(Trigger) + 1
    address = _text(f"seeded-{kept.pk}-", "i")
    changes = {"id": f"{trigger} + i", "workflow_id": f"{workflow} + i", "address": address}
    _copy(Trigger, kept.pk, changes, count=count)
    for schedule in Schedule.objects.filter(trigger=kept):
        changes = {"id": f"{_newest(Schedule) + 1} + i", "trigger_id": f"{trigger} + i"}
        _copy(Schedule, schedule.pk, changes, count=count)


def _publish(workflow: int, version: int, count: int) -> None:
    """Point each workflow at its version, and let the sequences go on behind what was entered."""
    apart = version - workflow
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE workflows_workflow SET published_id = id + {apart} WHERE id >= {workflow} AND id < {workflow + count}"
        )
        if connection.vendor == "postgresql":
            for model in (Workflow, Version, Trigger, Schedule):
                table = model._meta.db_table
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                )


def _of_run(first_workflow: int, workflows: int, runs: int, begun: datetime) -> Overrides:
    """What differs from run to run: the newest round holds a trigger or waits where its workflow's number says so."""
    second = f"({begun.timestamp():.3f} + i * {DAYS * 86_400 / runs:.9f})"
    newest = f"i >= {runs - workflows}"
    held, waits = f"({newest} AND i % 10 = 3)", f"({newest} AND i % 10 = 5)"
    now = _moment(f"{datetime.now(UTC).timestamp():.3f}")
    later = _moment(f"{(datetime.now(UTC) + timedelta(days=WAIT_DAYS)).timestamp():.3f}")
    started, ended = _moment(f"{second} + 0.01"), _moment(f"{second} + 0.05")
    workflow = f"{first_workflow} + i % {workflows}"
    return {
        "id": _run_id(second),
        "workflow_id": workflow,
        "scope_id": f"(SELECT w.scope_id FROM workflows_workflow w WHERE w.id = {workflow})",
        "version_id": f"CASE WHEN NOT {held} THEN t.version_id END",
        "status": f"CASE WHEN {held} THEN 'held' WHEN {waits} THEN 'waiting'"
        " WHEN i % 20 = 0 THEN 'failed' ELSE 'success' END",
        "is_instant": f"t.is_instant AND NOT ({held} OR {waits})",
        "reason": f"CASE WHEN {held} THEN 'paused' WHEN {waits} THEN 'delay' ELSE '' END",
        "error": "CASE WHEN i % 20 = 0 THEN 'The target answered with 500.' ELSE '' END",
        "received_at": _moment(second),
        "started_at": f"CASE WHEN NOT {held} THEN {started} END",
        "ended_at": f"CASE WHEN NOT ({held} OR {waits}) THEN {ended} END",
        "due_at": f"CASE WHEN {waits} THEN {later} END",
        "held_at": f"CASE WHEN {held} THEN {now} END",
        "held_until": f"CASE WHEN {held} THEN {later} END",
        "deadline_at": f"CASE WHEN {waits} THEN {later} END",
    }


def _copy(
    model: type[models.Model], template: int | UUID | None, changes: Overrides, *, count: int, start: int = 0
) -> None:
    """Insert copies of one row; `i` counts them in the expressions of what differs, `t` is the template."""
    columns = [field.column for field in model._meta.concrete_fields if field.column]
    values = [changes.get(column, f"t.{column}") for column in columns]
    key = template.hex if isinstance(template, UUID) and connection.vendor == "sqlite" else template
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE n(i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM n WHERE i < {start + count - 1})"
            f" INSERT INTO {model._meta.db_table} ({', '.join(columns)})"
            f" SELECT {', '.join(values)} FROM n, {model._meta.db_table} t WHERE t.id = %s".replace(
                "% ", "%% "
            ),
            [key],
        )


def _newest(model: type[models.Model]) -> int:
    return int(model._default_manager.aggregate(newest=models.Max("pk"))["newest"] or 0)


def _text(prefix: str, number: str) -> str:
    return f"'{prefix}' || CAST({number} AS text)"


def _moment(second: str) -> str:
    """An instant as the database keeps it, from an expression in seconds since the epoch."""
    if connection.vendor == "postgresql":
        return f"to_timestamp({second})"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', {second}, 'unixepoch')"


def _run_id(second: str) -> str:
    """A UUID of version 7 for that second and the number i, which makes it unique."""
    milliseconds = f"CAST({second} * 1000 AS bigint)"
    if connection.vendor == "postgresql":
        parts = f"lpad(to_hex({milliseconds}), 12, '0') || '7000' || '8000' || lpad(to_hex(i), 12, '0')"
        return f"CAST({parts} AS uuid)"
    return f"printf('%%012x', {milliseconds}) || '7000' || '8000' || printf('%%012x', i)"
