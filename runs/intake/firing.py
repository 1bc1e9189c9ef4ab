"""Firing: each due instant of a watched schedule leaves exactly one occurrence."""

import logging
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from config.failpoints import failpoint
from runs.intake import schedule_notices
from runs.intake.arming import is_watched, let_go
from runs.intake.occurrences import OUTAGE, OVERLAP, SCHEDULE
from runs.intake.punctual import busy_among, fire_at_once
from runs.intake.starting import start
from runs.intake.ticks import (
    LATE,
    TICKS_AT_ONCE,
    due_ticks,
    is_late,
    occurrence_of,
    record_skipped,
    recorded,
    why_missed,
)
from runs.intake.timetables import read, schedule_rules
from runs.models import Run, Schedule, Tick
from workflows.lifecycle import Status
from workflows.models import Trigger
from workflows.services.acting import lock
from workflows.triggers.schedule import ScheduleTrigger

logger = logging.getLogger(__name__)

FAILURES_LIMIT = 3
ENOUGH = 1_000
SKIP = "skip"


def fire_due(now: datetime, *, limit: int = 100) -> int:
    """Fire schedules that are due, at most `limit` of those on time and as many that are late, each longest due
    first; returns how many occurrences it left. What an outage left behind never delays what is due now.

    After an outage only the newest due instant may run, if it is within `catch_up` (or not late at all); the
    older ones are Skipped (outage). After some 1,000 occurrences a call ends, so that other duties get their
    turn; call again while it returns more than 0. Any number of schedulers may call it at once. A schedule that
    fails is tried again, at the third time set aside; a database that cannot be reached raises.
    """
    due = Schedule.objects.filter(is_armed=True, set_aside="", next_at__lte=now).order_by("next_at", "pk")
    rows = due.select_related("trigger__workflow__published")
    punctual = list(rows.filter(next_at__gte=now - LATE)[:limit])
    busy = busy_among(punctual)
    count = sum(_fire(row, now, row.trigger_id in busy) for row in punctual)
    for row in list(rows.filter(next_at__lt=now - LATE)[:limit]):
        if count >= ENOUGH:
            break
        count += _fire(row, now)
    return count


def _fire(found: Schedule, now: datetime, is_busy: bool = True) -> int:
    pk, workflow_pk, launch = found.pk, found.trigger.workflow_id, found.trigger.workflow.launch
    try:
        fired = None if is_busy else fire_at_once(found, now)
        if fired is not None:
            return fired
        with transaction.atomic():
            if launch:
                # A launch counts under the workflow's lock, and verbs hold that before they touch its schedules.
                lock(workflow_pk)
            row = _claimed(pk, now)
            if row is None or (row.trigger.workflow.launch and not launch):
                return 0
            return _fire_claimed(row, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as wrong:  # whatever one schedule does, the others must go on
        logger.exception("Schedule %s could not be fired.", pk)
        _count_failure(pk, wrong)
        return 0


def _claimed(pk: int, now: datetime) -> Schedule | None:
    """The schedule, still due, locked; on SQLite the transaction is the lock."""
    rows = Schedule.objects.select_related("trigger__workflow__published")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(of=("self",), skip_locked=True)
    return rows.filter(pk=pk, is_armed=True, set_aside="", next_at__lte=now).first()


def _fire_claimed(row: Schedule, now: datetime) -> int:
    trigger = row.trigger
    if not is_watched(trigger.workflow):
        let_go(row, now)
        return 0
    rule = schedule_rules(trigger.workflow.published)[trigger.trigger_id]
    due = due_ticks(read(row.timetable), row, now, most=TICKS_AT_ONCE)
    failpoint("K17")
    older, newest = (due.ticks[:-1], due.ticks[-1]) if due.is_all else (due.ticks, None)
    count = record_skipped(trigger, [(tick, why_missed(tick, trigger.workflow)) for tick in older], now)
    if newest is not None and not recorded(trigger, [newest]):
        _record_newest(trigger, rule, newest, now)
        count += 1
    failpoint("K18")
    Schedule.objects.filter(pk=row.pk).update(next_at=due.following, failures=0)
    return count


def _record_newest(trigger: Trigger, rule: ScheduleTrigger, tick: datetime, now: datetime) -> None:
    reason = _why_not(trigger, rule, tick, now)
    if reason:
        record_skipped(trigger, [(tick, reason)], now)
        return
    accepted = start(trigger, trigger.workflow_id, occurrence_of(trigger, tick, now))
    Tick.objects.create(trigger=trigger, due_at=tick, run_id=accepted.run_id)


def _why_not(trigger: Trigger, rule: ScheduleTrigger, tick: datetime, now: datetime) -> str:
    """Why a tick is skipped, or "": missed by too long, or the run before it is still open."""
    if trigger.workflow.status != Status.ACTIVE:
        # Of one that is on time `start` reads the status anew and says what becomes of it.
        return why_missed(tick, trigger.workflow) if is_late(tick, now) else ""
    if is_late(tick, now) and now - tick > rule.catch_up:
        return OUTAGE
    if rule.overlap != SKIP:
        return ""
    runs = Run.objects.filter(workflow_id=trigger.workflow_id, is_test=False)
    is_busy = runs.filter(trigger_kind=SCHEDULE, trigger_id=trigger.trigger_id).open().exists()
    return OVERLAP if is_busy else ""


def _count_failure(pk: int, wrong: Exception) -> None:
    Schedule.objects.filter(pk=pk).update(failures=F("failures") + 1)
    why = _(
        "It could not be fired three times (%(error)s) and was set aside. Publish or start the workflow again."
    )
    with transaction.atomic():
        exhausted = Schedule.objects.filter(pk=pk, failures__gte=FAILURES_LIMIT, set_aside="")
        if exhausted.update(set_aside=why % {"error": type(wrong).__name__}):
            logger.error("Schedule %s was set aside after %s failures.", pk, FAILURES_LIMIT)
            schedule_notices.tell_set_aside(pk)
