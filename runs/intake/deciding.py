"""What becomes of an occurrence, by the workflow's status (product.md, sections 2 and 3)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from runs.intake.holding import held_until, require_room
from runs.intake.occurrences import (
    EVENT,
    LAUNCH,
    NOT_RUNNING,
    PAUSED,
    RATE_LIMIT,
    SCHEDULE,
    HoldFull,
    Occurrence,
    UnknownTarget,
)
from runs.models import RunStatus
from workflows.lifecycle import Status, TransitionRefused
from workflows.models import Workflow

HOLD, SKIP = "hold", "skip"


@dataclass(frozen=True)
class Fate:
    """How the run of an occurrence is entered. `is_bare`: only that it came is stored."""

    status: RunStatus
    reason: str = ""
    held_until: datetime | None = None
    is_bare: bool = False

    @property
    def is_pending(self) -> bool:
        return self.status == RunStatus.PENDING


def decide(workflow: Workflow, occurrence: Occurrence, *, while_paused: str, moment: datetime) -> Fate:
    """The fate of an occurrence, the workflow as read in the transaction that will enter its run.

    `while_paused` (hold or skip) is the definition's word for this kind; a pause's own choice goes before it. While
    there is a watched launch, the workflow's row must be locked: the occurrence is the next one that it counts.
    Raises UnknownTarget; TransitionRefused for starts by hand or by a step; HoldFull for webhooks.
    """
    if workflow.deleted_at is not None:
        raise UnknownTarget
    if _is_exempt(workflow, occurrence):
        return Fate(RunStatus.PENDING)
    if workflow.status == Status.ACTIVE:
        return _begun(workflow, occurrence, moment)
    if occurrence.kind == SCHEDULE and occurrence.replay_of is None:
        return Fate(RunStatus.SKIPPED, PAUSED if workflow.holds_triggers else NOT_RUNNING)
    if not occurrence.is_from_outside:
        raise _refusal(workflow)
    if workflow.status == Status.DRAFT:
        raise UnknownTarget
    if not workflow.holds_triggers:
        return Fate(RunStatus.SKIPPED, NOT_RUNNING, is_bare=True)
    if (workflow.triggers_choice or while_paused) == SKIP:
        return Fate(RunStatus.SKIPPED, PAUSED)
    return _held(workflow, occurrence, moment, PAUSED)


def counts(workflow: Workflow, occurrence: Occurrence) -> bool:
    """Whether a watched launch decides about the occurrence, and counts it."""
    return bool(workflow.launch) and workflow.status == Status.ACTIVE and occurrence.is_trigger


def _begun(workflow: Workflow, occurrence: Occurrence, moment: datetime) -> Fate:
    launch = workflow.limit if counts(workflow, occurrence) else None
    if launch is None or launch.lets(workflow.launch_seen + 1, workflow.pk, occurrence.scopes):
        return Fate(RunStatus.PENDING)
    if occurrence.kind == SCHEDULE:
        # As while paused: ticks that pile up would come as a herd.
        return Fate(RunStatus.SKIPPED, LAUNCH)
    return _held(workflow, occurrence, moment, LAUNCH)


def _is_exempt(workflow: Workflow, occurrence: Occurrence) -> bool:
    if occurrence.is_test:
        return workflow.status != Status.ARCHIVED
    return occurrence.passes_gate and workflow.status == Status.PAUSED


def _held(workflow: Workflow, occurrence: Occurrence, moment: datetime, reason: str) -> Fate:
    try:
        require_room(workflow, moment)
    except HoldFull:
        # An event is sent to many workflows at once: one that is full cannot refuse it for the others.
        if occurrence.kind == EVENT:
            return Fate(RunStatus.SKIPPED, RATE_LIMIT)
        raise
    return Fate(RunStatus.HELD, reason, held_until=held_until(moment))


def _refusal(workflow: Workflow) -> TransitionRefused:
    return TransitionRefused(
        _("No run can start: the workflow is %(status)s%(why)s.")
        % {
            "status": workflow.get_status_display(),
            "why": f" ({workflow.reason})" if workflow.reason else "",
        }
    )
