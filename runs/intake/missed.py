"""Ticks that a pause skipped, and the one run that may make up for them."""

from datetime import datetime
from uuid import UUID

from config.clock import stamp
from runs.intake.occurrences import PAUSED, SCHEDULE, Occurrence
from runs.intake.starting import start_while_activating
from runs.intake.ticks import tick_input
from runs.models import Run, RunStatus
from runs.models.run import RunQuerySet
from workflows.models import Workflow


def missed_ticks(workflow: Workflow, *, since: datetime | None = None) -> int:
    """How many ticks were skipped since the pause began, or since the moment given."""
    return _missed(workflow, since).count()


def run_missed_once(
    workflow: Workflow, moment: datetime | None = None, *, since: datetime | None = None
) -> list[UUID]:
    """One run for each live schedule that skipped ticks since the pause began; gives the runs' ids.

    To be called in the transaction that resumes, the workflow's row being locked and not saved yet. The run is
    given the newest tick that was skipped.
    """
    moment = moment or stamp()
    missed = dict(_missed(workflow, since).order_by("received_at").values_list("trigger_id", "received_at"))
    started = []
    for trigger in workflow.triggers.filter(is_live=True, kind=SCHEDULE, trigger_id__in=missed):
        occurrence = Occurrence(
            kind=SCHEDULE,
            trigger_id=trigger.trigger_id,
            input=tick_input(missed[trigger.trigger_id]),
            received_at=moment,
        )
        started.append(start_while_activating(trigger, workflow, occurrence).run_id)
    return started


def _missed(workflow: Workflow, since: datetime | None) -> RunQuerySet:
    begin = since or workflow.paused_at or _stored_pause(workflow)
    runs: RunQuerySet = Run.objects.filter(workflow=workflow, trigger_kind=SCHEDULE)
    if begin is None:
        return runs.none()
    # By when it was recorded: a tick may have come due a moment before the pause and been met by it.
    return runs.filter(status=RunStatus.SKIPPED, reason=PAUSED, ended_at__gte=begin)


def _stored_pause(workflow: Workflow) -> datetime | None:
    """The verb that resumes has taken the pause off the object before its row is saved."""
    return Workflow.objects.filter(pk=workflow.pk).values_list("paused_at", flat=True).first()
