"""Learning from tallies and spans of status what is usual for workflows: three queries for any number of them."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from runs.models import Level
from runs.monitoring.detecting.failing import Ended, usual
from runs.monitoring.detecting.judging import BLOCK_HOURS, BLOCKS, USUAL_DAYS, WEEKS, Learned
from runs.monitoring.detecting.rhythm import HOURS, Rhythm
from runs.monitoring.figures import statuses
from runs.monitoring.reading import Choice, run_counts
from runs.monitoring.sums import Sum
from runs.monitoring.windows import Grain, Window
from workflows.models import Status, StatusSpan

HOUR: Final = timedelta(hours=1)
SETTLING: Final = timedelta(hours=2)
"""After a start or resume come the runs that were held: these hours are no example."""
DAYS: Final = WEEKS * 7


@dataclass
class Day:
    """One day of the wall clock: executed runs by hour, durations by part of the day, outcomes."""

    hours: list[int] = field(default_factory=lambda: [0] * HOURS)
    blocks: list[Counter[int]] = field(default_factory=lambda: [Counter() for _ in range(BLOCKS)])
    success: int = 0
    failed: int = 0

    def add(self, hour: int, found: Sum) -> None:
        """What ended within an hour of it."""
        numbers = found.numbers
        self.hours[hour] += numbers["success"] + numbers["failed"] + numbers["cancelled"]
        self.success += numbers["success"]
        self.failed += numbers["failed"]
        self.blocks[hour // BLOCK_HOURS].update(found.durations)


@dataclass(frozen=True)
class Calendar:
    """The last eight weeks before a day, hour by hour as the wall clock shows them."""

    today: date
    zone: ZoneInfo

    @property
    def first(self) -> date:
        return self.today - timedelta(days=DAYS)

    def window(self, days: int, *, until: int = 0) -> Window:
        """The whole days from so many before today on; `until`: those many days before today, it ends."""
        start, end = (self._midnight(self.today - timedelta(days=n)) for n in (days, until))
        return Window.between(start, end, grain=Grain.HOUR, zone=self.zone)

    def place(self, moment: datetime) -> tuple[int, int]:
        """The number of the day, from the first one on, and the hour."""
        local = moment.astimezone(self.zone)
        return (local.date() - self.first).days, local.hour

    def plain_hours(self) -> Iterator[tuple[int, int, datetime]]:
        """Day, hour and beginning of each hour that the wall clock shows once and in full."""
        starts = self.window(DAYS).starts
        often = Counter(self.place(start) for start in starts)
        for start, end in zip(starts, [*starts[1:], starts[-1] + HOUR], strict=True):
            day, hour = self.place(start)
            if often[day, hour] == 1 and end - start == HOUR:
                yield day, hour, start

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone)


def learn(workflows: Collection[int], *, today: date, zone: ZoneInfo) -> dict[int, Learned]:
    """What the whole days before `today` teach about each of these workflows."""
    calendar, choice = Calendar(today, zone), Choice(workflows)
    days: dict[int, list[Day]] = {pk: [Day() for _ in range(DAYS)] for pk in workflows}
    for window, with_texts in (
        (calendar.window(DAYS, until=USUAL_DAYS), False),
        (calendar.window(USUAL_DAYS), True),
    ):
        by = ("workflow", "start")
        for (pk, start), found in run_counts(window, by, choice, within=Level.HOUR, with_texts=with_texts):
            day, hour = calendar.place(start)
            days[pk][day].add(hour, found)
    spans = statuses(calendar.window(DAYS), workflows)
    plain = list(calendar.plain_hours())
    return {
        pk: _learned(calendar, days[pk], [span for span in spans if span.workflow_id == pk], plain)
        for pk in workflows
    }


def _learned(
    calendar: Calendar, days: list[Day], spans: Iterable[StatusSpan], plain: list[tuple[int, int, datetime]]
) -> Learned:
    counts: list[int | None] = [None] * (DAYS * HOURS)
    for day, hour in _known(spans, plain):
        counts[day * HOURS + hour] = days[day].hours[hour]
    late = days[-USUAL_DAYS:]
    known = usual([Ended(day.success, day.failed) for day in late])
    return Learned(Rhythm(calendar.first, counts), known, [day.blocks for day in late])


def _known(spans: Iterable[StatusSpan], plain: list[tuple[int, int, datetime]]) -> Iterator[tuple[int, int]]:
    """The hours throughout which the workflow was Active, and had been for a while."""
    begins = [start for _day, _hour, start in plain]
    for span in spans:
        if span.status == Status.ACTIVE:
            first = bisect_left(begins, span.since + SETTLING)
            last = len(plain) if span.until is None else bisect_left(begins, span.until - HOUR)
            yield from ((day, hour) for day, hour, _start in plain[first:last])
