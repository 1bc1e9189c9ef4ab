"""Runs that a person starts: one production run by hand, or a test."""

from typing import Any

from django.utils.translation import gettext as _

from audit import context
from audit.services import change, record
from audit.verbs import AuditWord
from config.clock import stamp
from runs.intake import Occurrence, start
from runs.intake.occurrences import MANUAL
from runs.models import Run
from runs.services.acting import find
from workflows.definition.compiled import compile_definition
from workflows.lifecycle import TRANSITIONS, GuardRefused, Status, TransitionRefused
from workflows.models import Version
from workflows.services.acting import lock, require_source, subject_of


def start_by_hand(workflow_pk: int, payload: Any, *, while_paused: bool = False) -> Run:
    """A normal run with trigger kind manual, on the published version; a manual trigger is not needed.

    Refused unless Active; while Paused only with `while_paused`, for which the caller has asked the permission.
    Raises WorkflowGone, TransitionRefused. Each call starts a run: callers guard against repetition by a key.
    """
    with change():
        workflow = lock(workflow_pk)
        require_source(workflow, TRANSITIONS["trigger"])
        if workflow.status == Status.PAUSED and not while_paused:
            raise TransitionRefused(
                _("The workflow is paused: %(reason)s. Resume it, or run it while paused if you may.")
                % {"reason": workflow.reason}
            )
        occurrence = _occurrence(
            payload,
            trigger_id=_manual_trigger(workflow.published),
            passes_gate=workflow.status == Status.PAUSED,
        )
        run = find(start(None, workflow.pk, occurrence).run_id)
        record(AuditWord.RUN_STARTED_BY_HAND, subject_of(workflow), after={"run": str(run.pk)})
    return run


def test(workflow_pk: int, payload: Any, *, act_outside: bool = False) -> Run:
    """A test run of the draft, or of the published version where there is none; it counts in no figure.

    Steps with outside effects are simulated unless `act_outside`. Raises WorkflowGone, TransitionRefused, and
    GuardRefused when the definition cannot run at all.
    """
    with change():
        workflow = lock(workflow_pk)
        require_source(workflow, TRANSITIONS["test"])
        version = _runnable(workflow.draft or workflow.published)
        occurrence = _occurrence(
            payload,
            trigger_id=_manual_trigger(version),
            is_test=True,
            simulates=not act_outside,
            version=version,
        )
        run = find(start(None, workflow.pk, occurrence).run_id)
        record(
            AuditWord.WORKFLOW_TESTED,
            subject_of(workflow),
            after={"run": str(run.pk), "version": version.number},
        )
    return run


def _occurrence(payload: Any, **changes: Any) -> Occurrence:
    correlation = context.current().correlation
    return Occurrence(MANUAL, {"data": payload}, stamp(), correlation=correlation, **changes)


def _manual_trigger(version: Version | None) -> str:
    if version is None:
        return ""
    triggers = compile_definition(version.definition).triggers
    return next((trigger.id for trigger in triggers if trigger.kind == MANUAL), "")


def _runnable(version: Version | None) -> Version:
    if version is None or not compile_definition(version.definition).steps:
        raise GuardRefused(_("There is no step to test yet. Add one to the draft."))
    return version
