"""New zone data: the next due instants move with the law, nothing is lost and nothing due twice."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runs.intake.schedules import fire_due, follow_zone_data, upcoming
from runs.models import Run, Tick
from tests.runs.intake.scheduled import scheduled
from tests.runs.intake.zones import zones_as

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

WINTER = datetime(2026, 1, 10, 12, tzinfo=UTC)
SPRING = datetime(2026, 3, 28, 12, tzinfo=UTC)

# A zone, the zone whose rules it takes over, and when 06:30 of its wall is due next after SPRING, before and after.
LAWS = [
    ("Europe/Berlin", "Africa/Tunis", "2026-03-29 04:30", "2026-03-29 05:30"),
    ("Africa/Tunis", "Europe/Berlin", "2026-03-29 05:30", "2026-03-29 04:30"),
    ("Europe/Kyiv", "Europe/Istanbul", "2026-03-29 03:30", "2026-03-29 03:30"),
    ("Europe/London", "Europe/Berlin", "2026-03-29 05:30", "2026-03-29 04:30"),
    ("Asia/Almaty", "Asia/Dhaka", "2026-03-29 01:30", "2026-03-29 00:30"),
    ("America/Mexico_City", "America/Chicago", "2026-03-28 12:30", "2026-03-29 11:30"),
    ("Asia/Pyongyang", "Asia/Kolkata", "2026-03-28 21:30", "2026-03-29 01:00"),
    ("America/Sao_Paulo", "America/Halifax", "2026-03-29 09:30", "2026-03-29 09:30"),
    ("Pacific/Apia", "Pacific/Pago_Pago", "2026-03-28 17:30", "2026-03-28 17:30"),
    ("Australia/Lord_Howe", "Australia/Sydney", "2026-03-28 19:30", "2026-03-28 19:30"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("zone", "model", "before", "after"), LAWS)
def test_next_time_follows_the_new_law(
    zone: str, model: str, before: str, after: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    workflow = scheduled(armed_at=SPRING, cron="30 6 * * *", timezone=zone)
    assert upcoming(workflow) == {"tick": at(before)}

    with zones_as(tmp_path, **{zone.replace("/", "__"): model}), caplog.at_level(logging.WARNING):
        moved = follow_zone_data(SPRING)
        assert follow_zone_data(SPRING) == 0, "told once"

    assert moved == int(before != after)
    assert upcoming(workflow) == {"tick": at(after)}
    assert ("Zone data changed" in caplog.text) == (before != after)


def test_due_instant_that_the_new_law_puts_into_the_past_runs_as_after_an_outage(tmp_path: Path) -> None:
    workflow = scheduled(armed_at=SPRING, cron="30 6 * * *", timezone="Africa/Tunis")
    now = at("2026-03-29 05:00")

    with zones_as(tmp_path, Africa__Tunis="Europe/Berlin"):
        assert follow_zone_data(now) == 1
        fire_due(now)
        fire_due(at("2026-03-29 05:31"))

    assert list(Run.objects.values_list("received_at", "status")) == [(at("2026-03-29 04:30"), "pending")]
    assert upcoming(workflow) == {"tick": at("2026-03-30 04:30")}


def test_what_was_fired_stays_and_the_next_day_is_right(tmp_path: Path) -> None:
    workflow = scheduled(armed_at=SPRING, cron="30 6 * * *", timezone="Africa/Tunis", overlap="allow")
    fire_due(at("2026-03-29 05:30"))

    with zones_as(tmp_path, Africa__Tunis="Europe/Berlin"):
        follow_zone_data(at("2026-03-29 06:00"))

    assert upcoming(workflow) == {"tick": at("2026-03-30 04:30")}
    assert Tick.objects.count() == 1


def test_schedule_whose_ticks_were_forgotten_is_not_flooded_with_the_past(tmp_path: Path) -> None:
    workflow = scheduled(armed_at=WINTER, cron="30 6 1 1 *", timezone="Europe/Berlin")
    now = WINTER + timedelta(days=200)

    with zones_as(tmp_path, Europe__Berlin="Europe/London"):
        assert follow_zone_data(now) == 1

    assert upcoming(workflow) == {"tick": at("2027-01-01 06:30")}
    assert (fire_due(now), Run.objects.count()) == (0, 0)


def test_intervals_and_what_is_due_already_are_left_alone(tmp_path: Path) -> None:
    scheduled(armed_at=SPRING, every="PT7M", timezone="Europe/Berlin")
    due = scheduled(armed_at=SPRING, cron="1 13 * * *", timezone="Europe/Berlin")
    now = SPRING + timedelta(minutes=1)

    with zones_as(tmp_path, Europe__Berlin="Africa/Tunis"):
        assert follow_zone_data(now) == 0

    assert upcoming(due) == {"tick": now}
