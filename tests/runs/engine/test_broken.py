"""Broken definitions, texts and items: they end by themselves, and the rest goes on."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from runs import services as run_services
from runs.actors import advance_run
from runs.engine import executor, lease, release, resuming, sweeper
from runs.engine.isolation import one_by_one
from runs.engine.scheduler import Duty, Scheduler, long_duties, outgoing_duties, prompt_duties
from runs.models import Run, Schedule
from tests.factories import make_run, make_workflow
from tests.runs.engine.driving import accept, advance, definition, workflow_of
from workflows import services
from workflows.lifecycle import Stale
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

STEP = {"id": "a", "kind": "set", "values": {"x": 1}}
NAP = {"id": "nap", "kind": "delay", "for": "PT5M"}
NO_SUCH_ZONE = '{"cron": "* * * * *", "every": null, "timezone": "Mars/Olympus"}'
UNREADABLE = '{"format": "signalbox/1", "steps": [{"id": "a", "kind": "of_an_older_release"}]}'


def break_definition(workflow: Workflow) -> None:
    """As an older release with a wider format may have left it: past the models, which would refuse it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workflows_version SET definition = %s WHERE workflow_id = %s", [UNREADABLE, workflow.pk]
        )


def test_run_of_an_unreadable_definition_fails_and_the_system_stops_the_workflow() -> None:
    workflow = workflow_of(STEP)
    first, second = accept(workflow), accept(workflow)
    break_definition(workflow)

    assert not executor.advance(str(first.pk))

    workflow.refresh_from_db()
    first.refresh_from_db()
    assert (first.status, first.error_code) == ("failed", "definition_refused")
    assert (workflow.status, workflow.cause) == ("not_running", "configuration")
    assert Run.objects.get(pk=second.pk).status == "held"


@pytest.mark.parametrize("verb", ["pause", "stop"])
def test_pause_and_stop_work_on_an_unreadable_definition(verb: str) -> None:
    tick = {"id": "tick", "kind": "schedule", "every": "PT1M"}
    workflow = make_workflow(definition={**definition(NAP), "triggers": [tick]})
    past = timezone.now() - timedelta(minutes=1)
    Schedule.objects.create(
        trigger=workflow.triggers.get(), next_at=past, anchor=past, timetable=NO_SUCH_ZONE
    )
    run = make_run(workflow)
    break_definition(workflow)

    assert getattr(services, verb)(workflow.pk, reason="It is broken").changed

    assert run_services.kill(run.pk).changed is (verb == "pause")


@pytest.mark.parametrize(("text", "bad"), [("a\0b", "\0"), ("half \ud800", "\ud800")])
def test_error_with_characters_that_no_database_takes_ends_the_run_once(text: str, bad: str) -> None:
    end = {"id": "end", "kind": "finish", "status": "failed", "message": "{{ trigger.body.text }}"}

    run = advance(accept(workflow_of(end), {"text": text}))

    assert (run.status, run.error_code, run.deaths) == ("failed", "finished", 0)
    assert run.error == text.replace(bad, "\ufffd")


def test_item_whose_value_is_nothing_stays_known_after_an_inner_loop() -> None:
    inner = {"id": "inner", "kind": "for_each", "items": [1], "steps": [STEP]}
    after = {"id": "after", "kind": "set", "values": {"item": "{{ item }}"}}
    outer = {"id": "outer", "kind": "for_each", "items": [None], "steps": [inner, after]}

    run = advance(accept(workflow_of(outer)))

    assert (run.status, run.error) == ("success", "")


def test_one_broken_item_stops_no_other() -> None:
    done: list[int] = []

    def work(item: int) -> int:
        if item == 2:
            raise ZeroDivisionError
        done.append(item)
        return 1

    assert one_by_one([1, 2, 3], work) == 2
    assert done == [1, 3]


def test_database_that_is_away_ends_the_batch() -> None:
    with pytest.raises(OperationalError):
        one_by_one([1], mock.Mock(side_effect=OperationalError))


def test_duty_that_fails_stops_no_other_duty() -> None:
    done: list[str] = []
    duties = [
        Duty("break", 0, mock.Mock(side_effect=ZeroDivisionError)),
        Duty("work", 0, lambda: done.append("worked")),
    ]
    scheduler = Scheduler("test", duties, lambda: None)

    for duty in scheduler.duties:
        with mock.patch("runs.engine.scheduler.close_old_connections"):
            scheduler._do(duty)

    assert done == ["worked"]


def test_duties_that_wait_for_others_stand_apart_from_the_prompt_ones() -> None:
    assert {"automatic resume", "verify the audit chain"} <= {duty.name for duty in long_duties()}
    assert {"ring due runs", "fire schedules"} <= {duty.name for duty in prompt_duties()}
    assert "deliver notices" in {duty.name for duty in outgoing_duties()}


@pytest.mark.parametrize("message", [(), ("x", 2, 3), (None,), ({"a": 1},), (7,)])
def test_garbled_message_is_never_put_aside_as_dead(message: tuple[Any, ...]) -> None:
    advance_run.fn(*message)

    with mock.patch.object(executor, "advance", side_effect=ZeroDivisionError):
        advance_run.fn("x")


def test_lease_of_a_newer_claim_is_not_dropped_by_the_older_one() -> None:
    with suppress(ZeroDivisionError), lease.kept({"run": 1}):
        lease._held["run"] = 2
        raise ZeroDivisionError

    assert lease._held.pop("run") == 2


def test_edit_during_an_automatic_resume_only_puts_it_off() -> None:
    workflow = workflow_of(STEP)
    later = timezone.now() + timedelta(hours=1)
    services.pause(workflow.pk, reason="CRM outage", until=later, auto_resume=True)
    overdue(workflow)
    with mock.patch("runs.engine.resuming.status.resume", side_effect=Stale("It changed.")):
        assert resuming.resume_due() == 0

    workflow.refresh_from_db()
    assert workflow.auto_resume_failed == ""
    assert resuming.resume_due() == 1


def overdue(workflow: Workflow) -> None:
    paused = Workflow.objects.get(pk=workflow.pk)
    paused.resume_expected_at = timezone.now() - timedelta(seconds=1)
    paused.save()


def test_mended_workflow_is_not_stopped_again_for_the_deaths_before() -> None:
    workflow = workflow_of(STEP)
    now = timezone.now()
    for _ in range(3):
        make_run(workflow, status="failed", error_code="worker_died", deaths=3, ended_at=now)
    assert sweeper.stop_killers() == 1

    services.run(workflow.pk, accept_warnings=True)

    assert sweeper.stop_killers() == 0


def test_start_after_a_stop_by_the_system_releases_triggers_and_runs_at_the_pace() -> None:
    workflow = workflow_of(NAP, STEP, release_per_minute=60)
    begun, fresh = advance(accept(workflow)), accept(workflow)
    services.stop_by_system(workflow.pk, cause="resource_limit", reason="Too many deaths")

    services.run(workflow.pk, accept_warnings=True)

    assert set(Run.objects.values_list("reason", flat=True)) == {"releasing"}
    assert release.adopt_strays() == 0
    assert release.tick() == 1
    assert [Run.objects.get(pk=run.pk).status for run in (begun, fresh)] == ["waiting", "held"]


def test_trigger_held_while_the_stop_ran_is_skipped() -> None:
    workflow = workflow_of(STEP, status="not_running")
    run = make_run(workflow, status="held", reason="paused", version=None, due_at=None)

    assert release.adopt_strays() == 1

    run.refresh_from_db()
    assert (run.status, run.reason) == ("skipped", "not running")
