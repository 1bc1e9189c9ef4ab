"""Durations: whether recent runs take longer or shorter than the runs of the weeks before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import sqrt
from typing import Final

from runs.monitoring.detecting.tails import binomial_upper, normal_upper
from runs.monitoring.detecting.verdicts import Kind, Verdict, score
from runs.monitoring.histogram import bounds, bucket_of

LEAST_RECENT: Final = 30
LEAST_DAYS: Final = 7
LEAST_A_DAY: Final = 10
CHANCE: Final = 1e-6
STILL_CHANCE: Final = 1e-3
SUPERIORITY: Final = 0.71
"""Vargha and Delaney (2000): from here on a difference is called large."""
STILL_SUPERIORITY: Final = 0.64
TIMES: Final = 1.3
BEYOND_DAYS: Final = 1.1
"""The recent median must lie so far beyond the medians of past days, but for the most extreme of them."""
LATE_SHARE: Final = 0.05
LATE_CHANCE: Final = 0.01
LATE_LEAST: Final = 10

Buckets = Mapping[int, int]
"""How many runs fell into each bucket of a histogram; buckets rise with duration."""


@dataclass(frozen=True)
class Past:
    """The histograms of past days; those with too few runs to tell a median are left out."""

    histograms: Sequence[Buckets]

    @cached_property
    def days(self) -> list[Buckets]:
        """Those with enough runs."""
        return [day for day in self.histograms if sum(day.values()) >= LEAST_A_DAY]

    @cached_property
    def total(self) -> dict[int, int]:
        """All these days together."""
        return merged(self.days)

    @cached_property
    def median(self) -> float:
        """Of all these days together, in milliseconds."""
        return middle(median(self.total))

    @cached_property
    def medians(self) -> list[float]:
        """Of each of these days, ascending."""
        return sorted(middle(median(day)) for day in self.days)


def middle(bucket: int) -> float:
    """The middle of a bucket in milliseconds."""
    low, high = bounds(bucket)
    return (low + high - 1) / 2


def merged(histograms: Sequence[Buckets]) -> dict[int, int]:
    """The sum of histograms."""
    total: dict[int, int] = {}
    for histogram in histograms:
        for bucket, count in histogram.items():
            total[bucket] = total.get(bucket, 0) + count
    return total


def shift(
    recent: Buckets, past: Past, *, since: datetime, now: datetime, is_open: bool = False
) -> Verdict | None:
    """Recent runs against those of past days: a large difference that is neither chance nor an ordinary bad day."""
    if len(past.days) < LEAST_DAYS or sum(recent.values()) < LEAST_RECENT:
        return None
    now_at = middle(median(recent))
    # Asked first because it is cheap, and mostly the answer.
    if not is_open and not _is_beyond(now_at, past.median, past.medians):
        return None
    superiority, p = rank_test(recent, past.total)
    large, limit = (STILL_SUPERIORITY, STILL_CHANCE) if is_open else (SUPERIORITY, CHANCE)
    if p > limit or max(superiority, 1 - superiority) < large:
        return None
    facts = {"superiority": round(superiority, 3), "runs": sum(recent.values())}
    return Verdict(Kind.DURATION, since, now, score(p), round(now_at), round(past.median), facts)


def slower_than_interval(
    recent: Buckets, interval_ms: float, *, since: datetime, now: datetime, is_open: bool = False
) -> Verdict | None:
    """More than one run in twenty takes longer than the time between two occurrences of its schedule.

    Longer means: by whole buckets, so that `threshold_ms` says exactly which runs are counted.
    """
    threshold = bounds(bucket_of(int(interval_ms)))[1]
    ended = sum(recent.values())
    late = sum(count for bucket, count in recent.items() if bounds(bucket)[0] >= threshold)
    if ended < LATE_LEAST or late <= LATE_SHARE * ended:
        return None
    p = binomial_upper(late, ended, LATE_SHARE)
    if p > LATE_CHANCE and not is_open:
        return None
    p95 = middle(quantile(recent, 0.95))
    facts = {"late": late, "runs": ended, "threshold_ms": threshold}
    return Verdict(Kind.SLOW_SCHEDULE, since, now, score(p), round(p95), round(interval_ms), facts)


def rank_test(recent: Buckets, before: Buckets) -> tuple[float, float]:
    """Mann and Whitney's test with the correction for ties.

    Gives the chance that a recent run takes longer than one before (ties count half), and the two-sided probability
    of a value so far from a half.
    """
    n, m, total, wins, ties = sum(recent.values()), sum(before.values()), 0, 0.0, 0.0
    for bucket in sorted({*recent, *before}):
        x, y = recent.get(bucket, 0), before.get(bucket, 0)
        wins += x * (total + y / 2)
        total += y
        ties += (x + y) ** 3 - (x + y)
    size = n + m
    variance = n * m / 12 * (size + 1 - ties / (size * (size - 1)))
    if variance <= 0:
        return 0.5, 1.0
    z = (abs(wins - n * m / 2) - 0.5) / sqrt(variance)
    return wins / (n * m), min(1.0, 2 * normal_upper(z))


def median(histogram: Buckets) -> int:
    """The bucket of the median."""
    return quantile(histogram, 0.5)


def quantile(histogram: Buckets, share: float) -> int:
    """The bucket in which this share of the runs is reached; the histogram holds at least one."""
    wanted, seen = share * sum(histogram.values()), 0
    for bucket in sorted(histogram):
        seen += histogram[bucket]
        if seen >= wanted:
            return bucket
    return max(histogram)


def _is_beyond(now_at: float, usual_at: float, medians: Sequence[float]) -> bool:
    low, high = medians[1], medians[-2]
    is_slower = now_at >= TIMES * usual_at and now_at > BEYOND_DAYS * high
    is_faster = now_at * TIMES <= usual_at and now_at * BEYOND_DAYS < low
    return is_slower or is_faster
