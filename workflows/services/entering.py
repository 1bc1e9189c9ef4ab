"""Assigning a status with who, when and why. The services that call this are the only ones that do."""

from datetime import datetime

from audit import context
from workflows.lifecycle import Status
from workflows.models import Workflow


def actor_label() -> str:
    """The label under which the present actor is shown."""
    return context.current().actor.label


def clear_pause(workflow: Workflow) -> None:
    """Forget what described a pause."""
    workflow.category = workflow.in_flight_choice = workflow.triggers_choice = workflow.auto_resume_failed = (
        ""
    )
    workflow.paused_at = workflow.resume_expected_at = None
    workflow.auto_resume = workflow.is_draining = False


def end_launch(workflow: Workflow) -> None:
    """Forget the limit of a watched launch."""
    workflow.launch, workflow.launch_seen = "", 0


def enter(workflow: Workflow, status: Status, moment: datetime, *, reason: str = "", cause: str = "") -> None:
    """Assign a status; what explained the former one is cleared. A watched launch outlives a pause, nothing else."""
    clear_pause(workflow)
    if status not in (Status.ACTIVE, Status.PAUSED):
        end_launch(workflow)
    workflow.status, workflow.reason, workflow.cause = status, reason, cause
    workflow.status_at, workflow.status_by = moment, actor_label()
