"""Windows of whole buckets, in zones whose clocks change."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.models import Level
from runs.monitoring.windows import RANGES, Grain, Window, next_start, quarter_of, start_of

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/Havana", "America/Santiago", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Cairo", "Asia/Beirut", "America/St_Johns",
]  # fmt: skip
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from(list(Grain)))
def test_moment_lies_in_its_bucket(moment: datetime, name: str, grain: Grain) -> None:
    zone = ZoneInfo(name)
    start = start_of(moment, grain, zone)
    following = next_start(start, grain, zone)

    assert start <= moment < following
    assert start_of(start, grain, zone) == start
    assert start_of(following - timedelta(minutes=15), grain, zone) == start


@given(MOMENTS, st.sampled_from(ZONES))
def test_quarter_hours_belong_to_one_hour_day_and_month(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    for level in Level:
        assert start_of(moment, level, zone) == start_of(quarter_of(moment), level, zone)


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from(sorted(RANGES)))
def test_ranges_have_their_buckets_and_end_with_the_present(moment: datetime, name: str, text: str) -> None:
    zone = ZoneInfo(name)
    window = Window.of(text, moment, zone)

    assert window.start <= moment < window.end
    assert window.bucket_at(moment) == window.starts[-1]
    # A change of the clock by half an hour makes one hour of a window longer.
    assert abs(len(window.buckets()) - RANGES[text][1]) <= (name == "Australia/Lord_Howe")
    assert window.before.end == window.start
    if window.grain not in (Grain.QUARTER, Grain.HOUR):
        assert len(window.before.starts) == len(window.starts)


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from(sorted(RANGES)))
def test_stretches_cover_the_window_without_overlap(moment: datetime, name: str, text: str) -> None:
    zone = ZoneInfo(name)
    window = Window.of(text, moment, zone)
    stretches = window.stretches()

    assert (stretches[0][1], stretches[-1][2]) == (window.start, window.end)
    assert all(one[2] == other[1] for one, other in itertools.pairwise(stretches))
    for level, start, end in stretches:
        assert start < end
        assert start_of(start, level, zone) == start and start_of(end, level, zone) == end


def test_a_year_is_read_mostly_by_months() -> None:
    window = Window.of("1y", datetime(2026, 11, 28, 9, tzinfo=UTC), BERLIN)
    lengths = {level: end - start for level, start, end in window.stretches()}
    assert lengths[Level.MONTH] > timedelta(days=300)
    assert {level for level, _start, _end in window.stretches(within=Level.DAY)} == {Level.DAY}


def test_days_of_a_window_have_the_hours_that_they_have() -> None:
    window = Window.of("30d", datetime(2026, 10, 28, 9, tzinfo=UTC), BERLIN)
    lengths = {end - start for start, end in window.buckets()}
    assert lengths == {timedelta(hours=24), timedelta(hours=25)}


def test_repeated_hour_is_two_buckets() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert first.astimezone(BERLIN).hour == second.astimezone(BERLIN).hour == 2
    assert start_of(first, Grain.HOUR, BERLIN) != start_of(second, Grain.HOUR, BERLIN)


def test_window_between_two_moments_covers_their_buckets() -> None:
    window = Window.between(
        datetime(2026, 11, 3, 9, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC), zone=ZoneInfo("UTC")
    )
    assert (window.start, window.end) == (
        datetime(2026, 11, 3, tzinfo=UTC),
        datetime(2026, 11, 5, tzinfo=UTC),
    )


def test_unknown_range_is_refused() -> None:
    with pytest.raises(KeyError):
        Window.of("5m", datetime.now(UTC))
