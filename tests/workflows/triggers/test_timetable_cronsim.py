"""The timetable against cronsim by itself, where cronsim knows the rules: no zone, or clocks that change whole hours
away from midnight."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workflows.triggers.timetable import ScheduleRefused, Timetable

WHOLE_HOURS = ("Europe/Berlin", "America/New_York", "Australia/Sydney", "Europe/Lisbon", "Asia/Tokyo")
NAMES = {
    "weekday": ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    "month": ["JAN", "FEB", "MAR", "APR", "JUL", "OCT", "DEC"],
}
LONGEST = timedelta(days=400)
MOST = 60


def spans(low: int, high: int) -> st.SearchStrategy[str]:
    return st.tuples(st.integers(low, high), st.integers(low, high)).map(
        lambda pair: f"{min(pair)}-{max(pair)}"
    )


def fields(low: int, high: int, *, names: str = "") -> st.SearchStrategy[str]:
    """Everything a field may be: stars, numbers, names, ranges, steps, lists of them."""
    single = st.integers(low, high).map(str)
    if names:
        single = single | st.sampled_from(NAMES[names])
    stepped = st.tuples(st.just("*") | spans(low, high), st.integers(1, high)).map(join)
    item = st.one_of(single, spans(low, high), stepped)
    return st.one_of(st.just("*"), item, st.lists(item, min_size=2, max_size=4).map(",".join))


def join(parts: tuple[str, int]) -> str:
    return f"{parts[0]}/{parts[1]}"


lines = st.tuples(
    fields(0, 59),
    fields(0, 23),
    fields(1, 31),
    fields(1, 12, names="month"),
    fields(0, 7, names="weekday"),
).map(" ".join)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))


def by_cronsim(cron: str, zone: str, after: datetime) -> list[datetime]:
    """Its first instants, each once: it gives times of a gap that fall together again and again."""
    found: list[datetime] = []
    series = CronSim(cron, after.astimezone(ZoneInfo(zone)) if zone != "UTC" else after)
    for local in takewhile(lambda local: local - after < LONGEST, series):
        instant = local.astimezone(UTC)
        if instant > after and instant not in found[-1:]:
            found.append(instant)
        if len(found) == MOST:
            break
    return found


def ours(cron: str, zone: str, after: datetime, count: int) -> list[datetime]:
    table, found = Timetable.from_trigger(cron=cron, timezone=zone), []
    for instant in table.between(after, after + LONGEST, anchor=after):
        found.append(instant)
        if len(found) == count:
            break
    return found


@settings(max_examples=150, deadline=None)
@given(lines, moments)
def test_timetable_without_a_zone_equals_cronsim(cron: str, after: datetime) -> None:
    try:
        expected = by_cronsim(cron, "UTC", after)
    except CronSimError:
        expected = []
    try:
        found = ours(cron, "UTC", after, MOST)
    except ScheduleRefused:
        found = []

    assert found == expected


@settings(max_examples=150, deadline=None)
@given(lines, st.sampled_from(WHOLE_HOURS), moments)
def test_timetable_equals_cronsim_where_clocks_change_whole_hours(
    cron: str, zone: str, after: datetime
) -> None:
    try:
        expected = by_cronsim(cron, zone, after)
    except CronSimError:
        expected = []
    assume(expected)

    assert ours(cron, zone, after, len(expected)) == expected
