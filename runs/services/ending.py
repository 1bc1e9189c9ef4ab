"""Cancel at the next step boundary; kill at once."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from audit.verbs import AuditWord
from runs.engine import outcome
from runs.models import Run, RunStatus, StopWish
from runs.services.acting import RunResult, act, already


def cancel(run_id: str | UUID) -> RunResult:
    """End a run at its next step boundary; one that no worker is executing ends at once.

    A closed run, or one that was asked already, answers `changed=False`. Raises RunGone.
    """
    return act(run_id, _cancel, AuditWord.RUN_CANCELLED)


def _cancel(run: Run, moment: datetime) -> str | None:
    if not run.is_open:
        return already(run)
    if run.status != RunStatus.RUNNING:
        outcome.close(run, RunStatus.CANCELLED, moment, reason="cancelled")
        return None
    if run.wish == StopWish.CANCEL:
        return _("Nothing to do: the run ends at its next step boundary.")
    Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(wish=StopWish.CANCEL)
    return None


def kill(run_id: str | UUID) -> RunResult:
    """Close a run now, whatever it does: its lease is void, a late worker can write nothing more.

    A step that is executing may still act outside; its result is not recorded. Raises RunGone.
    """
    return act(run_id, _kill, AuditWord.RUN_KILLED)


def _kill(run: Run, moment: datetime) -> str | None:
    if not run.is_open:
        return already(run)
    outcome.close(run, RunStatus.CANCELLED, moment, reason="killed")
    # The higher fence voids the claim of a worker that still executes.
    Run.objects.filter(pk=run.pk).update(fence=run.fence + 1)
    return None
