"""Automatic resume: at the expected time, if the checks pass; else the workflow stays Paused and says why."""

import logging

from django.db.models import Q

from audit import context
from config.clock import stamp
from runs.engine.isolation import one_by_one
from workflows.lifecycle import Refusal, Stale, Status
from workflows.models import Workflow
from workflows.services import status
from workflows.services.acting import WorkflowGone, locked_change

logger = logging.getLogger(__name__)

TIMER = context.Actor("system", "automatic-resume", "Automatic resume")


def resume_due() -> int:
    """Resume every paused workflow whose time has come, once; gives how many resumed. Safe beside others."""
    due = Workflow.objects.standing().filter(
        Q(auto_resume_failed=""), status=Status.PAUSED, auto_resume=True, resume_expected_at__lte=stamp()
    )
    return one_by_one(list(due.values_list("pk", "revision")[:50]), _resume)


def _resume(due: tuple[int, int]) -> bool:
    pk, revision = due
    with context.acting(TIMER, origin="system"):
        try:
            return status.resume(pk, accept_warnings=True, revision=revision).changed
        except (WorkflowGone, Stale):
            # Somebody changed it while its connections were tested: the next turn looks at it anew.
            return False
        except Refusal as refused:
            _stay_paused(pk, refused)
    return False


def _stay_paused(pk: int, refused: Refusal) -> None:
    """Say once why it did not resume; the page shows it as Overdue."""
    reasons = [finding["message"] for finding in refused.findings] or [refused.message]
    with locked_change(pk) as workflow:
        if workflow.status == Status.PAUSED and workflow.is_overdue and not workflow.auto_resume_failed:
            workflow.auto_resume_failed = " ".join(reasons)[:1000]
            workflow.save()
            logger.warning("Workflow %s stays paused beyond its time: %s", pk, workflow.auto_resume_failed)
