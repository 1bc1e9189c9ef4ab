"""What follows a run's end or halt, after its commit: doorbells for others, and the drained event.

Best effort here; the sweeper repeats whatever a crash swallowed.
"""

from runs.engine import doorbell
from runs.models import Run, RunStatus
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
    if run.version_id and not run.is_open and run.started_at:
        ring_next(run.workflow_id)


def ring_next(workflow_id: int) -> None:
    """Ring for the oldest Pending run of a workflow: a slot may have become free."""
    pending = Run.objects.filter(workflow_id=workflow_id, status=RunStatus.PENDING, rung_at__isnull=False)
    oldest = pending.order_by("id").values_list("pk", flat=True).first()
    if oldest is not None:
        doorbell.ring(str(oldest))
