"""Ticks that a pause skipped, and the one run that may make up for them."""

from datetime import datetime
from uuid import UUID

from runs.intake.occurrences import PAUSED, SCHEDULE, Occurrence
from runs.intake.starting import start_while_activating
from runs.intake.ticks import tick_input
from runs.models import Run, RunStatus
from runs.models.run import RunQuerySet
from workflows.models import Workflow


def missed_ticks(workflow: Workflow, *, since: datetime | None = None) -> int:
    """How many ticks were skipped since the pause began, or since the moment given."""
    return _missed(workflow, since).count()


def run_missed_once(workflow: Workflow, moment: datetime, *, since: datetime | None = None) -> list[UUID]:
    """One run for each live schedule that skipped ticks since the pause began; gives the runs' ids.

    To be called in the transaction that resumes, with the workflow's row locked; `since` where `paused_at` is
    no longer on `workflow`. The run is given the newest tick that was skipped.
    """
    missed = dict(_missed(workflow, since).order_by("due_at").values_list("trigger_id", "due_at"))
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
    begin = since or workflow.paused_at
    runs: RunQuerySet = Run.objects.filter(workflow=workflow, trigger_kind=SCHEDULE)
    if begin is None:
        return runs.none()
    return runs.filter(status=RunStatus.SKIPPED, reason=PAUSED, received_at__gte=begin)
