"""Cancel is never forgotten, whatever a pause, a stop or a death does at the same time."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from runs import services as run_services
from runs.engine import executor
from runs.models import Run
from tests.factories import make_run
from tests.runs.engine.driving import accept, advance, lose_worker, sink, workflow_of
from tests.runs.engine.driving import claimed as claim
from tests.runs.engine.test_awaiting import settling_after
from workflows import services

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

STEP = {"id": "a", "kind": "set", "values": {"x": 1}}
NAP = {"id": "nap", "kind": "delay", "for": "PT5M"}


def executing(*steps: dict[str, Any]) -> Run:
    """A run that a worker has claimed and is executing."""
    run = accept(workflow_of(*steps))
    assert claim(str(run.pk), "a worker") is not None
    return Run.objects.get(pk=run.pk)


def test_pause_with_hold_leaves_a_cancel_that_was_asked_for() -> None:
    run = executing(STEP)
    run_services.cancel(run.pk)

    services.pause(run.workflow_id, reason="CRM outage", in_flight="hold")

    assert Run.objects.get(pk=run.pk).wish == "cancel"


def test_cancel_of_a_run_whose_worker_died_counts_before_the_hold() -> None:
    run = executing(STEP)
    run_services.cancel(run.pk)
    services.pause(run.workflow_id, reason="CRM outage", in_flight="hold")

    run = advance(lose_worker(run))

    assert (run.status, run.reason) == ("cancelled", "cancelled")


def test_cancel_that_comes_while_the_run_is_about_to_be_held_ends_it() -> None:
    with sink() as target:
        call = {"id": "call", "kind": "http_request", "method": "GET", "url": target.url}
        run = accept(workflow_of(call, {**call, "id": "second"}))
        original = executor.Walker._perform

        def pausing(walker: Any, *args: Any) -> Any:
            services.pause(run.workflow_id, reason="CRM outage", in_flight="hold")
            return original(walker, *args)

        with (
            mock.patch.object(executor.Walker, "_perform", pausing),
            settling_after(lambda halted: run_services.cancel(halted.pk)),
        ):
            run = advance(run)

    assert (run.status, run.reason) == ("cancelled", "cancelled")
    assert len(target.seen) == 1


def test_stop_ends_a_run_that_is_just_going_to_wait() -> None:
    workflow = workflow_of(NAP, STEP)
    run = accept(workflow)

    with settling_after(lambda halted: services.stop(workflow.pk, reason="No longer needed")):
        run = advance(run)

    assert run.status == "cancelled"


def test_stop_ends_what_was_marked_to_pass_a_pause() -> None:
    workflow = workflow_of(STEP)
    services.pause(workflow.pk, reason="CRM outage")
    marked = run_services.start_by_hand(workflow.pk, {}, while_paused=True)

    services.stop(workflow.pk, reason="No longer needed")
    late = make_run(workflow, passes_gate=True)

    assert Run.objects.get(pk=marked.pk).status == "cancelled"
    assert not executor.advance(str(late.pk))
    assert (Run.objects.get(pk=late.pk).status, Run.objects.get(pk=late.pk).started_at) == ("skipped", None)


def test_run_by_hand_while_active_is_not_marked_to_pass_a_later_pause() -> None:
    workflow = workflow_of(STEP)
    run = run_services.start_by_hand(workflow.pk, {}, while_paused=True)

    services.pause(workflow.pk, reason="CRM outage")

    assert not executor.advance(str(run.pk))
    assert Run.objects.get(pk=run.pk).status == "held"


def test_archive_ends_what_a_stop_by_the_system_held() -> None:
    workflow = workflow_of(NAP, STEP)
    waiting, pending = advance(accept(workflow)), accept(workflow)
    services.stop_by_system(workflow.pk, cause="resource_limit", reason="Too many deaths")
    assert set(Run.objects.values_list("status", flat=True)) == {"held"}

    services.archive(workflow.pk)

    assert [Run.objects.get(pk=run.pk).status for run in (waiting, pending)] == ["cancelled", "cancelled"]


def test_system_does_not_take_a_persons_pause_away() -> None:
    workflow = workflow_of(STEP)
    services.pause(workflow.pk, reason="CRM outage")

    result = services.stop_by_system(workflow.pk, cause="resource_limit", reason="Too many deaths")

    assert (result.changed, result.workflow.status) == (False, "paused")


def test_time_spent_held_does_not_count_against_the_timeout() -> None:
    workflow = workflow_of(NAP, STEP, run_timeout="PT1H")
    run = advance(accept(workflow))
    services.pause(workflow.pk, reason="CRM outage", in_flight="hold")
    long_ago = timedelta(hours=3)
    held = Run.objects.get(pk=run.pk)
    Run.objects.filter(pk=run.pk).update(
        held_at=held.held_at - long_ago,
        deadline_at=held.deadline_at - long_ago,
        due_at=held.due_at - long_ago,
    )
    run.step_attempts.update(due_at=timezone.now() - long_ago)
    services.resume(workflow.pk)
    run_services.release(run.pk)

    assert advance(run).status == "success"


def test_time_without_a_decision_does_not_count_against_the_timeout() -> None:
    with sink() as target:
        call = {"id": "call", "kind": "http_request", "method": "POST", "url": target.url}
        run = accept(workflow_of(call, run_timeout="PT1H"))
        with mock.patch("runs.engine.performing.send", side_effect=SystemExit), pytest.raises(SystemExit):
            executor.advance(str(run.pk))
        run = advance(lose_worker(run))
        assert run.status == "needs_decision"
        long_ago = timedelta(hours=3)
        Run.objects.filter(pk=run.pk).update(deadline_at=run.deadline_at - long_ago)
        run.step_attempts.update(started_at=timezone.now() - long_ago)

        run_services.decide(run.pk, "repeat")

        assert advance(run).status == "success"
