"""What the detectors must know of the last day, for many workflows in a constant number of queries."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final

from runs.intake import timetables
from runs.models import Level, Schedule
from runs.monitoring.detecting.failing import Ended
from runs.monitoring.detecting.judging import SPANS, Recent, Seen
from runs.monitoring.reading import Choice, run_counts
from runs.monitoring.sums import Sum
from runs.monitoring.windows import QUARTER_HOUR, Grain, Window, quarter_of, workspace_zone
from workflows.models import Status, Workflow
from workflows.triggers.timetable import ScheduleRefused

HOUR: Final = timedelta(hours=1)
DAY: Final = SPANS[-1]
OCCURRENCES: Final = 4
INSTANT: Final = timedelta(microseconds=1)


@dataclass
class Quarters:
    """The quarter-hours of one workflow's last day in which runs ended, by their beginning."""

    found: dict[datetime, Sum] = field(default_factory=dict)

    def add(self, start: datetime, one: Sum) -> None:
        self.found.setdefault(start, Sum()).add(one)

    def since(self, moment: datetime) -> Iterable[Sum]:
        return (one for start, one in self.found.items() if start >= moment)

    def last_end(self) -> datetime | None:
        """The end of the last quarter-hour in which a run was executed."""
        ended = (start for start, one in self.found.items() if _executed(one))
        last = max(ended, default=None)
        return last and last + QUARTER_HOUR


def recent(workflows: Collection[Workflow], *, now: datetime) -> dict[int, Recent]:
    """By the id of the workflow; `now` is the beginning of a quarter-hour. Workflows come with `published`."""
    ids = [workflow.pk for workflow in workflows]
    quarters = {pk: Quarters() for pk in ids}
    window = Window(now - DAY, now, Grain.QUARTER, workspace_zone())
    by = ("workflow", "start")
    for (pk, start), one in run_counts(window, by, Choice(ids), within=Level.QUARTER, with_texts=True):
        quarters[pk].add(start, one)
    intervals = _intervals(ids, now)
    return {one.pk: _recent(one, quarters[one.pk], now, intervals.get(one.pk)) for one in workflows}


def _recent(workflow: Workflow, quarters: Quarters, now: datetime, interval_ms: float | None) -> Recent:
    begun = _counted_from(workflow)
    begins = [max(now - span, begun) for span in SPANS]
    ends = [moment for moment in (workflow.last_run_at, quarters.last_end()) if moment]
    return Recent(
        now=now,
        last_hour=sum(_executed(one) for one in quarters.since(now - HOUR)),
        last_end=min(max(ends), now) if ends else None,
        active_since=workflow.activated_at if workflow.status == Status.ACTIVE else None,
        windows=[_seen(begin, list(quarters.since(begin))) for begin in begins],
        interval_ms=interval_ms,
    )


def _counted_from(workflow: Workflow) -> datetime:
    """The first whole quarter-hour after the last publish, start or resume."""
    published = workflow.published.published_at if workflow.published else None
    moments = [moment for moment in (workflow.activated_at, published) if moment]
    return quarter_of(max(moments, default=workflow.created_at) + QUARTER_HOUR - INSTANT)


def _executed(one: Sum) -> int:
    return one.numbers["success"] + one.numbers["failed"] + one.numbers["cancelled"]


def _seen(begin: datetime, found: list[Sum]) -> Seen:
    succeeded, failed = (sum(one.numbers[word] for one in found) for word in ("success", "failed"))
    durations: Counter[int] = Counter()
    for one in found:
        durations.update(one.durations)
    return Seen(begin, Ended(succeeded, failed), durations)


def _intervals(workflows: Collection[int], now: datetime) -> dict[int, float]:
    """Milliseconds between occurrences of the most frequent schedule of each workflow that has one."""
    rows = Schedule.objects.filter(trigger__workflow__in=workflows, is_armed=True, set_aside="").exclude(
        timetable=""
    )
    found: dict[int, float] = {}
    for pk, text, anchor in rows.values_list("trigger__workflow_id", "timetable", "anchor"):
        interval = _interval(text, anchor, now.replace(minute=0))
        if interval:
            found[pk] = min(interval, found.get(pk, interval))
    return found


@lru_cache(maxsize=4096)
def _interval(text: str, anchor: datetime, moment: datetime) -> float | None:
    """The least time between the next few occurrences."""
    due: list[datetime] = []
    try:
        timetable = timetables.read(text)
        while len(due) < OCCURRENCES:
            following = timetable.next_after(due[-1] if due else moment, anchor=anchor)
            if following is None:
                break
            due.append(following)
    except ScheduleRefused:
        return None
    return min(((b - a).total_seconds() * 1000 for a, b in pairwise(due)), default=None)
