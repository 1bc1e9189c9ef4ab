"""A workflow's weekly rhythm: its runs per hour of the wall clock over the last weeks, and what to expect of an hour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cached_property
from statistics import fmean
from typing import Final

HOURS: Final = 24
WEEK: Final = 7
WEEKEND: Final = (5, 6)
LEAST_DAYS: Final = 21
"""Days that must be known before anything is expected."""
OWN_WEIGHT: Final = 1.0
"""How many weeks of its own an hour of the week must have to count as much as the same hour of like days."""
CAPPED_AT: Final = 3.0
CAPPED_PLUS: Final = 5.0
"""A past count above so many times the upper quartile, and a few, counts as that much: one flood raises no bar."""
LEVEL_PRIOR: Final = 20.0
LEVEL_BOUNDS: Final = (0.25, 4.0)
LEAST_REGULARITY: Final = 0.08
LEAST_FLOOD: Final = 20
FLOOD_TIMES: Final = 3.0


@dataclass(frozen=True)
class Rhythm:
    """Runs per hour; `counts` goes from midnight of `start`, whole days. None: not known.

    An hour is not known where the workflow was not Active throughout, or where clocks were set.
    """

    start: date
    counts: Sequence[int | None]

    @property
    def days(self) -> int:
        return len(self.counts) // HOURS

    @cached_property
    def known_days(self) -> int:
        """Days at least half of which are known."""
        whole = (self.counts[day * HOURS : (day + 1) * HOURS] for day in range(self.days))
        return sum(sum(count is not None for count in day) >= HOURS // 2 for day in whole)

    def position(self, moment: datetime, zone: tzinfo) -> float:
        """Hours on the wall clock since midnight of `start`, with their fraction."""
        local = moment.astimezone(zone)
        hours = (local.date() - self.start).days * HOURS + local.hour
        return hours + (local.minute * 60 + local.second) / 3600

    def weekday(self, hour: int) -> int:
        """Monday is 0; `hour` counts from midnight of `start`."""
        return (self.start.weekday() + hour // HOURS) % WEEK

    def expected(self, hour: int) -> float:
        """Runs to expect in this hour of the wall clock, before the present level."""
        return self._profile[self.weekday(hour) * HOURS + hour % HOURS]

    def expected_between(self, begin: float, end: float) -> float:
        """Runs to expect between two positions."""
        hour, total = int(begin), 0.0
        while hour < end:
            total += (min(end, hour + 1) - max(begin, hour)) * self.expected(hour)
            hour += 1
        return total

    @cached_property
    def level(self) -> float:
        """How the last seven days stand to what the weeks before let expect of them; near 1 where there is little."""
        last = range(max(0, len(self.counts) - WEEK * HOURS), len(self.counts))
        known = [(count, hour) for hour in last if (count := self.counts[hour]) is not None]
        expected = sum(self.expected(hour) for _, hour in known)
        ratio = (sum(count for count, _ in known) + LEVEL_PRIOR) / (expected + LEVEL_PRIOR)
        return min(max(ratio, LEVEL_BOUNDS[0]), LEVEL_BOUNDS[1])

    @cached_property
    def excess(self) -> float:
        """1/k of a negative binomial count in an hour, by moments, with the freedom spent on the profile; 0 or more."""
        over = sum((count - mean) ** 2 * self._freedom - mean for count, mean in self._residuals)
        return max(0.0, over / max(sum(mean * mean for _, mean in self._residuals), 1e-9))

    @cached_property
    def regularity(self) -> float:
        """Variance to mean of the counts of an hour; below 1 where they are more even than chance."""
        squares = sum((count - mean) ** 2 for count, mean in self._residuals) * self._freedom
        # Three runs' worth of doubt, so that little history is never taken for perfect regularity.
        return max(LEAST_REGULARITY, (squares + 3) / (sum(mean for _, mean in self._residuals) + 3))

    @cached_property
    def flood(self) -> float:
        """The largest of the past hours far above what was expected of them, where there were two or more; else 0."""
        floods = sorted(
            count for count, mean in self._residuals if count >= LEAST_FLOOD and count > FLOOD_TIMES * mean
        )
        return floods[-1] if len(floods) > 1 else 0.0

    def alike(self, hour: int, *, spread: int = 0) -> Iterator[int]:
        """The counts of the same hour of past days of its class (Monday to Friday, or the weekend)."""
        for day in self.like_days(hour):
            for near in range(-spread, spread + 1):
                place = day * HOURS + hour % HOURS + near
                count = self.counts[place] if 0 <= place < len(self.counts) else None
                if count is not None:
                    yield count

    def like_days(self, hour: int) -> list[int]:
        """Numbers of the days of the same class as the day of this hour: Monday to Friday, or the weekend."""
        is_weekend = self.weekday(hour) in WEEKEND
        return [day for day in range(self.days) if (self.weekday(day * HOURS) in WEEKEND) == is_weekend]

    def same_weekdays(self, hour: int) -> list[int]:
        """Numbers of the days that are the same day of the week."""
        return [day for day in range(self.days) if self.weekday(day * HOURS) == self.weekday(hour)]

    @cached_property
    def _profile(self) -> list[float]:
        slots: list[list[int]] = [[] for _ in range(WEEK * HOURS)]
        for hour, count in enumerate(self.counts):
            if count is not None:
                slots[self.weekday(hour) * HOURS + hour % HOURS].append(count)
        return [self._slot_mean(slots, weekday, hour) for weekday in range(WEEK) for hour in range(HOURS)]

    def _slot_mean(self, slots: list[list[int]], weekday: int, hour: int) -> float:
        class_days = [day for day in range(WEEK) if (day in WEEKEND) == (weekday in WEEKEND)]
        pooled = [count for day in class_days for count in slots[day * HOURS + hour]]
        if not pooled:
            return 0.0
        own, shared = _capped(slots[weekday * HOURS + hour]), _capped(pooled)
        return (sum(own) + OWN_WEIGHT * fmean(shared)) / (len(own) + OWN_WEIGHT)

    @cached_property
    def _residuals(self) -> list[tuple[int, float]]:
        return [
            (count, max(self.expected(hour), 1e-3))
            for hour, count in enumerate(self.counts)
            if count is not None
        ]

    @property
    def _freedom(self) -> float:
        weeks = max(self.known_days / WEEK, 2.0)
        return weeks / (weeks - 1)


def _capped(counts: list[int]) -> list[float]:
    if not counts:
        return []
    cap = CAPPED_AT * sorted(counts)[(len(counts) - 1) * 3 // 4] + CAPPED_PLUS
    return [min(count, cap) for count in counts]
