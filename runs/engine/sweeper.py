"""Repairs what crashes leave: dead workers' runs, lost doorbells, held triggers that expired, drains unnoticed."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from config.clock import stamp
from runs.engine import doorbell, outcome
from runs.engine.gate import locked_gate
from runs.models import Run, RunStatus
from runs.models.run import RunQuerySet
from workflows.lifecycle import Cause, Status, TransitionRefused
from workflows.models import Workflow
from workflows.services import status

BATCH = 200
GRACE = timedelta(seconds=1)
KILLERS_LIMIT = 3
KILLERS_WINDOW = timedelta(hours=1)


def ring_due() -> int:
    """Ring for runs that are due and that nobody was rung for, or that nobody claimed within 30 s.

    `rung_at` is stamped in the transaction and the bell rung after its commit, so several pumps share the work.
    """
    moment = stamp()
    again = moment - timedelta(seconds=settings.RING_AGAIN_SECONDS)
    due = Run.objects.filter(status__in=(RunStatus.PENDING, RunStatus.WAITING), due_at__lte=moment)
    # A fresh Pending run was rung for by whoever accepted it; the grace keeps the pump from ringing at once again.
    unrung = due.filter(
        Q(rung_at=None, due_at__lte=moment - GRACE) | Q(rung_at=None, status=RunStatus.WAITING)
    )
    lost = due.filter(rung_at__lt=again)
    return _ring(unrung) + _ring(lost)


def _ring(runs: RunQuerySet) -> int:
    with transaction.atomic():
        rows = runs.order_by("due_at")
        if connection.vendor == "postgresql":
            rows = rows.select_for_update(skip_locked=True)
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return 0
        Run.objects.filter(pk__in=ids).update(rung_at=stamp())
        for run_id in ids:
            transaction.on_commit(partial(doorbell.ring, str(run_id)), robust=True)
    return len(ids)


def take_over() -> int:
    """Ring for runs whose worker's lease ran out: whoever claims them goes on where the journal ends."""
    expired = Run.objects.filter(status=RunStatus.RUNNING, lease_until__lt=stamp()).order_by("lease_until")
    ids = list(expired.values_list("pk", flat=True)[:BATCH])
    for run_id in ids:
        doorbell.ring(str(run_id))
    return len(ids)


def expire_held() -> int:
    """Held triggers at the end of their time become Skipped (expired)."""
    late = Run.objects.filter(status=RunStatus.HELD, held_until__lt=stamp())
    count = 0
    for run in late.order_by("held_until")[:BATCH]:
        with transaction.atomic():
            gate = locked_gate(run.workflow_id)
            count += outcome.close(run, RunStatus.SKIPPED, gate.moment, reason="expired")
    return count


def note_drained() -> int:
    """Record the drained event where the last closing run could not."""
    draining = Workflow.objects.filter(is_draining=True).values_list("pk", flat=True)
    return sum(status.drained(pk) for pk in list(draining[:BATCH]))


def stop_killers() -> int:
    """Stop workflows of which three runs within an hour killed their workers (reliability.md, rule 8)."""
    since = stamp() - KILLERS_WINDOW
    dead = Run.objects.filter(error_code="worker_died", ended_at__gt=since, workflow__status=Status.ACTIVE)
    by_workflow = dead.order_by().values("workflow_id").annotate(deaths=Count("pk"))
    reason = _("%(count)d runs killed their workers within an hour.") % {"count": KILLERS_LIMIT}
    count = 0
    for row in by_workflow.filter(deaths__gte=KILLERS_LIMIT):
        with suppress(TransitionRefused):
            count += status.stop_by_system(
                row["workflow_id"], cause=Cause.RESOURCE_LIMIT, reason=reason
            ).changed
    return count
