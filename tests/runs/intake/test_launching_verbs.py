"""What the other verbs make of a watched launch."""

import pytest

from runs.models import Run
from tests.runs.intake.firings import place
from tests.runs.intake.launches import (
    HELD,
    PAUSED,
    PENDING,
    RELEASING,
    launched,
    send_hooks,
    standings,
    tally,
)
from workflows import services
from workflows.launch import Launch
from workflows.lifecycle import Status, TransitionRefused
from workflows.models import Workflow
from workflows.models.workflow import StatusChangedOutside

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

REASON = "By the test of launches"


def test_launch_outlives_a_pause_and_counts_what_came_in_it() -> None:
    workflow = launched("first 3")
    send_hooks(workflow, 1)
    services.pause(workflow.pk, reason=REASON)
    send_hooks(workflow, 4)
    assert standings(workflow) == [PAUSED] * 5

    preview = services.resume_preview(workflow.pk)
    done = services.resume(workflow.pk)

    assert (preview["held_triggers"], preview["launch_holds"]) == (5, 2)
    assert (done.figures["released"], done.figures["held_by_launch"]) == (3, 2)
    assert standings(workflow) == [RELEASING] * 3 + [HELD] * 2
    assert send_hooks(workflow, 1)[0].status == "held"
    assert Workflow.objects.get(pk=workflow.pk).launch == "first 3"


def test_second_pause_counts_nothing_twice() -> None:
    workflow = launched("first 3")
    services.pause(workflow.pk, reason=REASON)
    send_hooks(workflow, 5)
    for _ in range(2):
        services.resume(workflow.pk)
        services.pause(workflow.pk, reason=REASON)
    services.resume(workflow.pk)
    assert tally(workflow) == {RELEASING: 3, HELD: 2}
    assert Workflow.objects.get(pk=workflow.pk).launch_seen == 5


@pytest.mark.parametrize(
    ("choice", "left"), [("discard", ("skipped", "discarded")), ("keep", ("held", "kept"))]
)
def test_choices_of_a_resume_leave_what_the_launch_holds(choice: str, left: tuple[str, str]) -> None:
    workflow = launched("first 1")
    send_hooks(workflow, 2)
    Run.objects.filter(status="pending").delete()
    services.pause(workflow.pk, reason=REASON)
    send_hooks(workflow, 1)
    services.resume(workflow.pk, held=choice)
    assert standings(workflow) == [HELD, left]


def test_stop_ends_the_launch_and_what_it_held() -> None:
    workflow = launched("first 1")
    send_hooks(workflow, 3)
    services.stop(workflow.pk, reason=REASON)
    assert tally(workflow) == {("cancelled", "stopped"): 3}
    stopped = Workflow.objects.get(pk=workflow.pk)
    assert (stopped.launch, stopped.launch_seen) == ("", 0)
    services.run(workflow.pk, accept_warnings=True)
    assert send_hooks(workflow, 2)[-1].status == "pending"


def test_start_after_a_stop_by_the_system_releases_what_a_launch_held() -> None:
    workflow = launched("first 1")
    send_hooks(workflow, 3)
    services.stop_by_system(workflow.pk, cause="dependency", reason=REASON)
    send_hooks(workflow, 1)
    services.run(workflow.pk, accept_warnings=True)
    assert tally(workflow) == {RELEASING: 4}


def test_start_as_a_launch_keeps_what_was_held_before() -> None:
    workflow = place(Status.NOT_RUNNING, cause="dependency")
    send_hooks(workflow, 2)
    services.run(workflow.pk, accept_warnings=True, launch=Launch("first", 1))
    assert send_hooks(workflow, 2)[0].status == "pending"
    assert tally(workflow) == {HELD: 3, PENDING: 1}


def test_widen_is_refused_while_paused() -> None:
    workflow = launched()
    services.pause(workflow.pk, reason=REASON)
    with pytest.raises(TransitionRefused):
        services.widen(workflow.pk, None)


def test_clone_begins_without_a_launch() -> None:
    assert services.clone(launched().pk).workflow.launch == ""


def test_launch_is_no_way_to_change_a_status_past_the_table() -> None:
    workflow = Workflow.objects.get(pk=launched().pk)
    workflow.status = Status.DRAFT
    with pytest.raises(StatusChangedOutside):
        workflow.save()
