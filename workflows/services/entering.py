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


def enter(workflow: Workflow, status: Status, moment: datetime, *, reason: str = "", cause: str = "") -> None:
    """Assign a status; what explained the former one is cleared."""
    clear_pause(workflow)
    workflow.status, workflow.reason, workflow.cause = status, reason, cause
    workflow.status_at, workflow.status_by = moment, actor_label()
