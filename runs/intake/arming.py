"""Arming: which schedules are watched, and when each is due next."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from config.clock import stamp
from runs.intake import schedule_notices
from runs.intake.occurrences import NOT_RUNNING, OUTAGE, PAUSED, SCHEDULE
from runs.intake.ticks import TICKS_AT_ONCE, due_ticks, is_late, record_skipped
from runs.intake.timetables import read, schedule_rules, timetable_of, written
from runs.models import Schedule
from workflows.definition.findings import DefinitionRefused
from workflows.lifecycle import Status
from workflows.models import Trigger, Workflow
from workflows.triggers.schedule import ScheduleTrigger
from workflows.triggers.timetable import ScheduleRefused

logger = logging.getLogger(__name__)


def arm(workflow: Workflow, moment: datetime) -> None:
    """Bring the watched schedules in line with the workflow: to be called in the transaction of every verb that
    changes its status or its published version, after both are set on `workflow`.

    Watched while it is Active, Paused or stopped by the system, else let go. A schedule that stays as it was
    keeps its phase and its next due instant; a new, changed or formerly unwatched one counts from `moment`.
    Never raises for a bad schedule: that one is set aside, with the reason. Repeating it changes nothing.
    """
    with transaction.atomic():
        rows = {row.trigger_id: row for row in _locked(workflow)}
        for trigger, rule in _live(workflow):
            known = trigger.pk in rows
            _arm(rows.pop(trigger.pk) if known else Schedule(trigger=trigger, is_armed=False), rule, moment)
        for row in rows.values():
            let_go(row, moment)


def disarm(workflow: Workflow, moment: datetime | None = None) -> None:
    """Let all schedules of a workflow go; what was due until `moment` (now) and not recorded becomes Skipped."""
    moment = moment or stamp()
    with transaction.atomic():
        for row in _locked(workflow):
            let_go(row, moment)


def settle_closed(workflow: Workflow, moment: datetime, *, since: datetime | None) -> None:
    """Before a gate opens: what came due until `moment` and nobody saw to is skipped, as of the closing `since`.

    Without it the first turn of the scheduler would start what fell into the pause.
    """
    with transaction.atomic():
        for row in _locked(workflow).filter(next_at__lte=moment):
            _settle(row, moment, lambda tick: OUTAGE if since is not None and tick < since else PAUSED)
            row.save(update_fields=["next_at"])


def is_watched(workflow: Workflow) -> bool:
    """Whether the schedules of a workflow in this status are watched."""
    return workflow.deleted_at is None and (workflow.status == Status.ACTIVE or workflow.holds_triggers)


def let_go(row: Schedule, moment: datetime) -> None:
    """Watch one schedule no longer; what came due until `moment` and was not seen to is recorded as skipped."""
    if not row.is_armed:
        return
    _settle(row, moment, _unwatched(moment))
    _mended(row)
    row.is_armed, row.next_at, row.failures = False, None, 0
    row.save()


def locked_rows() -> QuerySet[Schedule]:
    """Schedules in the order in which they are locked, each until the transaction ends."""
    rows = Schedule.objects.select_related("trigger__workflow").order_by("pk")
    return rows.select_for_update(of=("self",)) if connection.vendor == "postgresql" else rows


def _locked(workflow: Workflow) -> QuerySet[Schedule]:
    return locked_rows().filter(trigger__workflow=workflow)


def _live(workflow: Workflow) -> list[tuple[Trigger, ScheduleTrigger]]:
    """The schedules to watch, each with its standing row."""
    if not is_watched(workflow):
        return []
    try:
        rules = schedule_rules(workflow.published)
    except DefinitionRefused:
        logger.exception("The published definition of workflow %s cannot be read.", workflow.pk)
        return []
    triggers = workflow.triggers.filter(is_live=True, kind=SCHEDULE)
    return [(trigger, rules[trigger.trigger_id]) for trigger in triggers if trigger.trigger_id in rules]


def _arm(row: Schedule, rule: ScheduleTrigger, moment: datetime) -> None:
    if row.is_armed and row.timetable == written(rule):
        if row.set_aside or row.failures:
            _mended(row)
            Schedule.objects.filter(pk=row.pk).update(set_aside="", failures=0)
        return
    _settle(row, moment, _unwatched(moment))
    row.timetable, row.anchor, row.is_armed = written(rule), moment, True
    _mended(row)
    row.failures = 0
    try:
        row.next_at = timetable_of(rule).next_after(moment, anchor=moment)
    except ScheduleRefused as wrong:
        row.next_at, row.set_aside = None, _("The schedule cannot be used: %(why)s") % {"why": wrong}
    row.save()
    if row.set_aside:
        schedule_notices.tell_set_aside(row.pk)


def _mended(row: Schedule) -> None:
    if row.set_aside:
        row.set_aside = ""
        schedule_notices.close_set_aside(row.pk)


def _unwatched(moment: datetime) -> Callable[[datetime], str]:
    return lambda tick: OUTAGE if is_late(tick, moment) else NOT_RUNNING


def _settle(row: Schedule, moment: datetime, why: Callable[[datetime], str]) -> None:
    """Every due instant leaves one occurrence: record those that came before `moment` and were not seen to.

    A timetable that can no longer be read has none: no verb is refused for it.
    """
    if not row.is_armed or row.set_aside:
        return
    try:
        timetable = read(row.timetable)
    except ScheduleRefused:
        logger.exception("The timetable of schedule %s cannot be read.", row.pk)
        return
    while row.next_at is not None and row.next_at <= moment:
        due = due_ticks(timetable, row, moment, most=TICKS_AT_ONCE)
        record_skipped(row.trigger, [(tick, why(tick)) for tick in due.ticks], moment)
        row.next_at = due.following
