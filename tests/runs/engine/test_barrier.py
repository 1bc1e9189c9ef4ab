"""The gate is a barrier: after "Paused at T" nothing starts, with workers and senders at full speed."""

import random
import time
from collections.abc import Callable
from datetime import datetime

import pytest

from runs import services as run_services
from runs.models import Run
from tests.runs.engine.crowd import eventually, sender, working
from tests.runs.engine.driving import workflow_of
from workflows import services
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

TRIALS = 20
STEP = {"id": "a", "kind": "set", "values": {"x": 1}}
SECOND = {"id": "b", "kind": "set", "values": {"x": "{{ steps.a.x }}"}}


def close_by_pause(workflow: Workflow, choice: random.Random) -> datetime:
    in_flight = choice.choice(["finish", "hold", "cancel"])
    return services.pause(workflow.pk, reason="CRM outage", in_flight=in_flight).figures["paused_at"]


def open_by_resume(workflow: Workflow) -> datetime:
    return services.resume(workflow.pk, held="discard").workflow.activated_at


def close_by_stop(workflow: Workflow, choice: random.Random) -> datetime:
    return services.stop(workflow.pk, reason="No longer needed").workflow.status_at


def open_by_run(workflow: Workflow) -> datetime:
    return services.run(workflow.pk, accept_warnings=True).workflow.activated_at


@pytest.mark.parametrize(
    ("close", "reopen"),
    [(close_by_pause, open_by_resume), (close_by_stop, open_by_run)],
    ids=["pause", "stop"],
)
def test_nothing_starts_while_the_gate_is_closed(
    close: Callable[..., datetime], reopen: Callable[..., datetime]
) -> None:
    workflow = workflow_of(STEP, SECOND)
    choice = random.Random(17)
    closed: list[tuple[datetime, datetime]] = []

    with working(sender(workflow), sender(workflow), workers=8):
        for _ in range(TRIALS):
            wait_for_starts(workflow)
            time.sleep(choice.uniform(0, 0.02))
            at = close(workflow, choice)
            assert starts_between(workflow, at, None) == 0
            time.sleep(0.02)
            assert starts_between(workflow, at, None) == 0
            closed.append((at, reopen(workflow)))

    assert [starts_between(workflow, *span) for span in closed] == [0] * TRIALS
    assert Run.objects.filter(workflow=workflow, started_at__isnull=False).count() >= TRIALS
    assert Run.objects.filter(workflow=workflow, status="success").exists()


def wait_for_starts(workflow: Workflow) -> None:
    """Until the load has started something in this opening, so that every trial closes a gate in use."""
    begun = starts_between(workflow, workflow.created_at, None)
    deadline = time.monotonic() + 20
    while starts_between(workflow, workflow.created_at, None) == begun:
        assert time.monotonic() < deadline, "nothing starts"
        time.sleep(0.002)


def starts_between(workflow: Workflow, after: datetime, before: datetime | None) -> int:
    starts = Run.objects.filter(workflow=workflow, started_at__gt=after, passes_gate=False)
    return (starts.filter(started_at__lt=before) if before else starts).count()


def test_marked_runs_pass_a_pause_and_nothing_else_does() -> None:
    workflow = workflow_of(STEP)
    with working(sender(workflow), workers=4):
        wait_for_starts(workflow)
        at = services.pause(workflow.pk, reason="CRM outage").figures["paused_at"]
        marked = [run_services.start_by_hand(workflow.pk, {}, while_paused=True) for _ in range(5)]
        assert eventually(lambda: set(statuses(marked)) == {"success"}), statuses(marked)

    assert starts_between(workflow, at, None) == 0
    assert all(Run.objects.get(pk=run.pk).started_at > at for run in marked)


def statuses(runs: list[Run]) -> list[str]:
    return list(Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("status", flat=True))
