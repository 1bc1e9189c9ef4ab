"""Schedules that are simply due are fired by a few statements, and leave what the long way leaves."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.engine import batch
from runs.intake import firing
from runs.intake.punctual import fire_at_once
from runs.intake.schedules import fire_due
from runs.models import Run, Schedule, Tick
from tests.factories import make_version
from tests.runs.intake.scheduled import MINUTE, START, scheduled
from workflows import services
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

NOW = START + MINUTE + timedelta(seconds=2)
OWN = {"id", "workflow_id", "version_id", "scope_id", "correlation"}


def row_of(workflow: Workflow) -> Schedule:
    return Schedule.objects.select_related("trigger__workflow__published").get(trigger__workflow=workflow)


def left(workflow: Workflow) -> list[dict[str, Any]]:
    names = [field.attname for field in Run._meta.concrete_fields if field.attname not in OWN]
    return list(Run.objects.filter(workflow=workflow).values(*names))


def test_it_leaves_what_the_long_way_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    short = scheduled()
    assert fire_due(NOW) == 1
    monkeypatch.setattr(firing, "fire_at_once", lambda *_given: None)
    long = scheduled()
    assert fire_due(NOW) == 1

    assert left(short) == left(long)
    rows = [row_of(workflow) for workflow in (short, long)]
    assert {(row.next_at, row.failures, row.is_armed) for row in rows} == {(START + 2 * MINUTE, 0, True)}
    assert Tick.objects.filter(due_at=START + MINUTE).count() == 2
    assert set(Tick.objects.values_list("run_id", flat=True)) == set(Run.objects.values_list("pk", flat=True))


def test_one_more_schedule_costs_three_statements_and_a_transaction() -> None:
    counts = []
    for _ in range(2):
        for _more in range(5):
            scheduled()
        Schedule.objects.update(next_at=START + MINUTE)
        Tick.objects.all().delete(), Run.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            fire_due(NOW)
        counts.append(len(captured))
        assert Run.objects.count() == 5 * len(counts)
    # Two savepoints within the test's own transaction, each of two statements.
    assert (counts[1] - counts[0]) / 5 <= 3 + 2 * 2


def test_runs_that_only_compute_end_together_but_those_that_queue() -> None:
    scheduled(), scheduled(overlap="allow"), scheduled(overlap="queue")
    assert fire_due(NOW) == 3
    assert batch.advance_waiting() == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [("fired", 0), ("let go", 0), ("published", None), ("paused", None), ("anchored", None)],
)
def test_nothing_is_written_where_it_was_changed_since_it_was_read(change: str, told: int | None) -> None:
    workflow = scheduled()
    row = row_of(workflow)
    if change == "fired":
        fire_due(NOW)
    elif change == "published":
        workflow.published = make_version(workflow, state="draft")
        workflow.save()
    elif change == "paused":
        services.pause(workflow.pk, reason="CRM outage")
    elif change == "anchored":
        Schedule.objects.update(anchor=NOW)
    else:
        Schedule.objects.update(is_armed=False)
    before = (Schedule.objects.get().next_at, Run.objects.count(), Tick.objects.count())

    assert fire_at_once(row, NOW) == told

    assert (Schedule.objects.get().next_at, Run.objects.count(), Tick.objects.count()) == before


def test_due_instant_that_is_recorded_is_passed_over() -> None:
    workflow = scheduled()
    Tick.objects.create(trigger=row_of(workflow).trigger, due_at=START + MINUTE, run_id="0" * 32)

    assert fire_due(NOW) == 0

    assert Run.objects.count() == 0
    assert Schedule.objects.get().next_at == START + 2 * MINUTE


@pytest.mark.parametrize(
    "now", [START + 2 * MINUTE + timedelta(seconds=2), START + MINUTE + timedelta(seconds=61)]
)
def test_what_is_late_or_missed_more_is_left_to_the_long_way(now: Any) -> None:
    row = row_of(scheduled())
    assert fire_at_once(row, now) is None
    assert Run.objects.count() == 0
