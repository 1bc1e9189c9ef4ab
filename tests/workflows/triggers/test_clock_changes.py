"""Due instants checked by hand against the published clock changes, each with its reason in a word.

A case names the clock's change where one is near: "+1 h at 01:00" means that clocks go forward at 01:00 UTC.
"""

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from workflows.triggers.timetable import Timetable


class Case(NamedTuple):
    """All times in UTC; `due` are the first due instants after `after`."""

    why: str
    zone: str
    cron: str
    after: str
    due: tuple[str, ...]


GAPS = [
    Case("gap: +1 h at 01:00", "Europe/Berlin", "30 2 * * *", "2024-03-30 12:00", ("2024-03-31 01:00", "2024-04-01 00:30")),
    Case("gap: both fall on 03:00, once", "Europe/Berlin", "0 2-3 * * *", "2024-03-31 00:00", ("2024-03-31 01:00", "2024-04-01 00:00")),
    Case("gap: rhythm passes it by", "Europe/Berlin", "0 */2 * * *", "2024-03-30 22:00", ("2024-03-30 23:00", "2024-03-31 02:00")),
    Case("gap: rhythm within it waits a day", "Europe/Berlin", "*/30 2 * * *", "2024-03-30 12:00", ("2024-04-01 00:00", "2024-04-01 00:30")),
    Case("gap on a Sunday only", "Europe/Berlin", "30 2 * * SUN", "2024-03-25 00:00", ("2024-03-31 01:00", "2024-04-07 00:30")),
    Case("gap: +1 h at 07:00", "America/New_York", "15 2 * * *", "2024-03-09 12:00", ("2024-03-10 07:00", "2024-03-11 06:15")),
    Case("gap: negative summer time is the same clock", "Europe/Dublin", "30 1 * * *", "2024-03-30 12:00", ("2024-03-31 01:00", "2024-04-01 00:30")),
    Case("gap at midnight: +1 h at 22:00", "Africa/Cairo", "0 0 * * *", "2024-04-25 00:00", ("2024-04-25 22:00", "2024-04-26 21:00")),
    Case("gap at midnight: rhythm skips the day", "Africa/Cairo", "*/30 0 * * *", "2024-04-25 12:00", ("2024-04-26 21:00", "2024-04-26 21:30")),
    Case("gap at midnight: +1 h at 04:00", "America/Santiago", "30 0 * * *", "2024-09-07 12:00", ("2024-09-08 04:00", "2024-09-09 03:30")),
    Case("gap before midnight: next day's 00:00", "America/Nuuk", "30 23 * * *", "2024-03-30 12:00", ("2024-03-31 01:00", "2024-04-01 00:30")),
    Case("gap of two hours at 01:00", "Antarctica/Troll", "0 2 * * *", "2024-03-30 12:00", ("2024-03-31 01:00", "2024-04-01 00:00")),
    Case("gap with quarter hours: +1 h at 14:00", "Pacific/Chatham", "0 3 * * *", "2024-09-27 15:00", ("2024-09-28 14:00", "2024-09-29 13:15")),
    Case("end of Ramadan: +1 h at 02:00", "Africa/Casablanca", "30 2 * * *", "2024-04-13 12:00", ("2024-04-14 02:00", "2024-04-15 01:30")),
]  # fmt: skip
REPEATS = [
    Case("repeat: first 02:30 only", "Europe/Berlin", "30 2 * * *", "2024-10-26 12:00", ("2024-10-27 00:30", "2024-10-28 01:30")),
    Case("repeat: 03:00 comes after both", "Europe/Berlin", "0 3 * * *", "2024-10-26 12:00", ("2024-10-27 02:00", "2024-10-28 02:00")),
    Case("repeat: hour range is fixed too", "Europe/Berlin", "30 1-3 * * *", "2024-10-26 23:00", ("2024-10-26 23:30", "2024-10-27 00:30", "2024-10-27 02:30")),
    Case("repeat: rhythm goes on", "Europe/Berlin", "0 * * * *", "2024-10-26 23:30", ("2024-10-27 00:00", "2024-10-27 01:00", "2024-10-27 02:00")),
    Case("repeat: -1 h at 06:00", "America/New_York", "30 1 * * *", "2024-11-02 12:00", ("2024-11-03 05:30", "2024-11-04 06:30")),
    Case("repeat: rhythm in both passes", "America/New_York", "*/30 1 * * *", "2024-11-03 04:00", ("2024-11-03 05:00", "2024-11-03 05:30", "2024-11-03 06:00", "2024-11-03 06:30", "2024-11-04 06:00")),
    Case("repeat before midnight: -1 h at 03:00", "America/Santiago", "30 23 * * *", "2024-04-06 12:00", ("2024-04-07 02:30", "2024-04-08 03:30")),
    Case("repeat ends at midnight: one midnight", "America/Santiago", "0 0 * * *", "2024-04-06 12:00", ("2024-04-07 04:00", "2024-04-08 04:00")),
    Case("repeat: last hour of October, -1 h at 21:00", "Africa/Cairo", "30 23 31 10 *", "2024-10-01 00:00", ("2024-10-31 20:30", "2025-10-31 21:30")),
    Case("repeat of two hours: first pass", "Antarctica/Troll", "30 1,2 * * *", "2024-10-26 12:00", ("2024-10-26 23:30", "2024-10-27 00:30", "2024-10-28 01:30")),
    Case("repeat with quarter hours", "Pacific/Chatham", "0 3 * * *", "2024-04-06 00:00", ("2024-04-06 13:15", "2024-04-07 14:15")),
    Case("Ramadan begins: -1 h at 02:00", "Africa/Casablanca", "30 2 * * *", "2024-03-09 12:00", ("2024-03-10 01:30", "2024-03-11 02:30")),
]  # fmt: skip
HALF_HOURS = [
    Case("half-hour gap: 02:00 to 02:30", "Australia/Lord_Howe", "15 2 * * *", "2024-10-05 00:00", ("2024-10-05 15:30", "2024-10-06 15:15")),
    Case("half-hour gap: its end exists", "Australia/Lord_Howe", "30 2 * * *", "2024-10-05 00:00", ("2024-10-05 15:30", "2024-10-06 15:30")),
    Case("half-hour gap: rhythm after it is whole", "Australia/Lord_Howe", "*/15 3 * * *", "2024-10-05 12:00", ("2024-10-05 16:00", "2024-10-05 16:15")),
    Case("half-hour repeat: first 01:45 only", "Australia/Lord_Howe", "45 1 * * *", "2024-04-06 00:00", ("2024-04-06 14:45", "2024-04-07 15:15")),
    Case("half-hour repeat: 01:15 is not in it", "Australia/Lord_Howe", "15 1 * * *", "2024-04-06 00:00", ("2024-04-06 14:15", "2024-04-07 14:45")),
    Case("half-hour repeat: rhythm in both passes", "Australia/Lord_Howe", "*/15 1 * * *", "2024-04-06 14:15", ("2024-04-06 14:30", "2024-04-06 14:45", "2024-04-06 15:00", "2024-04-06 15:15", "2024-04-07 14:30")),
    Case("zone at half an hour: gap", "America/St_Johns", "30 2 * * *", "2024-03-09 12:00", ("2024-03-10 05:30", "2024-03-11 05:00")),
    Case("zone at half an hour: repeat", "America/St_Johns", "30 1 * * *", "2024-11-02 12:00", ("2024-11-03 04:00", "2024-11-04 05:00")),
    Case("zone at three quarters: no change", "Asia/Kathmandu", "5 0 * * *", "2024-05-01 00:00", ("2024-05-01 18:20", "2024-05-02 18:20")),
]  # fmt: skip
LEAP_DAYS = [
    Case("leap days, UTC", "UTC", "0 12 29 2 *", "2024-01-01 00:00", ("2024-02-29 12:00", "2028-02-29 12:00")),
    Case("2100 is no leap year", "UTC", "0 12 29 2 *", "2096-03-01 00:00", ("2104-02-29 12:00", "2108-02-29 12:00")),
    Case("2400 is one, 2300 none", "UTC", "0 12 29 2 *", "2296-03-01 00:00", ("2304-02-29 12:00",)),
    Case("leap day begins the day before in UTC", "Asia/Kolkata", "0 0 29 2 *", "2024-03-01 00:00", ("2028-02-28 18:30",)),
    Case("leap day or any Monday", "UTC", "0 0 29 2 MON", "2024-02-25 00:00", ("2024-02-26 00:00", "2024-02-29 00:00", "2025-02-03 00:00")),
    Case("leap day that is a Sunday: every 28 years", "UTC", "0 0 29 2 */7", "2024-01-01 00:00", ("2032-02-29 00:00", "2060-02-29 00:00", "2088-02-29 00:00", "2128-02-29 00:00")),
    Case("leap day with a repeated hour: zone moves west", "Asia/Almaty", "30 23 * * *", "2024-02-28 20:00", ("2024-02-29 17:30", "2024-03-01 18:30")),
    Case("the 31st: only seven months, one by a gap", "Europe/Berlin", "30 2 31 * *", "2024-01-01 00:00", ("2024-01-31 01:30", "2024-03-31 01:00", "2024-05-31 00:30")),
    Case("last days of February", "Europe/Berlin", "0 0 28,29 2 *", "2024-01-01 00:00", ("2024-02-27 23:00", "2024-02-28 23:00", "2025-02-27 23:00")),
]  # fmt: skip
ZONE_CHANGES = [
    Case("a day that never was: 30 December", "Pacific/Apia", "0 12 * * *", "2011-12-29 12:00", ("2011-12-29 22:00", "2011-12-30 10:00")),
    Case("a day that never was: rhythm skips it", "Pacific/Apia", "*/30 12 * * *", "2011-12-29 23:00", ("2011-12-30 22:00", "2011-12-30 22:30")),
    Case("a quarter of an hour for good", "Asia/Kathmandu", "10 0 * * *", "1985-12-31 12:00", ("1985-12-31 18:30", "1986-01-01 18:25")),
    Case("summer time for good: no repeat in 2016", "Europe/Istanbul", "30 3 * * *", "2016-10-29 12:00", ("2016-10-30 00:30", "2016-10-31 00:30")),
    Case("half an hour for good: 23:30 to midnight", "Asia/Pyongyang", "45 23 * * *", "2018-05-04 00:00", ("2018-05-04 15:00", "2018-05-05 14:45")),
    Case("half an hour back: midnight comes twice", "Asia/Pyongyang", "45 23 * * *", "2015-08-14 00:00", ("2015-08-14 14:45", "2015-08-15 15:15")),
    Case("half an hour for good at 02:30", "America/Caracas", "45 2 * * *", "2016-04-30 12:00", ("2016-05-01 07:00", "2016-05-02 06:45")),
    Case("summer time abolished: no gap in 2019", "America/Sao_Paulo", "30 0 * * *", "2019-11-02 12:00", ("2019-11-03 03:30", "2019-11-04 03:30")),
    Case("its last gap, at midnight", "America/Sao_Paulo", "30 0 * * *", "2018-11-03 12:00", ("2018-11-04 03:00", "2018-11-05 02:30")),
    Case("summer time abolished: no gap in 2023", "America/Mexico_City", "30 2 * * *", "2023-04-01 12:00", ("2023-04-02 08:30", "2023-04-03 08:30")),
    Case("moved two hours west at 19:00", "Antarctica/Vostok", "30 1 * * *", "2023-12-17 00:00", ("2023-12-17 18:30", "2023-12-18 20:30")),
    Case("moved two hours west: rhythm in both passes", "Antarctica/Vostok", "0 */1 * * *", "2023-12-17 18:30", ("2023-12-17 19:00", "2023-12-17 20:00", "2023-12-17 21:00")),
]  # fmt: skip
CASES = [*GAPS, *REPEATS, *HALF_HOURS, *LEAP_DAYS, *ZONE_CHANGES]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.zone} {case.cron}: {case.why}")
def test_due_instants_are_those_reckoned_by_hand(case: Case) -> None:
    table, moment, found = Timetable.from_trigger(cron=case.cron, timezone=case.zone), utc(case.after), []
    for _ in case.due:
        next_due = table.next_after(moment, anchor=moment)
        assert next_due is not None
        found.append(next_due.strftime("%Y-%m-%d %H:%M"))
        moment = next_due

    assert found == list(case.due)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.zone} {case.cron}: {case.why}")
def test_due_instants_do_not_depend_on_when_one_asks(case: Case) -> None:
    """Asked from any quarter of an hour before, the answer is the next of the same row."""
    table, due = Timetable.from_trigger(cron=case.cron, timezone=case.zone), [utc(text) for text in case.due]
    step = max((due[0] - utc(case.after)) / 40, utc("2024-01-01 00:15") - utc("2024-01-01 00:00"))
    moment = utc(case.after)
    while moment < due[0]:
        assert table.next_after(moment, anchor=moment) == due[0], moment
        moment += step


def test_cases_are_of_many_zones() -> None:
    assert len({case.zone for case in CASES}) >= 20
    assert len(CASES) >= 50
