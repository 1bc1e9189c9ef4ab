"""How schedules read as words."""

from datetime import timedelta

import pytest

from workflows.triggers.timetable import Timetable


@pytest.mark.parametrize(
    ("cron", "zone", "words"),
    [
        ("30 2 * * *", "Australia/Sydney", "every day at 02:30 Australia/Sydney"),
        ("0 9 * * MON-FRI", "Europe/Berlin", "Monday to Friday at 09:00 Europe/Berlin"),
        ("0 8,20 * * 1,4", "UTC", "on Monday and Thursday at 08:00 and 20:00 UTC"),
        ("0 0 1 * *", "UTC", "on day 1 of the month at 00:00 UTC"),
        ("0 0 1 * 7", "UTC", "on day 1 of the month or on Sunday at 00:00 UTC"),
        ("0 0 */15 * 7", "UTC", "on day 1, 16 and 31 of the month if also on Sunday at 00:00 UTC"),
        ("0 6 * 1,2 *", "UTC", "every day in January and February at 06:00 UTC"),
        ("* * * * *", "UTC", "every minute UTC"),
        ("*/5 * * * 1-5", "UTC", "every 5 minutes, Monday to Friday UTC"),
        ("@hourly", "UTC", "every hour at minute 0 UTC"),
        ("15 */6 * * *", "UTC", "every 6 hours at minute 15 UTC"),
        ("*/7 9-17 * * *", "UTC", "at minute */7 of hour 9-17 UTC"),
    ],
)
def test_describe_cron_in_words(cron, zone, words):
    assert Timetable.from_trigger(cron=cron, timezone=zone).describe() == words


@pytest.mark.parametrize(
    ("every", "words"),
    [
        (timedelta(minutes=1), "every minute"),
        (timedelta(days=1), "every day"),
        (timedelta(minutes=90), "every 1 hour 30 minutes"),
        (timedelta(days=2, seconds=5), "every 2 days 5 seconds"),
    ],
)
def test_describe_interval_in_words(every, words):
    assert Timetable.from_trigger(every=every).describe() == words
