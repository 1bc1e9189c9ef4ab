"""Durations in buckets: exact sums, percentiles near enough."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.monitoring.histogram import BUCKETS, LONGEST, LOWS, Histogram, bounds, bucket_of


@given(st.integers(0, LONGEST))
def test_bucket_holds_its_durations(milliseconds: int) -> None:
    low, high = bounds(bucket_of(milliseconds))
    assert low <= milliseconds < high
    assert high - low <= max(1, low / 16)


def test_buckets_follow_one_another_without_gap() -> None:
    edges = [bounds(bucket) for bucket in range(BUCKETS)]
    assert edges[0][0] == 0
    assert all(one[1] == other[0] for one, other in itertools.pairwise(edges))
    assert [edge[0] for edge in edges] == LOWS


def test_what_lies_beyond_counts_as_the_nearest() -> None:
    assert bucket_of(-5) == 0
    assert bucket_of(LONGEST * 8) == BUCKETS - 1


@pytest.mark.parametrize("p", [50, 95, 99])
@pytest.mark.parametrize("spread", [0.3, 1.5, 3.0])
def test_percentiles_are_within_five_percent(p: int, spread: float) -> None:
    source = random.Random(int(p * spread * 10))
    lengths = sorted(round(source.lognormvariate(7, spread)) for _ in range(4321))
    counts: dict[int, int] = {}
    for length in lengths:
        counts[bucket_of(length)] = counts.get(bucket_of(length), 0) + 1

    found = Histogram(counts).percentile(p)

    right = lengths[-(-len(lengths) * p // 100) - 1]
    assert found is not None and abs(found - right) <= max(1, 0.05 * right)


def test_percentile_of_nothing_is_none() -> None:
    assert Histogram().percentile(95) is None
    assert Histogram({3: 0}).percentile(95) is None


def test_few_durations_give_those_that_are_there() -> None:
    found = Histogram({5: 1, 9: 1})
    assert (found.percentile(50), found.percentile(51), found.percentile(100), found.count) == (5, 9, 9, 2)


def test_histograms_add_up() -> None:
    assert (Histogram({1: 2, 3: 1}) + Histogram({3: 4})).counts == {1: 2, 3: 5}
