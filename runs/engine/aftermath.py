"""What follows a run's end or halt, after its commit: doorbells for others, and the drained event.

Best effort here; the sweeper repeats whatever a crash swallowed.
"""

from collections.abc import Iterable

from django.db.models import Q

from config.clock import stamp
from runs.engine import doorbell
from runs.models import RETURNING, Run, RunStatus
from runs.statements import Closed
from workflows.models import Workflow
from workflows.services import status


def follow(run: Run, closed: Closed | None = None, *, makes_room: bool = True) -> None:
    """Do what a run that left Running (or was refused its start) makes due. Does nothing for others.

    `closed`: what was told at its end about draining, else it is looked up. `makes_room` False: its version has no
    limits, so none of its kind waits for its end.
    """
    if run.status in (RunStatus.PENDING, RunStatus.RUNNING):
        return
    if run.parent_id and not run.is_open:
        doorbell.ring(str(run.parent_id))
    if closed.draining if closed else _is_draining(run.workflow_id):
        status.drained(run.workflow_id)
    if makes_room and run.version_id and run.status != RunStatus.WAITING and run.started_at:
        ring_next(run.workflow_id)


def _is_draining(workflow_id: int) -> bool:
    return Workflow.objects.filter(pk=workflow_id, is_draining=True).exists()


def drain(workflow_pks: Iterable[int]) -> None:
    """Record the drained event of workflows whose last run in flight may just have closed."""
    for pk in workflow_pks:
        status.drained(pk)


def ring_next(workflow_id: int) -> None:
    """Ring for the oldest run of a workflow that is due and may only lack a slot: one may have become free."""
    lacking = Q(status=RunStatus.PENDING) | Q(status=RunStatus.WAITING, reason__in=RETURNING)
    due = Run.objects.filter(lacking, workflow_id=workflow_id, due_at__lte=stamp())
    oldest = due.order_by("id").values_list("pk", flat=True).first()
    if oldest is not None:
        doorbell.ring(str(oldest))
