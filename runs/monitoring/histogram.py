"""Durations as counts in buckets: exact sums of whole numbers, percentiles within 3.2 %.

The buckets are log-linear, as in Gil Tene's HdrHistogram (https://hdrhistogram.github.io/HdrHistogram/): each power of
two of milliseconds is cut into 16 equal parts, below 16 ms each millisecond has its own. Whole numbers alone decide
the bucket, so that every database and Python come to the same one.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Final

PARTS_LOG: Final = 4
PARTS: Final = 1 << PARTS_LOG
LONGEST: Final = (1 << 42) - 1
"""Milliseconds, 139 years: whatever is longer counts as that."""


def bucket_of(milliseconds: int) -> int:
    """The bucket of a duration; a negative one, which a clock that was set back leaves, counts as 0."""
    length = min(max(milliseconds, 0), LONGEST)
    shift = max(length.bit_length() - 1 - PARTS_LOG, 0)
    return (shift << PARTS_LOG) + (length >> shift)


def bounds(bucket: int) -> tuple[int, int]:
    """The durations of a bucket in milliseconds: from the first number on, below the second."""
    shift = max((bucket >> PARTS_LOG) - 1, 0)
    low = (bucket - (shift << PARTS_LOG)) << shift
    return low, low + (1 << shift)


BUCKETS: Final = bucket_of(LONGEST) + 1
LOWS: Final = [bounds(bucket)[0] for bucket in range(BUCKETS)]
"""Where each bucket begins, ascending: what a database needs to find the bucket of a duration by itself."""


@dataclass(frozen=True)
class Histogram:
    """How many durations fell into which bucket."""

    counts: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def count(self) -> int:
        """How many durations there are."""
        return sum(self.counts.values())

    @cached_property
    def _filled(self) -> list[tuple[int, int]]:
        return sorted((bucket, n) for bucket, n in self.counts.items() if n > 0)

    def percentile(self, p: float) -> int | None:
        """The duration in milliseconds that `p` of 100 do not exceed (nearest rank), the middle of its bucket.

        None without any duration.
        """
        if not self._filled:
            return None
        reached = list(accumulate(n for _bucket, n in self._filled))
        rank = max(1, -(-self.count * p // 100))
        low, high = bounds(self._filled[min(bisect_right(reached, rank - 1), len(reached) - 1)][0])
        return (low + high - 1) // 2

    def __add__(self, other: "Histogram") -> "Histogram":
        merged = dict(self.counts)
        for bucket, n in other.counts.items():
            merged[bucket] = merged.get(bucket, 0) + n
        return Histogram(merged)
