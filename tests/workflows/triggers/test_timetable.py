"""Fields, refusals and intervals; test_clock_changes.py has the cases of zones, test_timetable_oracle.py an oracle."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workflows.triggers.timetable import ScheduleRefused, Timetable

ANCHOR = datetime(2024, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(cron: str, zone: str, after: str, count: int = 1) -> list[str]:
    """The next instants as UTC texts."""
    table, moment, found = Timetable.from_trigger(cron=cron, timezone=zone), utc(after), []
    for _ in range(count):
        moment = table.next_after(moment, anchor=ANCHOR)
        found.append(moment.strftime("%Y-%m-%d %H:%M"))
    return found


def test_timetable_fixed_times_meeting_on_one_instant_are_one_occurrence():
    # 02:00 and 02:30 do not exist and fall on 03:00, which is due as well.
    found = due("0,30 2,3 * * *", "Europe/Berlin", "2024-03-31 00:00", 3)

    assert found == ["2024-03-31 01:00", "2024-03-31 01:30", "2024-04-01 00:00"]


def test_timetable_asked_at_the_instant_itself_moves_on():
    assert due("30 2 * * *", "Europe/Berlin", "2024-03-31 01:00") == ["2024-04-01 00:30"]


def test_timetable_fixed_time_is_not_due_again_in_the_second_pass():
    # 00:45 UTC is 02:45 summer time, 01:15 UTC is 02:15 winter time.
    assert due("30 2 * * *", "Europe/Berlin", "2024-10-27 00:45") == ["2024-10-28 01:30"]
    assert due("30 2 * * *", "Europe/Berlin", "2024-10-27 01:15") == ["2024-10-28 01:30"]


def test_timetable_rhythm_runs_in_both_passes():
    found = due("0 * * * *", "Europe/Berlin", "2024-10-26 23:30", 4)

    assert found == ["2024-10-27 00:00", "2024-10-27 01:00", "2024-10-27 02:00", "2024-10-27 03:00"]


def test_timetable_rhythm_skips_a_missing_hour():
    assert due("*/30 2 * * *", "Europe/Berlin", "2024-03-30 12:00") == ["2024-04-01 00:00"]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 12 13 * FRI", ["2024-01-05 12:00", "2024-01-12 12:00", "2024-01-13 12:00"]),
        ("0 0 * * 7", ["2024-01-07 00:00", "2024-01-14 00:00", "2024-01-21 00:00"]),
        ("0 0 * * 5-7", ["2024-01-05 00:00", "2024-01-06 00:00", "2024-01-07 00:00"]),
        ("0 0 1 jan,JUL *", ["2024-07-01 00:00", "2025-01-01 00:00", "2025-07-01 00:00"]),
        ("10-30/10 5 * * *", ["2024-01-01 05:10", "2024-01-01 05:20", "2024-01-01 05:30"]),
        ("0 0 29 2 *", ["2024-02-29 00:00", "2028-02-29 00:00", "2032-02-29 00:00"]),
        ("@hourly", ["2024-01-01 01:00", "2024-01-01 02:00", "2024-01-01 03:00"]),
        ("@Daily", ["2024-01-02 00:00", "2024-01-03 00:00", "2024-01-04 00:00"]),
        ("@weekly", ["2024-01-07 00:00", "2024-01-14 00:00", "2024-01-21 00:00"]),
        ("@monthly", ["2024-02-01 00:00", "2024-03-01 00:00", "2024-04-01 00:00"]),
    ],
)
def test_timetable_fields_follow_cron(cron, expected):
    assert due(cron, "UTC", "2024-01-01 00:00", 3) == expected


@pytest.mark.parametrize(
    ("cron", "part"),
    [
        ("0 0 L * *", "L is not supported (day of month)"),
        ("0 0 LW * *", "L is not supported (day of month)"),
        ("0 0 15W * *", "W is not supported (day of month)"),
        ("0 0 * * 5L", "L is not supported (day of week)"),
        ("0 0 * * 1#2", "# is not supported (day of week)"),
        ("0 0 ? * *", "? is not supported (day of month)"),
        ("0 0 0 * * *", "five fields"),
        ("0 0 * *", "five fields"),
        ("", "five fields"),
        ("@reboot", "@hourly, @daily, @weekly and @monthly"),
        ("@yearly", "@hourly, @daily, @weekly and @monthly"),
        ("60 * * * *", "The field minute cannot be 60"),
        ("* 24 * * *", "The field hour cannot be 24"),
        ("* * 0 * *", "The field day of month cannot be 0"),
        ("* * * 13 *", "The field month cannot be 13"),
        ("* * * * 8", "The field day of week cannot be 8"),
        ("* * * MON *", "The field month cannot be MON"),
        ("5-1 * * * *", "The field minute cannot be 5-1"),
        ("*/0 * * * *", "The field minute cannot be */0"),
        ("-1 * * * *", "The field minute cannot be -1"),
        ("1,,2 * * * *", "The field minute cannot be 1,,2"),
        ("*-5 * * * *", "The field minute cannot be *-5"),
        ("0 0 31 2 *", "never comes"),
        ("0 0 31 4,6,9,11 *", "never comes"),
        ("0 0 30 2 */2", "never comes"),
        ("1," * 5000 + "1 * * * *", "longer than 500"),
        ("٣ * * * *", "unusual"),
        ("* * * * *\x00", "cannot be"),
    ],
)
def test_timetable_refuses_what_is_no_plain_cron_line(cron, part):
    with pytest.raises(ScheduleRefused) as refused:
        Timetable.from_trigger(cron=cron)

    assert part in str(refused.value)


@pytest.mark.parametrize(
    "zone",
    [
        "Mars/Olympus",
        "",
        "../UTC",
        "/etc/localtime",
        "localtime",
        "America",
        "right/UTC",
        "U\x00TC",
        "x" * 9000,
    ],
)
def test_timetable_refuses_an_unknown_zone(zone):
    with pytest.raises(ScheduleRefused, match="no known time zone"):
        Timetable.from_trigger(cron="* * * * *", timezone=zone)


@pytest.mark.parametrize("every", [timedelta(seconds=59), timedelta(0), -MINUTE, timedelta(days=3651)])
def test_timetable_refuses_an_interval_out_of_bounds(every):
    with pytest.raises(ScheduleRefused, match="at least one minute"):
        Timetable.from_trigger(every=every)


@pytest.mark.parametrize("given", [{}, {"cron": "* * * * *", "every": MINUTE}])
def test_timetable_refuses_neither_and_both(given):
    with pytest.raises(ScheduleRefused, match="either a cron line or an interval"):
        Timetable.from_trigger(**given)


def test_interval_counts_from_the_anchor_and_keeps_its_phase():
    table = Timetable.from_trigger(every=timedelta(minutes=7), timezone="Europe/Berlin")
    anchor = utc("2024-03-30 10:03:30")

    assert table.next_after(anchor, anchor=anchor) == utc("2024-03-30 10:10:30")
    assert table.next_after(utc("2024-03-30 10:10:30"), anchor=anchor) == utc("2024-03-30 10:17:30")
    # A week later, over a clock change: still a multiple of 7 minutes after the anchor.
    later = table.next_after(utc("2024-04-06 00:00"), anchor=anchor)
    assert (later - anchor) % timedelta(minutes=7) == timedelta(0)
    assert utc("2024-04-06 00:00") < later <= utc("2024-04-06 00:07")


def test_interval_before_its_anchor_gives_the_first_occurrence():
    table = Timetable.from_trigger(every=timedelta(hours=1))

    assert table.next_after(utc("2020-01-01 00:00"), anchor=ANCHOR) == ANCHOR + timedelta(hours=1)


def test_between_excludes_the_start_and_includes_the_end():
    table = Timetable.from_trigger(cron="0 * * * *")

    found = list(table.between(utc("2024-01-01 01:00"), utc("2024-01-01 03:00"), anchor=ANCHOR))

    assert found == [utc("2024-01-01 02:00"), utc("2024-01-01 03:00")]


@pytest.mark.parametrize("cron", ["0 0 29 2 *", "* * * * *"])
def test_timetable_at_the_end_of_the_calendar_gives_none(cron):
    table = Timetable.from_trigger(cron=cron, timezone="Europe/Berlin")

    assert table.next_after(datetime.max.replace(tzinfo=UTC), anchor=ANCHOR) is None


def test_interval_at_the_end_of_the_calendar_gives_none():
    table = Timetable.from_trigger(every=timedelta(days=3650))

    assert table.next_after(datetime.max.replace(tzinfo=UTC), anchor=ANCHOR) is None


def test_timetable_refuses_a_moment_without_zone():
    with pytest.raises(ValueError, match="aware"):
        Timetable.from_trigger(cron="* * * * *").next_after(datetime(2024, 1, 1), anchor=ANCHOR)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("0123456789*/,-LW#?@ MONJAN\n", max_size=40)))
@example("0 0 */31 2 */7")
def test_timetable_from_any_text_is_refused_or_comes(text):
    try:
        table = Timetable.from_trigger(cron=text, timezone="America/Santiago")
    except ScheduleRefused:
        return
    found = list(islice(table.between(ANCHOR, utc("2080-01-01 00:00"), anchor=ANCHOR), 2))

    assert found == sorted(set(found))
    assert found[0] > ANCHOR
