"""A true axis of time: a place for every moment, and labels at round times of a zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from django.utils import formats

from config.web.charts.numbers import percent

MOST_LABELS: Final = 9
# In percent.
EDGE: Final = 4.0
HOURS: Final = (0.25, 1, 3, 6, 12)
DAYS: Final = (1, 2, 7, 14)


@dataclass(frozen=True)
class Tick:
    """A label below the axis. `is_minor`: left out where there is little room."""

    x: str
    label: str
    anchor: str = "middle"
    is_minor: bool = False


@dataclass(frozen=True)
class TimeAxis:
    """From `start` to `end`, told in `zone`."""

    start: datetime
    end: datetime
    zone: tzinfo

    def place(self, moment: datetime) -> float:
        """Where the moment lies, in percent; what lies outside is moved to the nearer end."""
        # In UTC: within one zone Python would subtract wall clocks.
        start = self.start.astimezone(UTC)
        share = (moment.astimezone(UTC) - start) / (self.end.astimezone(UTC) - start)
        return 100 * min(max(share, 0.0), 1.0)

    def ticks(self) -> list[Tick]:
        """At most nine labels: hours within two days, else days, else months."""
        moments = [(moment, label) for moment, label in self._labelled() if self.start <= moment <= self.end]
        return [self._tick(moment, label, number) for number, (moment, label) in enumerate(moments)]

    def _tick(self, moment: datetime, label: str, number: int) -> Tick:
        x = self.place(moment)
        return Tick(percent(x), label, anchor(x), is_minor=number % 2 == 1)

    def _labelled(self) -> Iterator[tuple[datetime, str]]:
        span = self.end - self.start
        hours = next((n for n in HOURS if span / timedelta(hours=n) < MOST_LABELS), None)
        if hours:
            return self._hours(timedelta(hours=hours))
        days = next((n for n in DAYS if span / timedelta(days=n) < MOST_LABELS), None)
        return self._days(days) if days else self._months()

    def _hours(self, step: timedelta) -> Iterator[tuple[datetime, str]]:
        # Steps are walked in UTC: a local clock may jump within them.
        midnight = self._local(self.start).replace(hour=0, minute=0, second=0, microsecond=0)
        moment = midnight.astimezone(UTC)
        while moment <= self.end:
            local = self._local(moment)
            yield moment, f"{local:%H:%M}" if local.hour or local.minute else _day(local)
            moment += step

    def _days(self, step: int) -> Iterator[tuple[datetime, str]]:
        day = self._local(self.start).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        while (moment := day.replace(tzinfo=self.zone)) <= self.end:
            yield moment, _day(moment)
            day += timedelta(days=step if moment >= self.start else 1)

    def _months(self) -> Iterator[tuple[datetime, str]]:
        first = self._local(self.start)
        month = first.year * 12 + first.month - 1
        step = 2 if self.end - self.start > timedelta(days=270) else 1
        year = 0
        while (moment := datetime(month // 12, month % 12 + 1, 1, tzinfo=self.zone)) <= self.end:
            if moment >= self.start:
                yield moment, formats.date_format(moment, "M" if moment.year == year else "M Y")
                year = moment.year
            month += step if moment >= self.start else 1

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)


def anchor(x: float) -> str:
    """How a label at `x` percent stands to its place: near an end it is written towards the middle."""
    return "start" if x < EDGE else "end" if x > 100 - EDGE else "middle"


def _day(moment: datetime) -> str:
    return formats.date_format(moment, "j M")
