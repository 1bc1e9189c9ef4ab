"""Schedules that are simply due: most are, and at a full hour many are at once.

Such a one has one due instant, seen to in its time, its workflow is Active, and nothing else decides. It costs three
statements; whatever else a due schedule may come to, firing.py decides.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from config.failpoints import failpoint
from runs.intake.entering import Standing, enter
from runs.intake.occurrences import SCHEDULE
from runs.intake.ticks import TICKS_AT_ONCE, Due, due_ticks, is_late, occurrence_of
from runs.intake.timetables import read
from runs.models import Run, Schedule, Tick
from workflows.definition.compiled import compiled
from workflows.lifecycle import Status
from workflows.triggers.schedule import ScheduleTrigger


class _SeenTo(Exception):
    """It is no longer due: another scheduler fired it, or it was let go."""


class _Otherwise(Exception):
    """It was changed since it was read, or its workflow was."""


def busy_among(rows: Sequence[Schedule]) -> set[int]:
    """The triggers of which a run is open. By itself only whoever fires a schedule adds to its runs, so that of one that was
    not busy when it was read none is open when it is fired; a replay may come between, as it may right after."""
    workflows = {row.trigger.workflow_id for row in rows}
    runs = Run.objects.filter(workflow_id__in=workflows, is_test=False, trigger_kind=SCHEDULE).open()
    open_ = set(runs.values_list("workflow_id", "trigger_id"))
    return {row.trigger_id for row in rows if (row.trigger.workflow_id, row.trigger.trigger_id) in open_}


def fire_at_once(row: Schedule, now: datetime) -> int | None:
    """Fire a schedule, read with its trigger, workflow and published version, of which no run is open.

    1; 0 where another scheduler saw to it meanwhile; None, and nothing was written, where it is not simply due.
    """
    standing = _standing(row)
    if standing is None:
        return None
    due = due_ticks(read(row.timetable), row, now, most=TICKS_AT_ONCE)
    failpoint("K17")
    if not due.is_all or len(due.ticks) > 1 or is_late(due.ticks[0], now):
        return None
    try:
        with transaction.atomic():
            _record(row, due, standing, now)
    except _SeenTo:
        return 0
    except (_Otherwise, IntegrityError):
        return None
    return 1


def _standing(row: Schedule) -> Standing | None:
    """Of a schedule about which its workflow's status alone decides, and lets its runs start."""
    trigger, workflow = row.trigger, row.trigger.workflow
    published = workflow.published
    if workflow.status != Status.ACTIVE or workflow.launch or published is None:
        return None
    version = compiled(published.definition)
    if not isinstance(version.triggers.get(trigger.trigger_id), ScheduleTrigger):
        return None
    return Standing(trigger.pk, trigger.trigger_id, workflow.pk, published.pk, version)


def _record(row: Schedule, due: Due, standing: Standing, now: datetime) -> None:
    """The schedule goes on first: of several schedulers one alone gets beyond that."""
    still = Schedule.objects.filter(pk=row.pk, is_armed=True, set_aside="", next_at=row.next_at)
    if not still.filter(timetable=row.timetable, anchor=row.anchor).update(next_at=due.following, failures=0):
        raise _Otherwise if still.exists() else _SeenTo
    tick = due.ticks[0]
    accepted = enter(standing, occurrence_of(row.trigger, tick, now))
    if accepted is None:
        raise _Otherwise
    Tick.objects.create(trigger_id=row.trigger_id, due_at=tick, run_id=accepted.run_id)
    failpoint("K18")
