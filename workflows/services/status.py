"""The verbs that change where a workflow stands: run, stop, archive, unarchive; pause and resume beside them.

Each is one transaction (workflows/services/acting.py); sent twice, the second answers `changed=False`.
"""

from django.utils.translation import gettext as _

from audit.services import change, history_id, record
from audit.verbs import AuditWord
from workflows import checking, effects
from workflows.launch import Launch
from workflows.lifecycle import Cause, Status
from workflows.models import Workflow
from workflows.services.acting import (
    Case,
    VerbResult,
    act,
    already,
    facts,
    locked_change,
    record_held,
    subject_of,
)
from workflows.services.entering import enter
from workflows.services.launching import begin_launch
from workflows.services.naming import require_free_name
from workflows.services.pausing import change_pause, pause
from workflows.services.publishing import publish_draft, record_published
from workflows.services.resuming import resume, resume_preview
from workflows.services.values import clean_reason

__all__ = [
    "archive",
    "change_pause",
    "drained",
    "pause",
    "resume",
    "resume_preview",
    "run",
    "stop",
    "stop_by_system",
    "unarchive",
]


def run(
    pk: int, *, accept_warnings: bool = False, launch: Launch | None = None, revision: int | None = None
) -> VerbResult:
    """Start: publish the draft if there is one, and begin to process triggers.

    With a `launch` only the triggers within its limit become runs; the others are held. Raises GuardRefused with the
    findings: errors always, warnings unless accepted; ValueRefused for a launch by a scope that cannot work.
    """

    def apply(case: Case) -> None:
        workflow = case.workflow
        checking.guard(workflow, accept_warnings=accept_warnings, is_limited=launch is not None)
        begin_launch(workflow, launch, workflow.draft or workflow.published)
        previous, published = workflow.published, None
        if workflow.draft is not None:
            published, _facts = publish_draft(workflow, case.moment)
            case.before = facts(workflow)
        enter(workflow, Status.ACTIVE, case.moment)
        workflow.activated_at = workflow.started_at = case.moment
        workflow.first_started_at = workflow.first_started_at or case.moment
        case.effect()
        if published is not None:
            # One act, two events; the audit head is locked last, after the runs that the effect touches.
            record_published(workflow, published, previous)

    with change():
        result = act("run", pk, apply, revision=revision, settled=_running_already)
        record_held(result)
    return result


def _running_already(workflow: Workflow) -> str:
    if workflow.status != Status.ACTIVE:
        return ""
    if workflow.has_unpublished_changes:
        return _("Nothing to do: it is running already. To use the unpublished changes, choose Publish.")
    return already(workflow)


def stop(pk: int, *, reason: str, archive: bool = False, revision: int | None = None) -> VerbResult:
    """Deactivate: triggers off; pending, waiting and held runs are cancelled, a step that executes finishes.

    Figures: `cancelled`, `finishing`. Never refused for an invalid configuration. With `archive` the
    workflow goes on the shelf in the same transaction, which is a second audit event.
    """
    reason = clean_reason(reason)

    def apply(case: Case) -> None:
        figures = effects.perform("stopped", case.workflow, {"moment": case.moment})
        # As with Pause, no start lies after the moment that is told.
        moment = max(case.moment, figures.pop("newest_start") or case.moment)
        case.figures.update(figures)
        enter(case.workflow, Status.NOT_RUNNING, moment, reason=reason, cause=Cause.PERSON)

    def settled(workflow: Workflow) -> str:
        holds = {Status.NOT_RUNNING, Status.ARCHIVED} if archive else {Status.NOT_RUNNING}
        return already(workflow) if workflow.status in holds else ""

    with change():
        stopped = act("stop", pk, apply, revision=revision, reason=reason, settled=settled)
        if not archive:
            return stopped
        shelved = _archive(pk, reason=reason)
        return VerbResult(
            stopped.changed or shelved.changed, shelved.workflow, shelved.message, stopped.figures
        )


def stop_by_system(pk: int, *, cause: Cause, reason: str) -> VerbResult:
    """Active to Not Running with a cause, by the system. What was under way is held as if paused.

    Nothing is to be done once it is no longer Active: a person's pause is not taken away.
    """

    def apply(case: Case) -> None:
        figures = effects.perform("paused", case.workflow, {"moment": case.moment, "in_flight": "hold"})
        moment = max(case.moment, figures.pop("newest_start") or case.moment)
        case.figures.update(figures)
        enter(case.workflow, Status.NOT_RUNNING, moment, reason=reason, cause=cause)

    word = AuditWord.WORKFLOW_STOPPED_BY_SYSTEM
    return act("stop", pk, apply, reason=reason, word=word, settled=_inactive_already)


def _inactive_already(workflow: Workflow) -> str:
    return "" if workflow.status == Status.ACTIVE else already(workflow)


def archive(pk: int, *, revision: int | None = None) -> VerbResult:
    """Put a Draft or Not Running workflow on the shelf: hidden from the list, read-only, history kept."""
    return _archive(pk, revision=revision)


def _archive(pk: int, *, reason: str = "", revision: int | None = None) -> VerbResult:
    def apply(case: Case) -> None:
        # Not Running by the system keeps runs held; on the shelf nothing is kept waiting.
        ended = effects.perform("stopped", case.workflow, {"moment": case.moment})
        if ended["cancelled"]:
            case.figures["cancelled"] = ended["cancelled"]
        enter(case.workflow, Status.ARCHIVED, case.moment, reason=reason)
        case.workflow.archived_at = case.moment

    return act("archive", pk, apply, revision=revision, reason=reason)


def unarchive(pk: int, *, name: str | None = None, revision: int | None = None) -> VerbResult:
    """Off the shelf again: Not Running, or Draft if it was never published.

    Raises ValueRefused (code `name_taken`) when the name is meanwhile taken and no free one is given.
    """

    def apply(case: Case) -> None:
        workflow = case.workflow
        workflow.name = require_free_name(name or workflow.name, workflow.scope, except_pk=workflow.pk)
        if workflow.was_published:
            enter(workflow, Status.NOT_RUNNING, case.moment, cause=Cause.PERSON)
        else:
            enter(workflow, Status.DRAFT, case.moment)
        workflow.archived_at = None

    return act("unarchive", pk, apply, revision=revision)


def drained(pk: int) -> bool:
    """Record that the last run in flight of a paused workflow has ended; True when this call did it."""
    with locked_change(pk) as workflow:
        if not workflow.is_draining or effects.perform("counts", workflow)["in_flight"]:
            return False
        workflow.is_draining = False
        workflow.save()
        record(
            AuditWord.WORKFLOW_DRAINED, subject_of(workflow), history={"workflow": history_id(workflow) or 0}
        )
    return True
