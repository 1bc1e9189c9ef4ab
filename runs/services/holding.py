"""Release and discard single held runs."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from audit.verbs import AuditWord
from runs.engine import doorbell, outcome
from runs.engine import release as releasing
from runs.models import Run, RunStatus
from runs.services.acting import RunRefused, RunResult, act, already
from workflows.lifecycle import Status


def release(run_id: str | UUID) -> RunResult:
    """Let one held run go at once. Refused while its workflow is not Active. Raises RunGone, RunRefused."""
    result = act(run_id, _release, AuditWord.HELD_TRIGGERS_RELEASED)
    if result.changed:
        doorbell.ring(str(result.run.pk))
    return result


def _release(run: Run, moment: datetime) -> str | None:
    if run.status != RunStatus.HELD:
        return _not_held(run)
    if run.workflow.status != Status.ACTIVE:
        raise RunRefused(
            _("The workflow is %(status)s. Resume it to let held runs go.")
            % {"status": run.workflow.get_status_display()}
        )
    releasing.let_go_now(run, moment)
    return None


def discard(run_id: str | UUID) -> RunResult:
    """End one held run without executing it: Skipped if it never started, else Cancelled. Raises RunGone."""
    return act(run_id, _discard, AuditWord.HELD_TRIGGERS_DISCARDED)


def _discard(run: Run, moment: datetime) -> str | None:
    if run.status != RunStatus.HELD:
        return _not_held(run)
    status = RunStatus.SKIPPED if run.started_at is None else RunStatus.CANCELLED
    outcome.close(run, status, moment, reason="discarded")
    return None


def _not_held(run: Run) -> str:
    if not run.is_open:
        return already(run)
    return _("Nothing to do: the run is %(status)s, not Held.") % {"status": run.get_status_display()}
