"""What is expected of an hour of the week."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from runs.monitoring.detecting.rhythm import HOURS, Rhythm

MONDAY = date(2026, 1, 5)
BERLIN = ZoneInfo("Europe/Berlin")


def rhythm(per_hour: object, *, days: int = 56) -> Rhythm:
    assert callable(per_hour)
    return Rhythm(MONDAY, [per_hour(day % 7, hour) for day in range(days) for hour in range(HOURS)])


def test_expected_follows_the_hour_of_the_week() -> None:
    office = rhythm(lambda weekday, hour: 40 if weekday < 5 and 8 <= hour < 18 else 0)

    assert office.expected(56 * HOURS + 9) == 40
    assert office.expected(56 * HOURS + 20) == 0
    assert office.expected((56 + 5) * HOURS + 9) == 0
    assert office.expected_between(56 * HOURS + 8.5, 56 * HOURS + 10.25) == 70


def test_expected_leans_on_like_days_where_a_weekday_differs() -> None:
    mondays = rhythm(lambda weekday, hour: 90 if weekday == 0 else 10)

    assert 80 < mondays.expected(9) < 90
    assert 10 < mondays.expected(33) < 15


def test_position_is_the_wall_clock_across_a_change_of_clocks() -> None:
    spring = Rhythm(date(2026, 3, 28), [0] * 48)

    assert spring.position(datetime(2026, 3, 28, 11, 30, tzinfo=UTC), BERLIN) == 12.5
    assert spring.position(datetime(2026, 3, 29, 10, 30, tzinfo=UTC), BERLIN) == 36.5


def test_unknown_hours_count_neither_as_none_nor_as_some() -> None:
    half = rhythm(lambda weekday, hour: None if hour < 12 else 6)

    assert half.expected(3) == 0
    assert half.expected(15) == 6
    assert half.known_days == 56


def test_regular_counts_have_no_excess_and_little_variance() -> None:
    nightly = rhythm(lambda weekday, hour: int(hour == 2))

    assert nightly.excess == 0
    assert nightly.regularity < 0.15


def test_one_flood_of_the_past_raises_no_bar() -> None:
    flooded = rhythm(lambda weekday, hour: 10)
    counts = list(flooded.counts)
    counts[9 * HOURS + 10] = 5_000

    assert Rhythm(MONDAY, counts).expected(10) < 15
    assert Rhythm(MONDAY, counts).flood == 0


def test_level_follows_the_last_week() -> None:
    counts = [20] * (49 * HOURS) + [40] * (7 * HOURS)

    assert 1.6 < Rhythm(MONDAY, counts).level < 2
