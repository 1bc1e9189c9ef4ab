"""Triggers through the life of a workflow, by its real verbs."""

from datetime import timedelta
from typing import Any

import pytest

from config.clock import stamp
from runs.intake.schedules import fire_due, upcoming
from runs.models import Run
from tests.runs.engine.clocks import Clock
from tests.runs.intake.deliveries import post
from tests.runs.intake.material import HOOK, make_triggered, trigger_of
from workflows.models import Cause, Status, Workflow
from workflows.services import status

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

EVERY: dict[str, Any] = {"id": "every", "kind": "schedule", "every": "PT10M", "overlap": "allow"}


@pytest.fixture
def workflow() -> Workflow:
    """Not Running, and complete, so that it may start."""
    workflow = make_triggered(HOOK, EVERY, status=Status.NOT_RUNNING)
    status.run(workflow.pk, accept_warnings=True)
    workflow.refresh_from_db()
    return workflow


def schedule_runs() -> list[tuple[str, str]]:
    runs = Run.objects.filter(trigger_kind="schedule").order_by("pk")
    return list(runs.values_list("status", "reason"))


def test_start_watches_and_stop_lets_go(workflow: Workflow) -> None:
    assert upcoming(workflow) == {"every": workflow.activated_at + timedelta(minutes=10)}
    status.stop(workflow.pk, reason="no longer needed")
    assert (upcoming(workflow), fire_due(stamp() + timedelta(days=1))) == ({}, 0)
    assert post(trigger_of(workflow)).status_code == 410


@pytest.mark.parametrize(("missed", "last"), [("once", ("pending", "")), ("none", ("skipped", "paused"))])
def test_resume_makes_up_for_a_pause_once_if_asked(
    workflow: Workflow, missed: str, last: tuple[str, str]
) -> None:
    started = workflow.activated_at
    status.pause(workflow.pk, reason="maintenance", triggers="hold")
    for minutes in (10, 20):
        fire_due(started + timedelta(minutes=minutes))
    held = post(trigger_of(workflow)).json()
    status.resume(workflow.pk, missed_ticks=missed, accept_warnings=True)
    assert schedule_runs()[:2] == [("skipped", "paused")] * 2
    assert schedule_runs()[-1] == last
    assert upcoming(workflow) == {"every": started + timedelta(minutes=30)}
    assert held["status"] == "held"
    assert Run.objects.get(pk=held["run"]).version_id is None


@pytest.mark.parametrize(("missed", "runs"), [("once", 1), ("none", 0)])
def test_tick_that_fell_into_a_pause_unseen_is_skipped_and_made_up_for_if_asked(
    monkeypatch: pytest.MonkeyPatch, workflow: Workflow, missed: str, runs: int
) -> None:
    """No scheduler was alive; without this the first one to come would start the tick after the resume."""
    clock = Clock(monkeypatch)
    status.pause(workflow.pk, reason="maintenance")
    clock.set(timedelta(minutes=25))
    status.resume(workflow.pk, missed_ticks=missed, accept_warnings=True)
    assert fire_due(stamp()) == 0
    assert schedule_runs() == [("skipped", "paused")] * 2 + [("pending", "")] * runs
    assert upcoming(workflow) == {"every": workflow.activated_at + timedelta(minutes=30)}


def test_tick_met_by_the_pause_a_moment_after_it_came_due_counts_as_missed(
    monkeypatch: pytest.MonkeyPatch, workflow: Workflow
) -> None:
    clock = Clock(monkeypatch)
    clock.set(timedelta(minutes=10, seconds=1))
    status.pause(workflow.pk, reason="maintenance")
    fire_due(stamp())
    preview = status.resume_preview(workflow.pk)
    status.resume(workflow.pk, missed_ticks="once", accept_warnings=True)
    assert preview["skipped_ticks"] == 1
    assert schedule_runs() == [("skipped", "paused"), ("pending", "")]


def test_start_after_a_stop_by_the_system_skips_what_came_due_meanwhile(
    monkeypatch: pytest.MonkeyPatch, workflow: Workflow
) -> None:
    clock = Clock(monkeypatch)
    status.stop_by_system(workflow.pk, cause=Cause.DEPENDENCY, reason="The CRM is away.")
    clock.set(timedelta(minutes=15))
    status.run(workflow.pk, accept_warnings=True)
    assert fire_due(stamp()) == 0
    assert schedule_runs() == [("skipped", "paused")]


def test_pause_that_skips_answers_skipped(workflow: Workflow) -> None:
    status.pause(workflow.pk, reason="maintenance", triggers="skip")
    answer = post(trigger_of(workflow))
    assert (answer.status_code, answer.json()["status"]) == (202, "skipped")


def test_archive_answers_gone_and_rests(workflow: Workflow) -> None:
    status.stop(workflow.pk, reason="no longer needed", archive=True)
    assert post(trigger_of(workflow)).status_code == 410
    assert upcoming(workflow) == {}


def test_new_start_counts_from_its_own_moment(workflow: Workflow) -> None:
    status.stop(workflow.pk, reason="no longer needed")
    status.run(workflow.pk, accept_warnings=True)
    again = Workflow.objects.get(pk=workflow.pk).activated_at
    assert again > workflow.activated_at
    assert upcoming(workflow) == {"every": again + timedelta(minutes=10)}
