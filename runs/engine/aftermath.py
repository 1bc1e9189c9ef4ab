"""What follows a run's end or halt, after its commit: doorbells for others, and the drained event.

Best effort here; the sweeper repeats whatever a crash swallowed.
"""

from collections.abc import Iterable

from django.db.models import Q

from config.clock import stamp
from runs.engine import doorbell
from runs.models import RETURNING, Run, RunStatus
from workflows.models import Workflow
from workflows.services import status


def follow(run: Run) -> None:
    """Do what a run that left Running (or was refused its start) makes due. Does nothing for others."""
    if run.status in (RunStatus.PENDING, RunStatus.RUNNING):
        return
    if run.parent_id and not run.is_open:
        doorbell.ring(str(run.parent_id))
    standing = Workflow.objects.filter(pk=run.workflow_id).values_list("is_draining", flat=True).first()
    if standing:
        status.drained(run.workflow_id)
    if run.version_id and run.status != RunStatus.WAITING and run.started_at:
        ring_next(run.workflow_id)


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
