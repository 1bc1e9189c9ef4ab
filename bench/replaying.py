"""Leads a simulated history through the detectors, as the product's background round does."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate

from bench.histories import QUARTER, ZONE, History
from runs.monitoring.detecting.failing import Ended, usual
from runs.monitoring.detecting.judging import (
    BLOCKS,
    SPANS,
    USUAL_DAYS,
    WEEKS,
    Learned,
    Recent,
    Seen,
    is_over,
    judge,
)
from runs.monitoring.detecting.rhythm import HOURS, Rhythm
from runs.monitoring.detecting.verdicts import Kind

SPAN_QUARTERS = [span // QUARTER for span in SPANS]


@dataclass(frozen=True)
class Opened:
    """A finding, at the quarter-hour in which it was made."""

    kind: Kind
    quarter: int
    score: float


@dataclass
class Day:
    """One day of the wall clock: runs by hour, durations by part of the day, runs by outcome."""

    counts: list[int | None] = field(default_factory=lambda: [0] * HOURS)
    blocks: list[Counter[int]] = field(default_factory=lambda: [Counter() for _ in range(BLOCKS)])
    ok: int = 0
    bad: int = 0

    def add(self, history: History, quarter: int, hour: int) -> None:
        ok, bad, known = history.succeeded[quarter], history.failed[quarter], self.counts[hour]
        self.counts[hour] = known + ok + bad if known is not None and is_settled(history, quarter) else None
        self.blocks[hour // (HOURS // BLOCKS)].update(history.durations[quarter])
        self.ok, self.bad = self.ok + ok, self.bad + bad


NO_DAY = Day(counts=[None] * HOURS)


class Reader:
    """The sums that the detectors ask for, of one history."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.ok = [0, *accumulate(history.succeeded)]
        self.bad = [0, *accumulate(history.failed)]
        self.sliding = [Counter[int]() for _ in SPANS]

    def slide(self, quarter: int) -> None:
        """Move the sliding histograms so that they end before `quarter`."""
        for length, counts in zip(SPAN_QUARTERS, self.sliding, strict=True):
            counts.update(self.history.durations[quarter - 1])
            if quarter - 1 - length >= 0:
                counts.subtract(self.history.durations[quarter - 1 - length])

    def ended(self, begin: int, end: int) -> Ended:
        begin = max(0, begin)
        return Ended(self.ok[end] - self.ok[begin], self.bad[end] - self.bad[begin])

    def learned(self, quarter: int) -> Learned:
        """At a local midnight."""
        today = self.history.moment(quarter).astimezone(ZONE).date()
        dates = [today - timedelta(days=back) for back in range(7 * WEEKS, 0, -1)]
        days = [self.days.get(day, NO_DAY) for day in dates]
        known = usual([Ended(day.ok, day.bad) for day in days[-USUAL_DAYS:]])
        counts = [count for day in days for count in day.counts]
        return Learned(Rhythm(dates[0], counts), known, [day.blocks for day in days[-USUAL_DAYS:]])

    @cached_property
    def days(self) -> dict[date, Day]:
        """What each day of the wall clock held."""
        found: dict[date, Day] = {}
        quarters = Counter[tuple[date, int]]()
        for quarter in range(len(self.history.succeeded)):
            local = self.history.moment(quarter).astimezone(ZONE)
            quarters[local.date(), local.hour] += 1
            found.setdefault(local.date(), Day()).add(self.history, quarter, local.hour)
        for (day, hour), n in quarters.items():
            if n != 4:
                found[day].counts[hour] = None
        return found


def is_settled(history: History, quarter: int) -> bool:
    """Active, and for two hours: what was held during a pause comes right after it."""
    return all(history.is_active[max(0, quarter - 8) : quarter + 1])


def opened(history: History, *, first: int) -> list[Opened]:
    """The findings that open from quarter `first` on; one of a kind is open at a time."""
    reader, last_seen, found = Reader(history), dict[Kind, datetime](), []
    learned: Learned | None = None
    for quarter, recent in _instants(reader, first):
        if learned is None or recent.now.astimezone(ZONE).time() == datetime.min.time():
            learned = reader.learned(quarter)
        verdicts = judge(learned, recent, ZONE, open_kinds=last_seen)
        found += [Opened(v.kind, quarter, v.score) for v in verdicts if v.kind not in last_seen]
        last_seen |= {verdict.kind: recent.now for verdict in verdicts}
        for kind in [kind for kind, seen in last_seen.items() if seen < recent.now]:
            if is_over(kind, last_seen[kind], recent.now):
                del last_seen[kind]
    return found


def _instants(reader: Reader, first: int) -> Iterator[tuple[int, Recent]]:
    history = reader.history
    active_since: int | None = 0
    last_end: int | None = None
    for quarter in range(1, len(history.succeeded) + 1):
        active = history.is_active[quarter - 1]
        active_since = None if not active else (quarter - 1 if active_since is None else active_since)
        if history.succeeded[quarter - 1] + history.failed[quarter - 1]:
            last_end = quarter
        reader.slide(quarter)
        if quarter < first:
            continue
        since = -1 if active_since is None else active_since
        begins = [max(quarter - n, since) for n in SPAN_QUARTERS]
        yield (
            quarter,
            Recent(
                now=history.moment(quarter),
                last_hour=reader.ended(quarter - 4, quarter).total,
                last_end=None if last_end is None else history.moment(last_end),
                active_since=None if active_since is None else history.moment(active_since),
                windows=[
                    Seen(history.moment(begin), reader.ended(begin, quarter), durations)
                    for begin, durations in zip(begins, reader.sliding, strict=True)
                ],
                interval_ms=history.interval_ms,
            ),
        )
