"""Settling a run that needs a decision: its worker died after sending something that may not be repeated."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.utils.translation import gettext as _

from audit.verbs import AuditWord
from runs.engine import doorbell
from runs.models import DECIDED, AttemptStatus, Run, RunStatus, StepAttempt
from runs.services.acting import RunRefused, RunResult, act, already
from workflows.services.values import refuse

CHOICES = ("done", "repeat", "fail")


def decide(run_id: str | UUID, how: str) -> RunResult:
    """Say what became of the attempt: `done` (it acted; go on), `repeat` (send again), `fail` (take it as failed).

    The run then goes on from there. Raises RunGone, RunRefused when it needs no decision, ValueRefused.
    """
    if how not in CHOICES:
        raise refuse("as", "unknown_choice", _("A decision is done, repeat or fail."))
    result = act(run_id, partial(_decide, how=how), AuditWord.RUN_DECIDED, reason=how)
    if result.changed:
        doorbell.ring(str(result.run.pk))
    return result


def _decide(run: Run, moment: datetime, *, how: str) -> str | None:
    if not run.is_open:
        return already(run)
    if run.status != RunStatus.NEEDS_DECISION:
        raise RunRefused(
            _("The run is %(status)s and needs no decision.") % {"status": run.get_status_display()}
        )
    deadline = run.deadline_at
    for attempt in run.step_attempts.filter(status=AttemptStatus.STARTED):
        # The time in which nobody decided does not count as the run's.
        deadline = deadline and deadline + (moment - attempt.started_at)
        _settle(attempt, moment, how)
    Run.objects.filter(pk=run.pk, status=RunStatus.NEEDS_DECISION).update(
        status=RunStatus.WAITING, reason=DECIDED, due_at=moment, rung_at=None, error="", error_code="", error_step="",
        deaths=0, deadline_at=deadline,
    )  # fmt: skip
    return None


def _settle(attempt: StepAttempt, moment: datetime, how: str) -> None:
    attempt.ended_at = moment
    if how == "done":
        attempt.status, attempt.output = AttemptStatus.SUCCESS, '{"decided":"done"}'
    else:
        attempt.status, attempt.is_final = AttemptStatus.FAILED, how == "fail"
        attempt.error = _("The worker died after sending; a person decided: %(how)s.") % {"how": how}
        attempt.error_code = "unknown_outcome"
    attempt.save()
