"""`delay`: durations, moments, times of day over changes of clocks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.workflows.steps.contexts import NOW, FakeContext, perform
from workflows.steps.base import StepError, Wait


def waits_until(now: datetime = NOW, names: dict[str, Any] | None = None, **fields: Any) -> datetime:
    outcome = perform(FakeContext(names or {}, now=now), "delay", **fields)
    assert isinstance(outcome, Wait)
    assert outcome.output == {"until": outcome.until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    return outcome.until


def test_delay_for_a_duration() -> None:
    assert waits_until(**{"for": "P3D"}) == NOW + timedelta(days=3)
    assert waits_until(names={"d": "PT5M"}, **{"for": "{{ d }}"}) == NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("until", "moment"),
    [
        ("2026-03-02T08:00:00+02:00", datetime(2026, 3, 2, 6, 0, tzinfo=UTC)),
        ("2026-03-02T08:00:00", datetime(2026, 3, 2, 8, 0, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("{{ when }}", datetime(2026, 3, 1, 13, 0, tzinfo=UTC)),
        ("{{ seconds }}", datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)),
        ("2020-01-01T00:00:00Z", datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)
def test_delay_until_a_moment(until: str, moment: datetime) -> None:
    names = {"when": "2026-03-01T13:00Z", "seconds": int(NOW.timestamp()) + 30}

    assert waits_until(names=names, until=until) == moment


@pytest.mark.parametrize(
    ("now", "time", "zone", "days", "moment"),
    [
        ("2026-03-01T12:00Z", "14:30", "Europe/Berlin", [], "2026-03-01T13:30Z"),
        ("2026-03-01T13:30Z", "14:30", "Europe/Berlin", [], "2026-03-02T13:30Z"),
        ("2026-03-01T12:00Z", "08:00", "Australia/Sydney", [], "2026-03-01T21:00Z"),
        ("2026-03-01T12:00Z", "09:00", "America/New_York", ["fri"], "2026-03-06T14:00Z"),
        ("2026-03-01T12:00Z", "09:00", "UTC", ["sun"], "2026-03-08T09:00Z"),
        ("2026-03-01T23:30Z", "00:15", "Asia/Kathmandu", ["tue"], "2026-03-02T18:30Z"),
        ("2026-03-29T00:00Z", "02:30", "Europe/Berlin", [], "2026-03-29T01:00Z"),
        ("2026-10-24T23:00Z", "02:30", "Europe/Berlin", [], "2026-10-25T00:30Z"),
        ("2026-10-25T00:45Z", "02:30", "Europe/Berlin", [], "2026-10-26T01:30Z"),
        ("2026-10-03T14:00Z", "02:15", "Australia/Lord_Howe", [], "2026-10-03T15:30Z"),
    ],
)
def test_delay_until_a_time_of_day(now: str, time: str, zone: str, days: list[str], moment: str) -> None:
    fields = {"until_time": time, "timezone": zone, "days": days}

    assert waits_until(datetime.fromisoformat(now), **fields) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "bad_delay"),
        ({"for": "{{ word }}"}, "bad_delay"),
        ({"for": "P1M"}, "bad_delay"),
        ({"for": "P31D"}, "delay_too_long"),
        ({"until": "{{ word }}"}, "bad_delay"),
        ({"until": "{{ list }}"}, "bad_delay"),
        ({"until": "9999-12-31T23:59:59Z"}, "delay_too_long"),
        ({"until_time": "08:00", "timezone": "Mars/Base"}, "bad_delay"),
        ({"until_time": "08:00", "timezone": ""}, "bad_delay"),
        ({"until_time": "08:00", "timezone": "../../etc/passwd"}, "bad_delay"),
    ],
)
def test_delay_refuses(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(StepError) as raised:
        perform(FakeContext({"word": "soon", "list": [1]}), "delay", **fields)

    assert (raised.value.code, raised.value.permanent) == (code, True)
