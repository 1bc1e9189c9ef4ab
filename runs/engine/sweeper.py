"""Repairs what crashes leave: dead workers' runs, lost doorbells, held triggers that expired, drains unnoticed."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import BooleanField, F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from config.clock import ClockWatch, stamp
from config.failpoints import failpoint
from runs.engine import doorbell, outcome
from runs.engine.claim import DEATHS_LIMIT
from runs.engine.clock_steps import Steps
from runs.engine.gate import locked_gate
from runs.engine.isolation import one_by_one
from runs.engine.release import RELEASING
from runs.models import Run, RunStatus
from runs.models.run import RunQuerySet
from workflows.lifecycle import Cause, Status, TransitionRefused
from workflows.models import Workflow
from workflows.services import status
from workflows.services.acting import WorkflowGone

BATCH = 200
GRACE = timedelta(seconds=1)
KILLERS_LIMIT = 3
KILLERS_WINDOW = timedelta(hours=1)

# As the index `run_died` says it: SQLite takes a partial index only for its very words, without a parameter.
_KILLED = RawSQL("runs_run.deaths > 0", (), output_field=BooleanField())

_steps = Steps(ClockWatch())


def ring_due() -> int:
    """Ring for runs that are due and that nobody was rung for, or that nobody claimed within 30 s.

    `rung_at` is stamped in the transaction and the bell rung after its commit, so several pumps share the work.
    Feeding is bounded: nothing is rung while as many messages wait as workers take in some seconds.
    """
    moment = stamp()
    again = moment - timedelta(seconds=settings.RING_AGAIN_SECONDS)
    _wake_for_instant(moment)
    due = Run.objects.filter(status__in=(RunStatus.PENDING, RunStatus.WAITING), due_at__lte=moment)
    # An instant run is rung for by itself only where its workflow no longer lets it start.
    due = due.exclude(is_instant=True, workflow__status=Status.ACTIVE)
    # A fresh Pending run was rung for by whoever accepted it; the grace keeps the pump from ringing at once again.
    unrung = due.filter(
        Q(rung_at=None, due_at__lte=moment - GRACE) | Q(rung_at=None, status=RunStatus.WAITING)
    )
    lost = due.filter(rung_at__lt=again)
    return _ring(unrung, "due_at") + _ring(lost, "due_at")


def _wake_for_instant(moment: datetime) -> None:
    """One wake is answered for all that wait."""
    due = Run.objects.filter(is_instant=True, due_at__lte=moment - GRACE)
    # Ordered as the index is: for any one of them PostgreSQL goes through the table where it believes there are many.
    if due.order_by("due_at").values_list("pk")[:1]:
        doorbell.wake()


def _ring(runs: RunQuerySet, oldest: str) -> int:
    if doorbell.is_full() or not runs.exists():
        return 0
    with transaction.atomic():
        rows = runs.order_by(oldest)
        if connection.vendor == "postgresql":
            rows = rows.select_for_update(skip_locked=True, no_key=True)
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        Run.objects.filter(pk__in=ids).update(rung_at=stamp())
        # A function with a name of its own: Django logs that of a robust callback that fails.
        transaction.on_commit(lambda: _ring_each(ids), robust=True)
    return len(ids)


def _ring_each(ids: list[UUID]) -> None:
    for run_id in ids:
        failpoint("K19")
        doorbell.ring(str(run_id))


def take_over() -> int:
    """Ring for runs whose worker's lease ran out: whoever claims them goes on where the journal ends.

    After the clock was set, live workers renew first.
    """
    moment = stamp()
    if not _steps.settled(moment):
        return 0
    again = moment - timedelta(seconds=settings.RING_AGAIN_SECONDS)
    expired = Run.objects.filter(status=RunStatus.RUNNING, lease_until__lt=moment)
    unrung = Q(rung_at=None) | Q(rung_at__lt=F("lease_until")) | Q(rung_at__lt=again)
    return _ring(expired.filter(unrung), "lease_until")


def expire_held() -> int:
    """Held triggers at the end of their time become Skipped (expired); what is being released goes instead."""
    late = Run.objects.filter(status=RunStatus.HELD, held_until__lt=stamp()).exclude(reason=RELEASING)
    return one_by_one(late.order_by("held_until").values_list("pk", "workflow_id")[:BATCH], _expire)


def _expire(late: tuple[UUID, int]) -> bool:
    run_id, workflow_id = late
    with transaction.atomic():
        gate = locked_gate(workflow_id)
        still = Run.objects.filter(pk=run_id, status=RunStatus.HELD, held_until__lt=gate.moment)
        run = still.exclude(reason=RELEASING).first()
        return run is not None and outcome.close(run, RunStatus.SKIPPED, gate.moment, reason="expired")


def note_drained() -> int:
    """Record the drained event where the last closing run could not."""
    draining = Workflow.objects.filter(is_draining=True).values_list("pk", flat=True)
    return one_by_one(list(draining[:BATCH]), status.drained)


def stop_killers() -> int:
    """Stop workflows of which three runs within an hour killed their workers (reliability.md, rule 8).

    Only runs that ended since the workflow was started or resumed count: whoever mended it is not stopped again.
    """
    ends: defaultdict[int, list[datetime]] = defaultdict(list)
    for workflow_id, ended_at in _killers(stamp() - KILLERS_WINDOW):
        ends[workflow_id].append(ended_at)
    suspects = [pk for pk, moments in ends.items() if len(moments) >= KILLERS_LIMIT]
    if not suspects:
        return 0
    active = Workflow.objects.filter(pk__in=suspects, status=Status.ACTIVE).values_list("pk", "activated_at")
    many = [pk for pk, since in active if sum(not since or at >= since for at in ends[pk]) >= KILLERS_LIMIT]
    return one_by_one(many, _stop_killer)


def _killers(since: datetime) -> Iterable[tuple[int, datetime]]:
    """The workflow and the end of each run that failed for its workers' deaths. Joined to nothing: SQLite would go by the
    workflows, and through all that ended."""
    dead = Run.objects.filter(_KILLED, error_code="worker_died", deaths__gte=DEATHS_LIMIT, ended_at__gt=since)
    return [(pk, ended_at) for pk, ended_at in dead.values_list("workflow_id", "ended_at") if ended_at]


def _stop_killer(workflow_id: int) -> bool:
    reason = _("%(count)d runs killed their workers within an hour.") % {"count": KILLERS_LIMIT}
    with suppress(TransitionRefused, WorkflowGone):
        return status.stop_by_system(workflow_id, cause=Cause.RESOURCE_LIMIT, reason=reason).changed
    return False
