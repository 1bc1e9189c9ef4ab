"""Which schedules are watched, and from when they count."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runs.intake.schedules import arm, disarm, fire_due, upcoming
from runs.models import Run, Schedule, Tick
from tests.factories import make_version
from tests.runs.intake.material import definition, make_triggered, trigger_of
from workflows.models import Status, Version, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

START = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
HOURLY: dict[str, Any] = {"id": "hourly", "kind": "schedule", "cron": "@hourly"}
EVERY: dict[str, Any] = {"id": "every", "kind": "schedule", "every": "PT10M"}


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def publish(workflow: Workflow, *triggers: dict[str, Any]) -> None:
    """A new published version with these triggers, whose rows follow it."""
    old = workflow.published
    old.state = "superseded"
    old.save()
    workflow.triggers.update(is_live=False)
    workflow.published = make_version(workflow, definition=definition(*triggers))
    workflow.save()


def row(workflow: Workflow, trigger_id: str) -> Schedule:
    return Schedule.objects.get(trigger=trigger_of(workflow, trigger_id))


def test_active_workflow_is_watched_from_its_start() -> None:
    workflow = make_triggered(HOURLY, EVERY)
    arm(workflow, START)
    assert upcoming(workflow) == {
        "hourly": datetime(2026, 3, 1, 13, tzinfo=UTC),
        "every": START + minutes(10),
    }
    assert row(workflow, "every").anchor == START


@pytest.mark.parametrize(("status", "changes", "is_watched"), [
    (Status.ACTIVE, {}, True), (Status.PAUSED, {}, True),
    (Status.NOT_RUNNING, {"cause": "dependency"}, True), (Status.NOT_RUNNING, {}, False),
    (Status.ARCHIVED, {}, False), (Status.DRAFT, {}, False),
    (Status.ACTIVE, {"deleted_at": START}, False),
])  # fmt: skip
def test_status_says_whether_it_is_watched(status: str, changes: dict[str, Any], is_watched: bool) -> None:
    workflow = make_triggered(EVERY, status=status, **changes)
    arm(workflow, START)
    assert set(upcoming(workflow)) == ({"every"} if is_watched else set())


def test_arming_again_changes_nothing() -> None:
    workflow = make_triggered(HOURLY, EVERY)
    arm(workflow, START)
    before = list(Schedule.objects.order_by("pk").values())
    arm(workflow, START + minutes(7))
    assert list(Schedule.objects.order_by("pk").values()) == before


def test_pause_and_resume_keep_the_phase() -> None:
    workflow = make_triggered(EVERY)
    arm(workflow, START)
    workflow.status, workflow.paused_at = Status.PAUSED, START + minutes(3)
    arm(workflow, START + minutes(3))
    workflow.status = Status.ACTIVE
    arm(workflow, START + minutes(8))
    assert upcoming(workflow) == {"every": START + minutes(10)}


def test_publishing_the_same_schedule_keeps_its_phase() -> None:
    workflow = make_triggered(EVERY)
    arm(workflow, START)
    publish(workflow, {**EVERY, "overlap": "allow", "catch_up": "PT1H"}, HOURLY)
    arm(workflow, START + minutes(5))
    assert upcoming(workflow)["every"] == START + minutes(10)
    assert upcoming(workflow)["hourly"] == datetime(2026, 3, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize("changes", [{"every": "PT20M"}, {"timezone": "Asia/Kathmandu"}])
def test_publishing_a_changed_schedule_counts_from_then(changes: dict[str, Any]) -> None:
    workflow = make_triggered(EVERY)
    arm(workflow, START)
    publish(workflow, {**EVERY, **changes})
    arm(workflow, START + minutes(5))
    assert row(workflow, "every").anchor == START + minutes(5)


def test_removed_schedule_is_let_go_and_comes_back_anew() -> None:
    workflow = make_triggered(HOURLY, EVERY)
    arm(workflow, START)
    publish(workflow, HOURLY)
    arm(workflow, START + minutes(1))
    assert set(upcoming(workflow)) == {"hourly"}
    publish(workflow, HOURLY, EVERY)
    arm(workflow, START + minutes(2))
    assert upcoming(workflow)["every"] == START + minutes(12)


def test_stop_lets_go_and_a_new_start_counts_anew() -> None:
    workflow = make_triggered(EVERY)
    arm(workflow, START)
    disarm(workflow, START + minutes(4))
    assert upcoming(workflow) == {}
    assert fire_due(START + minutes(60)) == 0
    arm(workflow, START + minutes(60))
    assert upcoming(workflow) == {"every": START + minutes(70)}


def test_due_instants_not_seen_to_before_a_stop_are_recorded() -> None:
    workflow = make_triggered({**EVERY, "every": "PT1M"})
    arm(workflow, START)
    disarm(workflow, START + minutes(3.5))
    runs = Run.objects.order_by("received_at").values_list("received_at", "status", "reason")
    assert list(runs) == [
        (START + minutes(1), "skipped", "outage"),
        (START + minutes(2), "skipped", "outage"),
        (START + minutes(3), "skipped", "not running"),
    ]
    assert Tick.objects.count() == 3


def test_letting_go_of_what_is_not_watched_does_nothing() -> None:
    workflow = make_triggered(EVERY)
    disarm(workflow)
    arm(workflow, START)
    disarm(workflow, START)
    disarm(workflow, START + minutes(60))
    assert (Run.objects.count(), upcoming(workflow)) == (0, {})


def test_schedule_that_cannot_be_used_is_set_aside_and_the_others_are_watched() -> None:
    workflow = make_triggered({**HOURLY, "timezone": "Mars/Olympus"}, EVERY)
    arm(workflow, START)
    assert set(upcoming(workflow)) == {"every"}
    assert "Mars/Olympus" in row(workflow, "hourly").set_aside
    publish(workflow, HOURLY, EVERY)
    arm(workflow, START)
    assert (row(workflow, "hourly").set_aside, set(upcoming(workflow))) == ("", {"hourly", "every"})


def test_definition_that_cannot_be_read_hinders_no_verb() -> None:
    workflow = make_triggered(EVERY)
    arm(workflow, START)
    workflow.published = Version(definition=json.dumps({"format": "signalbox/9"}))
    arm(workflow, START)
    assert upcoming(workflow) == {}


def test_arming_clears_what_was_set_aside_after_failures() -> None:
    workflow = make_triggered(EVERY)
    arm(workflow, START)
    Schedule.objects.update(failures=3, set_aside="It failed.")
    arm(workflow, START + minutes(1))
    assert (row(workflow, "every").failures, row(workflow, "every").set_aside) == (0, "")
    assert upcoming(workflow) == {"every": START + minutes(10)}
