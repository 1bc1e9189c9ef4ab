"""Next runs: what the schedules of Active workflows start within a day, and what is late."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any, Final

from django.utils import timezone

from config.web import policy
from runs.intake import timetables
from runs.models import Schedule
from workflows.models import Scope, Status, Workflow
from workflows.triggers.timetable import ScheduleRefused, Timetable

AHEAD: Final = timedelta(hours=24)
LATE: Final = timedelta(minutes=1)
SCHEDULES: Final = 200
SHOWN: Final = 200


@dataclass(frozen=True)
class NextRun:
    """One due instant. `local` is the clock on the wall of the schedule's own zone; late ones did not fire yet."""

    schedule: Schedule
    at: datetime
    local: datetime
    is_late: bool

    @property
    def workflow(self) -> Workflow:
        return self.schedule.trigger.workflow


def coming(user: Any, *, workflow: Workflow | None = None, scope: Scope | None = None) -> list[NextRun]:
    """Late ones first, then by time; one query. Of every schedule each instant of the next 24 hours, 200 at most."""
    now = timezone.now()
    rows = policy.visible_to(user, Schedule.objects.filter(is_armed=True, set_aside=""))
    due = rows.filter(trigger__workflow__status=Status.ACTIVE, next_at__lte=now + AHEAD)
    if workflow is not None:
        due = due.filter(trigger__workflow=workflow)
    if scope is not None and scope.kind != Scope.Kind.WORKSPACE:
        due = due.filter(trigger__workflow__scope__in=Scope.objects.inside([scope.pk]))
    found = due.select_related("trigger__workflow").order_by("next_at", "pk")[:SCHEDULES]
    series = [_series(row, now) for row in found]
    return list(islice(heapq.merge(*series, key=lambda one: (one.at, one.schedule.pk)), SHOWN))


def _series(schedule: Schedule, now: datetime) -> Iterator[NextRun]:
    """The instant that is due next, which may be late, and those after it until tomorrow."""
    first = schedule.next_at
    if first is None:
        return
    timetable = _timetable(schedule)
    local = first.astimezone(timetable.zone) if timetable else first
    yield NextRun(schedule, first, local, first < now - LATE)
    if timetable is None:
        return
    later = _after(timetable, max(first, now), schedule.anchor)
    for at in takewhile(lambda at: at <= now + AHEAD, later):
        yield NextRun(schedule, at, at.astimezone(timetable.zone), is_late=False)


def _timetable(schedule: Schedule) -> Timetable | None:
    try:
        return timetables.read(schedule.timetable) if schedule.timetable else None
    except ScheduleRefused:
        return None


def _after(timetable: Timetable, start: datetime, anchor: datetime) -> Iterator[datetime]:
    due = timetable.next_after(start, anchor=anchor)
    while due is not None:
        yield due
        due = timetable.next_after(due, anchor=anchor)
