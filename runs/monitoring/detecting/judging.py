"""All detectors on one workflow: what was learned from its weeks, what is known now, what is unusual about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import Final

from runs.monitoring.detecting.durations import (
    LEAST_RECENT,
    Buckets,
    Past,
    merged,
    shift,
    slower_than_interval,
)
from runs.monitoring.detecting.failing import Ended, Usual, failures
from runs.monitoring.detecting.rhythm import Rhythm
from runs.monitoring.detecting.verdicts import Kind, Verdict
from runs.monitoring.detecting.volume import Volume, silence, spike

WEEKS: Final = 8
"""Of runs per hour that a rhythm is learned from."""
USUAL_DAYS: Final = 28
"""Days from which the usual failure ratio and durations are learned."""
SPANS: Final = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
BLOCKS: Final = 8
BLOCK_HOURS: Final = 24 // BLOCKS
"""Durations are kept by parts of the day, three hours each, since nights may differ from days."""

QUIET: Final = timedelta(hours=1)
"""What was seen less long ago still counts as going on, so that a finding does not open and close with each hour."""


def is_over(kind: Kind, last_seen: datetime, now: datetime) -> bool:
    """Whether an open finding that `judge` does not give any more is to be closed; a silence is at once."""
    return kind is Kind.SILENCE or now - last_seen >= QUIET


@dataclass(frozen=True)
class Learned:
    """Learned once a day. `durations`: for each past day the histograms of its parts."""

    rhythm: Rhythm
    usual: Usual
    durations: Sequence[Sequence[Buckets]]

    def past(self, blocks: tuple[int, ...]) -> Past:
        """Past days' durations over these parts of the day."""
        if blocks not in self._merged:
            self._merged[blocks] = Past([merged([day[n] for n in blocks]) for day in self.durations])
        return self._merged[blocks]

    @cached_property
    def _merged(self) -> dict[tuple[int, ...], Past]:
        return {}


@dataclass(frozen=True)
class Seen:
    """The production runs that ended from `begin` on: by outcome, and how long those took that were executed."""

    begin: datetime
    ended: Ended
    durations: Buckets


@dataclass(frozen=True)
class Recent:
    """What is known at `now`, the beginning of a quarter-hour; each sum covers whole quarter-hours before it.

    `windows` are those of SPANS, cut at the last publish or resume. `interval_ms`: the time between two occurrences of
    the workflow's schedule, None without one. The rest as in Volume.
    """

    now: datetime
    last_hour: int
    last_end: datetime | None
    active_since: datetime | None
    windows: Sequence[Seen]
    interval_ms: float | None = None


def judge(
    learned: Learned, recent: Recent, zone: tzinfo, *, open_kinds: Collection[Kind] = ()
) -> list[Verdict]:
    """What is unusual now, one verdict a kind at most; kinds with an open finding are judged by its looser measure."""
    volume = Volume(learned.rhythm, zone, recent.now, recent.last_hour, recent.last_end, recent.active_since)
    found = [
        spike(volume, is_open=Kind.SPIKE in open_kinds),
        silence(volume),
        failures(
            [(window.begin, window.ended) for window in recent.windows],
            learned.usual,
            now=recent.now,
            is_open=Kind.FAILURES in open_kinds,
        ),
        _shift(learned, recent, zone, is_open=Kind.DURATION in open_kinds),
        _slow(recent, is_open=Kind.SLOW_SCHEDULE in open_kinds),
    ]
    return [verdict for verdict in found if verdict is not None]


def _shift(learned: Learned, recent: Recent, zone: tzinfo, *, is_open: bool) -> Verdict | None:
    """By the last six hours where they hold enough runs, else by the last day."""
    _hour, window, day = recent.windows
    blocks = _blocks_touched(window.begin, recent.now, zone)
    if sum(window.durations.values()) < LEAST_RECENT:
        window, blocks = day, tuple(range(BLOCKS))
    past = learned.past(blocks)
    return shift(window.durations, past, since=window.begin, now=recent.now, is_open=is_open)


def _slow(recent: Recent, *, is_open: bool) -> Verdict | None:
    if recent.interval_ms is None:
        return None
    day = recent.windows[-1]
    return slower_than_interval(
        day.durations, recent.interval_ms, since=day.begin, now=recent.now, is_open=is_open
    )


def _blocks_touched(begin: datetime, end: datetime, zone: tzinfo) -> tuple[int, ...]:
    """The parts of the day in which a stretch of less than a day lies."""
    first = begin.astimezone(zone).hour // BLOCK_HOURS
    last = (end - timedelta(microseconds=1)).astimezone(zone).hour // BLOCK_HOURS
    return tuple((first + n) % BLOCKS for n in range((last - first) % BLOCKS + 1))
