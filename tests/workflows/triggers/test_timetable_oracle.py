"""The timetable against an oracle that shares no code with it: walk every minute and read the wall clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.triggers.oracle import Wall
from workflows.triggers.timetable import Timetable

ANCHOR = datetime(2024, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


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
    wall = Wall(zone, start, end)
    for cron in LINES:
        table = Timetable.from_trigger(cron=cron, timezone=zone)
        assert list(table.between(start, end, anchor=ANCHOR)) == wall.due(cron), cron


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
    wall = Wall(zone, start - timedelta(hours=25), end)
    assert list(found) == [instant for instant in wall.due(cron) if instant > start]
