"""Stretches of time as charts show them: whole buckets of the workspace's zone, the last one unfinished.

Counts are kept by quarter-hour, hour, day and month. Every zone in use differs from UTC by whole quarter-hours, so a
quarter-hour belongs to one hour, one day and one month of any zone.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from runs.models import Level

QUARTER_HOUR: Final = timedelta(minutes=15)


class Grain(StrEnum):
    """How much time one mark of a chart stands for."""

    QUARTER = "quarter"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def level(self) -> Level:
        """The counts of which its buckets are made."""
        return Level.DAY if self is Grain.WEEK else Level[self.name]


RANGES: Final[dict[str, tuple[Grain, int]]] = {
    "1h": (Grain.QUARTER, 4),
    "6h": (Grain.QUARTER, 24),
    "24h": (Grain.QUARTER, 96),
    "7d": (Grain.HOUR, 168),
    "30d": (Grain.DAY, 30),
    "90d": (Grain.DAY, 90),
    "1y": (Grain.WEEK, 53),
}
"""Each range's buckets: their grain and number, at most 200; the present one, unfinished, is the last."""


def workspace_zone() -> ZoneInfo:
    """The zone whose hours, days and months the counts are kept by: settings.TIME_ZONE."""
    return ZoneInfo(settings.TIME_ZONE)


def quarter_of(moment: datetime) -> datetime:
    """When the quarter-hour of a moment begins, in UTC."""
    there = moment.astimezone(UTC)
    return there.replace(minute=there.minute - there.minute % 15, second=0, microsecond=0)


def start_of(moment: datetime, grain: Grain | Level, zone: tzinfo) -> datetime:
    """When the bucket of a moment begins, in UTC. An hour that a change of the clock repeats is two hours."""
    name = grain.name
    if name == "QUARTER":
        return quarter_of(moment)
    there = moment.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    if name != "HOUR":
        # The first of two midnights; where there is none, the day begins as the clock jumps over it.
        there = there.replace(hour=0, fold=0)
    if name == "WEEK":
        there -= timedelta(days=there.weekday())
    elif name == "MONTH":
        there = there.replace(day=1)
    return there.astimezone(UTC)


def next_start(start: datetime, grain: Grain | Level, zone: tzinfo) -> datetime:
    """When the bucket after the one that begins at `start` begins."""
    name = grain.name
    if name == "QUARTER":
        return start + QUARTER_HOUR
    if name == "HOUR":
        # Found by looking, since a change of the clock by half an hour makes longer and shorter hours.
        following = start + QUARTER_HOUR
        while start_of(following, grain, zone) != following:
            following += QUARTER_HOUR
        return following
    # A long stride that surely ends in the following bucket and not in the one after it.
    stride = timedelta(days={"DAY": 1, "WEEK": 7, "MONTH": 32}[name], hours=0 if name == "MONTH" else 12)
    return start_of(start + stride, grain, zone)


@dataclass(frozen=True)
class Window:
    """From `start` on, before `end`, both beginnings of buckets of this grain in this zone."""

    start: datetime
    end: datetime
    grain: Grain
    zone: tzinfo

    @classmethod
    def of(cls, range_text: str, now: datetime, zone: tzinfo | None = None) -> "Window":
        """The window of a range (RANGES) that ends with the bucket of `now`; raises KeyError for any other text."""
        grain, number = RANGES[range_text]
        zone = zone or workspace_zone()
        end = next_start(start_of(now, grain, zone), grain, zone)
        if grain in (Grain.QUARTER, Grain.HOUR):
            length = QUARTER_HOUR if grain is Grain.QUARTER else timedelta(hours=1)
            return cls(start_of(end - number * length, grain, zone), end, grain, zone)
        days = number * (7 if grain is Grain.WEEK else 1)
        first = end.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
        # Noon is a time that every day has.
        noon = first.replace(hour=12, tzinfo=zone)
        return cls(start_of(noon, grain, zone), end, grain, zone)

    @classmethod
    def between(
        cls, start: datetime, end: datetime, *, grain: Grain = Grain.DAY, zone: tzinfo | None = None
    ) -> "Window":
        """The whole buckets that cover a stretch of time."""
        zone = zone or workspace_zone()
        first, last = start_of(start, grain, zone), start_of(end, grain, zone)
        return cls(first, last if last == end else next_start(last, grain, zone), grain, zone)

    @property
    def before(self) -> "Window":
        """The window of the same length that ends where this one begins."""
        start = self.start - (self.end - self.start)
        if self.grain not in (Grain.QUARTER, Grain.HOUR):
            # Days may have 23 or 25 hours: from the middle of a day its beginning is found.
            start += timedelta(hours=12)
        return Window.between(start, self.start, grain=self.grain, zone=self.zone)

    @cached_property
    def starts(self) -> list[datetime]:
        """When each bucket begins."""
        starts, start = [], self.start
        while start < self.end:
            starts.append(start)
            start = next_start(start, self.grain, self.zone)
        return starts

    def buckets(self) -> list[tuple[datetime, datetime]]:
        """Each bucket's beginning and end; of a window that ends with the present the last one is unfinished."""
        return list(zip(self.starts, [*self.starts[1:], self.end], strict=True))

    def bucket_at(self, moment: datetime) -> datetime:
        """The beginning of the bucket in which a moment of the window lies."""
        return self.starts[bisect_right(self.starts, moment) - 1]

    def stretches(self, *, within: Level | None = None) -> list[tuple[Level, datetime, datetime]]:
        """The window cut into months, days, hours and quarter-hours, as coarse as they fit into it.

        So a sum reads few counts. With `within`, none coarser than that.
        """
        levels = [level for level in sorted(Level, reverse=True) if within is None or level <= within]
        return list(_cut(self.start, self.end, levels, self.zone))


def _cut(
    start: datetime, end: datetime, levels: list[Level], zone: tzinfo
) -> Iterator[tuple[Level, datetime, datetime]]:
    if start >= end:
        return
    level, *finer = levels
    first, last = start_of(start, level, zone), start_of(end, level, zone)
    if first != start:
        first = next_start(first, level, zone)
    if not finer or first >= last:
        whole = (level, start, end) if not finer else None
        yield from (whole,) if whole else _cut(start, end, finer, zone)
        return
    yield from _cut(start, first, finer, zone)
    yield level, first, last
    yield from _cut(last, end, finer, zone)
