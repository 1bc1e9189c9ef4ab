"""The schedules of a version, and when they are due."""

import heapq
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from runs.models import Schedule
from workflows.definition.compiled import compile_definition
from workflows.models import Version, Workflow
from workflows.triggers.schedule import ScheduleTrigger
from workflows.triggers.timetable import ScheduleRefused, Timetable


class Upcoming(NamedTuple):
    """A due instant: the trigger's id, in UTC, and as the clock on the wall of the schedule's zone shows it."""

    trigger: str
    at: datetime
    local: datetime


def schedule_rules(version: Version | None) -> dict[str, ScheduleTrigger]:
    """The schedule triggers that a version defines, by id. Raises DefinitionRefused."""
    if version is None:
        return {}
    triggers = compile_definition(version.definition).triggers
    return {rule.id: rule for rule in triggers if isinstance(rule, ScheduleTrigger)}


def timetable_of(rule: ScheduleTrigger) -> Timetable:
    """When a schedule trigger is due; raises ScheduleRefused."""
    return Timetable.from_trigger(cron=rule.cron, every=rule.every, timezone=rule.timezone)


def written(rule: ScheduleTrigger) -> str:
    """The part of a schedule that decides when it is due, as text that is kept beside what is armed."""
    seconds = rule.every.total_seconds() if rule.every else None
    return json.dumps({"cron": rule.cron, "every": seconds, "timezone": rule.timezone})


def read(text: str) -> Timetable:
    """The timetable that `written` was given; raises ScheduleRefused."""
    kept = json.loads(text)
    every = timedelta(seconds=kept["every"]) if kept["every"] else None
    return Timetable.from_trigger(cron=kept["cron"], every=every, timezone=kept["timezone"])


def upcoming(workflow: Workflow) -> dict[str, datetime]:
    """The next due instant of each watched schedule, by trigger id."""
    rows = Schedule.objects.filter(trigger__workflow=workflow, is_armed=True)
    return {name: due for name, due in rows.values_list("trigger__trigger_id", "next_at") if due}


def occurrences(
    workflow: Workflow,
    version: Version | None,
    trigger_id: str | None = None,
    *,
    start: datetime,
    count: int,
) -> list[Upcoming]:
    """The next due instants after `start` of a version's schedules, or of one of them, soonest first.

    Works for any status. An armed interval keeps its phase; one that is not armed counts from `start`. A
    schedule that cannot be used has none.
    """
    each = by_schedule(workflow, version, start=start)
    series = [due for id_, due in each.items() if trigger_id in (None, id_)]
    return list(islice(heapq.merge(*series, key=lambda due: (due.at, due.trigger)), count))


def by_schedule(
    workflow: Workflow, version: Version | None, *, start: datetime
) -> dict[str, Iterator[Upcoming]]:
    """As `occurrences`, but each schedule's own endless series, by trigger id. One query."""
    rows = Schedule.objects.filter(trigger__workflow=workflow, is_armed=True).select_related("trigger")
    armed = {row.trigger.trigger_id: row for row in rows}
    rules = schedule_rules(version)
    return {id_: _upcoming(rule, armed.get(id_), start) for id_, rule in rules.items()}


def _upcoming(rule: ScheduleTrigger, armed: Schedule | None, start: datetime) -> Iterator[Upcoming]:
    try:
        timetable = timetable_of(rule)
    except ScheduleRefused:
        return
    anchor = armed.anchor if armed and armed.timetable == written(rule) else start
    due = timetable.next_after(start, anchor=anchor)
    while due is not None:
        yield Upcoming(rule.id, due, due.astimezone(timetable.zone))
        due = timetable.next_after(due, anchor=anchor)
