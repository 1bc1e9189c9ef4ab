"""A run that waits for a run it started: it always learns of the end, whatever happens in between."""

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from runs import services as run_services
from runs.engine import executor, release, settling
from runs.models import Run
from tests.runs.engine.driving import accept, advance, advance_due, workflow_of
from workflows import services
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

DONE = {"id": "done", "kind": "set", "values": {"a": 1}}
NAP = {"id": "nap", "kind": "delay", "for": "PT5M"}


def parent_of(child: Workflow) -> Workflow:
    return workflow_of(
        {"id": "sub", "kind": "start_workflow", "workflow": child.name, "payload": {}, "wait": True}, DONE
    )


def child_of(run: Run) -> Run:
    return Run.objects.get(parent=run)


def settling_after(act: Callable[[Run], Any]) -> Any:
    """Let something happen between a walk's last look and the transaction that ends it."""
    settle = settling._settle

    def late(walker: Any, halt: Any) -> None:
        with mock.patch.object(settling, "_settle", settle):
            act(walker.run)
        settle(walker, halt)

    return mock.patch.object(settling, "_settle", late)


def test_child_that_ends_while_its_parent_is_about_to_wait_is_not_missed() -> None:
    run = accept(parent_of(workflow_of(DONE)))

    with settling_after(lambda parent: advance(child_of(parent))):
        run = advance(run)

    assert (run.status, child_of(run).status) == ("waiting", "success")
    assert run.due_at <= timezone.now()
    assert advance(run).status == "success"


@pytest.mark.parametrize("end", [run_services.cancel, run_services.kill])
def test_child_that_is_ended_by_hand_wakes_its_parent(end: Callable[..., Any]) -> None:
    run = advance(accept(parent_of(workflow_of(NAP))))
    advance(child_of(run))

    end(child_of(run).pk)

    assert advance(run).status == "success"


def test_stop_of_the_childs_workflow_wakes_the_parent() -> None:
    child = workflow_of(NAP)
    run = advance(accept(parent_of(child)))
    advance(child_of(run))

    services.stop(child.pk, reason="No longer needed")

    assert child_of(run).status == "cancelled"
    assert advance(run).status == "success"


def test_parent_that_was_held_when_its_child_ended_goes_on_after_the_resume() -> None:
    parent = parent_of(workflow_of(DONE))
    run = advance(accept(parent))
    services.pause(parent.pk, reason="CRM outage", in_flight="hold")

    assert advance(child_of(run)).status == "success"
    run.refresh_from_db()
    assert run.status == "held"
    services.resume(parent.pk)
    assert release.tick() == 1

    assert advance_due() == 1
    run.refresh_from_db()
    assert run.status == "success"


def test_parent_in_flight_finishes_under_a_pause_when_its_child_ends() -> None:
    parent = parent_of(workflow_of(DONE))
    run = advance(accept(parent))

    assert services.pause(parent.pk, reason="CRM outage", in_flight="finish").figures["finishing"] == 1
    advance(child_of(run))

    assert advance(run).status == "success"
    parent.refresh_from_db()
    assert not parent.is_draining


def test_worker_that_lost_the_parent_starts_no_second_child() -> None:
    run = accept(parent_of(workflow_of(DONE)))
    taken = "runs.engine.starting._start_once"
    original = executor.Walker._perform

    def taken_before(walker: Any, *args: Any) -> Any:
        Run.objects.filter(pk=walker.run.pk).update(fence=99)
        return original(walker, *args)

    with mock.patch.object(executor.Walker, "_perform", taken_before), mock.patch(taken) as start_once:
        executor.advance(str(run.pk))

    start_once.assert_not_called()
    assert Run.objects.filter(parent=run).count() == 0
