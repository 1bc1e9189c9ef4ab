"""Retention of rows: closed runs go when they are older than their outcome is kept, or beyond the number that is kept.

What was counted stays: tallies keep beside themselves what was removed (runs/monitoring/checking.py).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.clock import stamp
from config.failpoints import failpoint
from runs.models import CLOSED, OPEN, RecordedValue, Run, RunStatus, StepAttempt, TallyEntry
from runs.models.run import RunQuerySet
from runs.monitoring import folding
from runs.monitoring.recounting import recount_runs, recount_steps
from runs.monitoring.windows import workspace_zone
from runs.services.retaining import Rules, rules
from runs.statements.space import give_back
from workflows.models import Workflow

PORTION: Final = 500
A_TURN: Final = 5_000
"""How many runs the nightly job removes before the scheduler's other duties have their turn."""

YOUNGEST: Final = timedelta(days=1)
"""No younger run is removed, however many there are: rules, lists and people still look at it."""

OTHERS: Final = tuple(status for status in CLOSED if status != RunStatus.SUCCESS)
SUBJECT: Final = Subject("run", "", "Runs")


def remove(*, dry_run: bool = False, limit: int | None = None) -> int:
    """Remove the closed runs that are no longer kept, oldest first; gives how many (with `dry_run`: how many would be).

    Each portion is a transaction with its audit event. Never an open run, nor one that an open run waits for. Figures,
    delivery ids and audit events stay; a replay of a removed run stays and forgets of what it is one.
    """
    moment, count, kept = stamp(), 0, rules()
    for workflow_pk in Workflow.objects.order_by("pk").values_list("pk", flat=True):
        if limit is not None and count >= limit:
            break
        runs = due(workflow_pk, moment, kept)
        count += runs.count() if dry_run else _remove(runs, None if limit is None else limit - count)
    return count


def nightly() -> bool:
    """The scheduler's job: a turn of it at the hour of the night that is set; whether more is left to do."""
    if stamp().astimezone(workspace_zone()).hour != settings.RETENTION_HOUR:
        return False
    is_more = remove(limit=A_TURN) >= A_TURN
    return bool(give_back()) or is_more


def due(workflow_pk: int, moment: datetime, kept: Rules) -> RunQuerySet:
    """The runs of a workflow that are to go."""
    closed = Run.objects.filter(workflow=workflow_pk, status__in=CLOSED)
    is_due = _too_old(moment, kept)
    for bound in _beyond_the_number(closed, kept.runs):
        is_due |= Q(ended_at__lte=min(bound, moment - YOUNGEST))
    return _gone(closed.filter(is_due))


def affected(kept: Rules) -> int:
    """How many runs these rules would remove now, in a constant number of queries but for workflows beyond the number."""
    moment = stamp()
    count = _gone(Run.objects.filter(_too_old(moment, kept), status__in=CLOSED)).count()
    if kept.runs:
        by_age = replace(kept, runs=0)
        closed = (
            Run.objects.filter(status__in=CLOSED).order_by().values("workflow_id").annotate(n=Count("pk"))
        )
        for pk in closed.filter(n__gt=kept.runs).values_list("workflow_id", flat=True):
            count += due(pk, moment, kept).count() - due(pk, moment, by_age).count()
    return count


def _too_old(moment: datetime, kept: Rules) -> Q:
    is_due = Q(pk__in=[])
    for statuses, days in (((RunStatus.SUCCESS,), kept.success_days), (OTHERS, kept.other_days)):
        if days:
            is_due |= Q(status__in=statuses, ended_at__lt=moment - timedelta(days=days))
    return is_due


def _gone(runs: RunQuerySet) -> RunQuerySet:
    """Without those that an open run waits for."""
    return runs.exclude(parent__status__in=OPEN)


def _beyond_the_number(closed: RunQuerySet, kept: int) -> Iterator[datetime]:
    """The end of the newest run that is beyond the number of runs kept."""
    if kept:
        ends = closed.order_by("-ended_at").values_list("ended_at", flat=True)[kept : kept + 1]
        yield from filter(None, ends)


def _remove(runs: RunQuerySet, limit: int | None) -> int:
    count = 0
    while limit is None or count < limit:
        removed = _remove_portion(runs)
        count += removed
        if removed == 0:
            break
    return count


def _remove_portion(runs: RunQuerySet) -> int:
    """Details before rows, all in one transaction: whoever is killed in between has removed nothing."""
    with change():
        rows = runs.order_by("ended_at")
        if connection.vendor == "postgresql":
            # One that is just being replayed is left for the next time.
            rows = rows.select_for_update(of=("self",), skip_locked=True)
        ids = list(rows.values_list("pk", flat=True)[:PORTION])
        if not ids:
            return 0
        folding.lock_book()
        _keep_counted(ids)
        StepAttempt.objects.filter(run_id__in=ids).delete()
        RecordedValue.objects.filter(run_id__in=ids).delete()
        failpoint("K20")
        # By hand what the foreign keys would do one by one: what is left points at nothing that is gone.
        Run.objects.filter(replay_of__in=ids).update(replay_of=None)
        Run.objects.filter(parent__in=ids).update(parent=None)
        Run.objects.filter(pk__in=ids).delete()
        record(AuditWord.RETENTION_APPLIED, SUBJECT, after={"removed": len(ids)})
    return len(ids)


def _keep_counted(ids: list[UUID]) -> None:
    """Note how much of the tallies counts runs that are about to go."""
    folding.fold_these(TallyEntry.objects.filter(run__in=ids))
    counted = Q(pk__in=ids, is_test=False), Q(run__in=ids, run__is_test=False)
    folding.add_runs(recount_runs(*counted), removed=True)
    folding.add_steps(recount_steps(counted[1]), removed=True)
