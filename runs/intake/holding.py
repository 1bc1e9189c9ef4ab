"""How many triggers a workflow keeps while it does not run."""

from datetime import datetime, timedelta

from django.conf import settings

from runs.intake.occurrences import HoldFull
from runs.models import Run, RunStatus
from workflows.models import Workflow
from workflows.services.acting import lock

# Below the cap by more than this many no lock is taken: so many requests may be under way at once.
NEAR = 200
LEAST_RETRY, MOST_RETRY = 60, 3600


def require_room(workflow: Workflow, moment: datetime) -> None:
    """Raises HoldFull when the workflow keeps `settings.HOLD_LIMIT` triggers; to be called in the transaction.

    Far below the cap it only reads; near it the workflow's row is locked and the triggers counted exactly.
    """
    held = Run.objects.filter(workflow_id=workflow.pk, status=RunStatus.HELD).order_by()
    if held[: max(settings.HOLD_LIMIT - NEAR, 1)].count() < settings.HOLD_LIMIT - NEAR:
        return
    lock(workflow.pk)
    if held.held_triggers()[: settings.HOLD_LIMIT].count() >= settings.HOLD_LIMIT:
        raise HoldFull(_retry_after(workflow, moment))


def held_until(moment: datetime) -> datetime:
    """Until when a trigger held at `moment` is kept."""
    return moment + timedelta(days=settings.HOLD_DAYS)


def _retry_after(workflow: Workflow, moment: datetime) -> int:
    """Seconds until the expected resume, between a minute and an hour."""
    expected = workflow.resume_expected_at
    seconds = int((expected - moment).total_seconds()) if expected else MOST_RETRY
    return min(max(seconds, LEAST_RETRY), MOST_RETRY)
