"""One run for what a pause skipped."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from runs.intake.schedules import arm, fire_due, missed_ticks, run_missed_once
from runs.models import Run
from tests.factories import make_run
from tests.runs.intake.material import make_triggered
from workflows.models import Status, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PAUSED_AT = START + 5 * MINUTE
NOW = START + 30 * MINUTE


@pytest.fixture
def workflow() -> Workflow:
    """Paused since five past twelve, with ticks skipped by one of two schedules."""
    often = {"id": "often", "kind": "schedule", "every": "PT10M"}
    rarely = {"id": "rarely", "kind": "schedule", "every": "P1D"}
    workflow = make_triggered(often, rarely, status=Status.PAUSED, paused_at=PAUSED_AT)
    arm(workflow, START)
    for minute in (10, 20):
        fire_due(START + minute * MINUTE)
    return workflow


def test_only_ticks_of_this_pause_count(workflow: Workflow) -> None:
    ticks = {"status": "skipped", "trigger_kind": "schedule", "trigger_id": "often"}
    make_run(workflow, **ticks, reason="paused", received_at=START, ended_at=START)
    make_run(workflow, **ticks, reason="overlap", received_at=NOW, ended_at=NOW)
    make_run(workflow, **{**ticks, "trigger_kind": "webhook"}, reason="paused", received_at=NOW, ended_at=NOW)
    assert missed_ticks(workflow) == 2
    assert missed_ticks(workflow, since=START + 15 * MINUTE) == 1


def test_one_run_for_each_schedule_that_missed_ticks(workflow: Workflow) -> None:
    (run_id,) = run_missed_once(workflow, NOW)
    run = Run.objects.get(pk=run_id)
    assert (run.status, run.trigger_kind, run.trigger_id) == ("pending", "schedule", "often")
    assert (run.version, run.received_at, run.due_at) == (workflow.published, NOW, NOW)
    assert json.loads(run.input)["data"] == {"due_at": "2026-03-01T12:20:00.000000Z"}


def test_pause_is_known_from_its_row_while_the_verb_has_taken_it_off(workflow: Workflow) -> None:
    workflow.status, workflow.paused_at = Status.ACTIVE, None
    assert len(run_missed_once(workflow, NOW)) == 1


def test_without_missed_ticks_nothing_runs() -> None:
    workflow = make_triggered({"id": "often", "kind": "schedule", "every": "PT10M"})
    arm(workflow, START)
    assert (run_missed_once(workflow, NOW), missed_ticks(workflow), Run.objects.count()) == ([], 0, 0)


def test_schedule_that_was_removed_meanwhile_does_not_run(workflow: Workflow) -> None:
    workflow.triggers.update(is_live=False)
    assert run_missed_once(workflow, NOW) == []
