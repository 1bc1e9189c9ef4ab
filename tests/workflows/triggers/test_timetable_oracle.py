"""The timetable against an oracle that shares no code with it: walk every minute and read the wall clock."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.triggers.timetable import Timetable

ANCHOR = datetime(2024, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


@cache
def field_values(field: str, low: int, high: int) -> set[int]:
    values: set[int] = set()
    for item in field.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        start, stop = (low, high) if span == "*" else (int(first), int(last or first))
        values |= set(range(start, stop + 1, int(step or 1)))
    return values


def matches(cron: str, wall: datetime) -> bool:
    fields = cron.split()
    minute, hour, day, month, weekday = (field_values(f, *r) for f, r in zip(fields, RANGES, strict=True))
    is_day, is_weekday = wall.day in day, bool({wall.isoweekday(), wall.isoweekday() % 7} & weekday)
    either = fields[2][0] != "*" and fields[4][0] != "*"
    is_date = (is_day or is_weekday) if either else (is_day and is_weekday)
    return wall.minute in minute and wall.hour in hour and wall.month in month and is_date


def oracle(cron: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    """Every due instant in (start, end], by the rules of definition.md."""
    instants = [start + MINUTE * n for n in range(int((end - start) / MINUTE) + 1)]
    walls = [instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for instant in instants]
    if cron.split()[0][0] == "*" or cron.split()[1][0] == "*":
        return [i for i, wall in zip(instants[1:], walls[1:], strict=True) if matches(cron, wall)]
    found, latest = [], walls[0]
    for instant, wall in zip(instants[1:], walls[1:], strict=True):
        # Each local minute that the clock reaches or jumps over for the first time; one instant counts once.
        reached = [latest + MINUTE * n for n in range(1, int((wall - latest) / MINUTE) + 1)]
        if any(matches(cron, local) for local in reached):
            found.append(instant)
        latest = max(latest, wall)
    return found


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


CHANGES = [
    ("Europe/Berlin", "2024-03-31 01:00"),
    ("Europe/Berlin", "2024-10-27 01:00"),
    ("America/New_York", "2025-03-09 07:00"),
    ("America/New_York", "2025-11-02 06:00"),
    ("Australia/Lord_Howe", "2024-10-05 15:30"),
    ("Australia/Lord_Howe", "2024-04-06 15:00"),
    ("America/St_Johns", "2024-11-03 04:30"),
    ("Asia/Kathmandu", "1985-12-31 18:30"),
    ("Africa/Cairo", "2024-04-25 22:00"),
    ("Africa/Cairo", "2024-10-31 21:00"),
    ("America/Santiago", "2024-09-08 04:00"),
    ("America/Santiago", "2024-04-07 03:00"),
    ("Pacific/Apia", "2011-12-30 10:00"),
    ("Antarctica/Troll", "2024-10-27 01:00"),
    ("Africa/Casablanca", "2024-04-14 02:00"),
    ("Antarctica/Vostok", "2023-12-17 19:00"),
]
LINES = [
    "30 2 * * *",
    "0,15,30,45 0-3 * * *",
    "10 1,2,23 * * *",
    "0 0 * * *",
    "59 23 * * *",
    "30 1 * * 0",
    "0 12 30,31 12 5",
    "0 * * * *",
    "45 */2 * * *",
    "*/15 2 * * *",
    "*/10 0,3 * * *",
    "*/20 * * * 6,7",
]


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_timetable_equals_the_oracle_around_clock_changes(zone, change):
    start, end = utc(change) - timedelta(hours=31), utc(change) + timedelta(hours=33)
    for cron in LINES:
        table = Timetable.from_trigger(cron=cron, timezone=zone)
        assert list(table.between(start, end, anchor=ANCHOR)) == oracle(cron, zone, start, end), cron


numbers = st.builds(
    lambda low, span, step: f"{low}-{min(low + span, 23)}/{step}" if span else str(low),
    st.integers(0, 23),
    st.integers(0, 5),
    st.integers(1, 7),
)
minute_fields = st.sampled_from(["*", "*/7", "*/30", "0", "30", "0,30", "5-55/10", "59"])
hour_fields = st.one_of(st.sampled_from(["*", "*/2", "*/5"]), numbers)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(CHANGES), minute_fields, hour_fields, st.sampled_from(["*", "0", "1-5", "*/3"]), st.data()
)
def test_timetable_equals_the_oracle_from_any_minute(change, minute, hour, weekday, data):
    zone, cron = change[0], f"{minute} {hour} * * {weekday}"
    start = utc(change[1]) + MINUTE * data.draw(st.integers(-600, 600))
    end = start + timedelta(hours=12)

    found = Timetable.from_trigger(cron=cron, timezone=zone).between(start, end, anchor=ANCHOR)

    # The oracle begins earlier: what a clock has passed already cannot be seen from its first minute alone.
    assert list(found) == [i for i in oracle(cron, zone, start - timedelta(hours=25), end) if i > start]
