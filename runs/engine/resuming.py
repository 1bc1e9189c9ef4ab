"""Automatic resume: at the expected time, if the checks pass; else the workflow stays Paused and says why."""

import logging

from django.db.models import Exists, OuterRef, Q

from audit import context
from config.clock import stamp
from runs.engine.isolation import one_by_one
from workflows.lifecycle import Refusal, Stale, Status
from workflows.models import Notice, NoticeKind, WindowPause, Workflow
from workflows.models.workflow import WorkflowQuerySet
from workflows.notices import telling
from workflows.services import status
from workflows.services.acting import WorkflowGone, locked_change

logger = logging.getLogger(__name__)

AT_ONCE = 50
TIMER = context.Actor("system", "automatic-resume", "Automatic resume")


def resume_due() -> int:
    """Resume every paused workflow whose time has come, once; gives how many resumed. Safe beside others.

    What a maintenance window keeps paused is lifted with it (runs/engine/maintenance.py).
    """
    due = _beyond_time().filter(auto_resume=True, auto_resume_failed="")
    return one_by_one(list(due.values_list("pk", "revision")[:AT_ONCE]), _resume)


def tell_overdue() -> int:
    """Raise the one notice of each workflow that stays paused beyond its time and does not resume by itself."""
    told = Notice.objects.filter(workflow=OuterRef("pk"), kind=NoticeKind.OVERDUE, closed_at=None)
    silent = _beyond_time().filter(Q(auto_resume=False) | ~Q(auto_resume_failed="")).exclude(Exists(told))
    return one_by_one(list(silent.values_list("pk", flat=True)[:AT_ONCE]), _tell_overdue)


def _tell_overdue(pk: int) -> bool:
    with locked_change(pk) as workflow:
        return workflow.is_overdue and telling.tell_overdue(workflow)


def _beyond_time() -> WorkflowQuerySet:
    due = Workflow.objects.standing().filter(status=Status.PAUSED, resume_expected_at__lte=stamp())
    return due.exclude(pk__in=WindowPause.objects.filter(closed_at=None).values("workflow_id"))


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
    """Say once why it did not resume: on its page, which shows it as Overdue, and to its recipients."""
    reasons = [finding["message"] for finding in refused.findings] or [refused.message]
    with locked_change(pk) as workflow:
        if workflow.status == Status.PAUSED and workflow.is_overdue and not workflow.auto_resume_failed:
            workflow.auto_resume_failed = " ".join(reasons)[:1000]
            workflow.save()
            telling.tell_overdue(workflow)
            logger.warning("Workflow %s stays paused beyond its time: %s", pk, workflow.auto_resume_failed)
