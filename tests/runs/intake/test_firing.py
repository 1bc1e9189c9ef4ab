"""Each due instant leaves exactly one occurrence."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runs.intake import ticks
from runs.intake.schedules import fire_due, upcoming
from runs.models import Run, Schedule, Tick
from tests.factories import make_run
from tests.runs.intake.scheduled import MINUTE, START, scheduled, told
from workflows.models import Status

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


def test_nothing_is_fired_before_it_is_due() -> None:
    workflow = scheduled()
    assert fire_due(START + MINUTE - timedelta(microseconds=1)) == 0
    assert (Run.objects.count(), upcoming(workflow)) == (0, {"tick": START + MINUTE})


def test_due_instant_starts_one_run_and_moves_on() -> None:
    workflow = scheduled()
    now = START + MINUTE + timedelta(seconds=1)
    assert (fire_due(now), fire_due(now)) == (1, 0)
    run = Run.objects.get()
    assert (run.status, run.trigger_kind, run.trigger_id) == ("pending", "schedule", "tick")
    assert (run.received_at, run.due_at, run.version) == (START + MINUTE, START + MINUTE, workflow.published)
    assert json.loads(run.input)["data"] == {"due_at": "2026-03-01T12:01:00.000000Z"}
    assert upcoming(workflow) == {"tick": START + 2 * MINUTE}
    tick = Tick.objects.get()
    assert (tick.due_at, tick.run_id) == (START + MINUTE, run.pk)


def test_interval_keeps_its_phase_however_late_it_is_fired() -> None:
    workflow = scheduled(overlap="allow")
    for number in range(1, 5):
        fire_due(START + number * MINUTE + timedelta(seconds=7 * number))
    assert told() == [(number, "pending", "") for number in range(1, 5)]
    assert upcoming(workflow) == {"tick": START + 5 * MINUTE}


@pytest.mark.parametrize(("overlap", "second"), [
    ("skip", ("skipped", "overlap")), ("queue", ("pending", "")), ("allow", ("pending", "")),
])  # fmt: skip
def test_overlap_rule_decides_while_the_run_before_is_open(overlap: str, second: tuple[str, str]) -> None:
    scheduled(overlap=overlap)
    fire_due(START + MINUTE)
    fire_due(START + 2 * MINUTE)
    assert told() == [(1, "pending", ""), (2, *second)]


@pytest.mark.parametrize("changes", [
    {"status": "success", "trigger_kind": "schedule", "trigger_id": "tick"},
    {"status": "running", "trigger_kind": "schedule", "trigger_id": "other"},
    {"status": "running", "trigger_kind": "manual", "trigger_id": "tick"},
    {"status": "running", "trigger_kind": "schedule", "trigger_id": "tick", "is_test": True},
])  # fmt: skip
def test_only_open_runs_of_this_trigger_overlap(changes: dict[str, Any]) -> None:
    make_run(scheduled(), **changes)
    fire_due(START + MINUTE)
    assert Tick.objects.get().run_id == Run.objects.get(status="pending").pk


@pytest.mark.parametrize("status", ["waiting", "held", "needs_decision", "running"])
def test_open_means_not_closed(status: str) -> None:
    make_run(scheduled(), status=status, trigger_kind="schedule", trigger_id="tick")
    fire_due(START + MINUTE)
    assert Run.objects.get(status="skipped").reason == "overlap"


def test_paused_workflow_records_each_tick_as_skipped() -> None:
    workflow = scheduled(status=Status.PAUSED)
    for number in (1, 2):
        fire_due(START + number * MINUTE)
    assert told() == [(1, "skipped", "paused"), (2, "skipped", "paused")]
    workflow.refresh_from_db()
    assert workflow.last_run_at is None


def test_clock_change_leaves_one_occurrence_for_each_due_time() -> None:
    """Berlin, 29 March 2026: 02:30 does not exist; 25 October: 02:30 comes twice."""
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
    rule = {"cron": "30 2 * * *", "timezone": "Europe/Berlin", "overlap": "allow"}
    scheduled(armed_at=spring, **rule)
    for day in range(3):
        fire_due(datetime(2026, 3, 29 + day, 1, 0, tzinfo=UTC))
    assert list(Run.objects.order_by("received_at").values_list("received_at", flat=True)) == [
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 31, 0, 30, tzinfo=UTC),
    ]
    Schedule.objects.all().delete()
    Run.objects.all().delete()
    scheduled(armed_at=autumn, **rule)
    for hours in range(12, 40):
        fire_due(autumn + timedelta(hours=hours, minutes=31))
    assert list(Run.objects.order_by("received_at").values_list("received_at", flat=True)) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ]


def test_tick_that_was_recorded_is_not_recorded_again() -> None:
    scheduled(overlap="allow")
    fire_due(START + MINUTE)
    Schedule.objects.update(next_at=START + MINUTE)
    assert fire_due(START + 2 * MINUTE) == 1
    assert told() == [(1, "pending", ""), (2, "pending", "")]


def test_longest_overdue_goes_first_and_the_limit_holds() -> None:
    late, later = scheduled(cron="5 12 * * *"), scheduled(cron="4 12 * * *")
    assert fire_due(START + 5 * MINUTE, limit=1) == 1
    assert Run.objects.get().workflow_id == later.pk
    assert fire_due(START + 5 * MINUTE, limit=1) == 1
    assert Run.objects.filter(workflow=late).count() == 1


def test_schedule_without_further_time_comes_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = scheduled(cron="5 12 1 3 *")
    monkeypatch.setattr(ticks.Timetable, "next_after", lambda *_args, **_names: None)
    assert fire_due(START + 5 * MINUTE) == 1
    assert (upcoming(workflow), fire_due(START + 99 * MINUTE)) == ({}, 0)
