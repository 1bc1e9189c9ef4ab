"""Volume outside its usual band for that hour of the week: floods, and silence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from runs.monitoring.detecting.rhythm import HOURS, LEAST_DAYS, Rhythm
from runs.monitoring.detecting.tails import negative_binomial_upper, no_runs
from runs.monitoring.detecting.verdicts import Kind, Verdict, score

HOUR: Final = timedelta(hours=1)
SPIKE_LEAST: Final = 20
SPIKE_TIMES: Final = 3.0
SPIKE_CHANCE: Final = 1e-6
SPIKE_OVER_PAST: Final = 1.25
SPIKE_GONE: Final = (2.0, 1e-3)
LEAST_EXCESS: Final = 0.02
QUIET_AFTER_START: Final = timedelta(hours=2)
"""Nothing is said about floods so long after a start or resume: what was held comes then."""
SILENCE_CHANCE: Final = 1e-5
SILENCE_EMPTY: Final = 0.025
"""Most that the share of past windows without a run may be; needs twenty windows without exception."""
SHORT_GAP: Final = 1.25
LONG_GAP: Final = 6.0
LONGEST_GAP: Final = 8 * 24.0


@dataclass(frozen=True)
class Volume:
    """What is known now. `last_hour`: runs that ended within the hour before `now`.

    `last_end`: when a run last ended. `active_since`: the workflow has been Active all the time since then, and may
    run; None where it may not.
    """

    rhythm: Rhythm
    zone: tzinfo
    now: datetime
    last_hour: int
    last_end: datetime | None
    active_since: datetime | None


def spike(volume: Volume, *, is_open: bool = False) -> Verdict | None:
    """More runs in the last hour than the hour of the week lets expect. A finding stays open by a looser measure."""
    active_since = volume.active_since
    if active_since is None or volume.now - active_since < QUIET_AFTER_START or not _is_learned(volume):
        return None
    rhythm, count = volume.rhythm, volume.last_hour
    end = rhythm.position(volume.now, volume.zone)
    expected = rhythm.expected_between(end - 1, end) * max(1.0, rhythm.level)
    times, chance = SPIKE_GONE if is_open else (SPIKE_TIMES, SPIKE_CHANCE)
    if count < SPIKE_LEAST or count < times * expected:
        return None
    p = negative_binomial_upper(count, max(expected, 0.05), max(rhythm.excess, LEAST_EXCESS))
    if p > chance or (not is_open and count <= SPIKE_OVER_PAST * _seen_before(rhythm, int(end))):
        return None
    return Verdict(Kind.SPIKE, volume.now - HOUR, volume.now, score(p), count, expected)


def silence(volume: Volume) -> Verdict | None:
    """No run where the workflow's own weeks let expect some. Holds until a run ends or the workflow is not Active.

    Two things must agree: the chance of such a gap by the rhythm, and the past, in which practically no window like
    this one was empty.
    """
    if volume.active_since is None or not _is_learned(volume):
        return None
    since = max(volume.active_since, volume.last_end or volume.active_since)
    rhythm = volume.rhythm
    begin, end = rhythm.position(since, volume.zone), rhythm.position(volume.now, volume.zone)
    if not SHORT_GAP <= end - begin <= LONGEST_GAP:
        return None
    expected = rhythm.expected_between(begin, end) * min(1.0, rhythm.level)
    p = no_runs(expected, excess=rhythm.excess, regularity=rhythm.regularity)
    if p > SILENCE_CHANCE or _empty_share(rhythm, begin, end) > SILENCE_EMPTY:
        return None
    return Verdict(Kind.SILENCE, since, volume.now, score(p), 0, expected)


def _is_learned(volume: Volume) -> bool:
    return volume.rhythm.known_days >= LEAST_DAYS


def _seen_before(rhythm: Rhythm, hour: int) -> float:
    near = max(rhythm.alike(hour, spread=2), default=0)
    return max(float(near), rhythm.flood)


def _empty_share(rhythm: Rhythm, begin: float, end: float) -> float:
    """The least share of past windows like this one without a run (Jeffreys): of all days, like days, same weekdays.

    Only whole hours count. A long gap is shortened by an hour at both ends: what comes a little late, or by a clock
    that was set meanwhile, is not silent.
    """
    margin = 1 if end - begin >= LONG_GAP else 0
    first = int(begin) + 1 + margin
    last = int(end) - margin + (0 if margin else 1)
    if first >= last:
        return 1.0
    choices = (range(rhythm.days), rhythm.like_days(first), rhythm.same_weekdays(first))
    return min(_share_of(rhythm, first, last, days) for days in choices)


def _share_of(rhythm: Rhythm, first: int, last: int, days: Iterable[int]) -> float:
    seen = empty = 0
    for day in days:
        place = day * HOURS + first % HOURS
        window = rhythm.counts[place : place + last - first]
        if len(window) == last - first and None not in window:
            seen, empty = seen + 1, empty + (not any(window))
    return (empty + 0.5) / (seen + 1)
