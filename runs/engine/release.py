"""The paced release of held runs: a background job with progress that can be stopped.

Held runs wait with reason RELEASING while their job runs; each tick lets as many go as the pace allows.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Coalesce

from audit import context
from audit.services import change, record
from audit.verbs import AuditWord
from config.clock import stamp
from runs.engine import doorbell, outcome
from runs.engine.gate import locked_gate
from runs.engine.isolation import one_by_one
from runs.models import RELEASED, Release, Run, RunStatus
from runs.models.run import RunQuerySet
from workflows.definition.compiled import compiled
from workflows.definition.findings import DefinitionRefused
from workflows.models import Cause, Status, Version, Workflow
from workflows.services.acting import lock, subject_of

RELEASING = "releasing"
KEPT = "kept"
DEFAULT_PACE = 60
BURST = 500
CATCH_UP = timedelta(seconds=5)


def begin(workflow: Workflow, held: RunQuerySet, pace: int, moment: datetime) -> int:
    """Put held runs into a release job, in the caller's transaction; gives their number.

    A job that is still running is ended first; what it had left joins the new one.
    """
    for running in Release.objects.filter(workflow=workflow, ended_at=None):
        _end(running, moment, "replaced")
        held = held | Run.objects.filter(workflow=workflow, status=RunStatus.HELD, reason=RELEASING)
    total = held.update(reason=RELEASING)
    if total:
        actor = context.current().actor.label
        Release.objects.create(
            workflow=workflow, pace=pace, total=total, started_at=moment, next_at=moment, started_by=actor
        )
    return total


def admit(held: RunQuerySet, workflow: Workflow) -> RunQuerySet:
    """Give held triggers that were let through the version published now: a launch counts them no second time."""
    published, fresh = workflow.published, held.filter(version=None)
    queued, is_instant = _known_of(published)
    # Those of a queueing schedule first: they find their turn one by one, and what has a version is not fresh any more.
    fresh.filter(trigger_id__in=queued).update(version=published)
    fresh.update(version=published, is_instant=is_instant)
    return held


def _end(job: Release, moment: datetime, how: str) -> None:
    job.ended_at, job.ended_how, job.next_at = moment, how, None
    job.save()


def tick() -> int:
    """Let go what is due of every running job; gives how many runs went. Safe beside other schedulers."""
    due = Release.objects.filter(ended_at=None, next_at__lte=stamp()).values_list("pk", "workflow_id")
    return one_by_one(list(due[:100]), _advance)


def _advance(due: tuple[int, int]) -> int:
    pk, workflow_id = due
    with transaction.atomic():
        gate = locked_gate(workflow_id)
        job = Release.objects.select_related("workflow__published").select_for_update(of=("self",)).get(pk=pk)
        if job.ended_at is not None or job.next_at is None or job.next_at > gate.moment:
            return 0
        if not gate.is_open:
            _end(job, gate.moment, "stopped")
            return 0
        ids = _let_go(job, gate.moment)
    _ring(ids)
    return len(ids)


def _ring(ids: list[UUID]) -> None:
    """After the commit: once for all that are instant, for each of the others."""
    alone = Run.objects.filter(pk__in=ids, is_instant=False).values_list("pk", flat=True)
    if len(alone) < len(ids):
        doorbell.wake()
    for run_id in alone:
        doorbell.ring(str(run_id))


def _let_go(job: Release, moment: datetime) -> list[UUID]:
    """The oldest runs that the pace allows by now.

    It counts from when the next was due, so that ticks do not drift, but from a few seconds ago at most: what
    nobody let go while all schedulers were down must not come as a herd.
    """
    apart = timedelta(seconds=60 / job.pace)
    assert job.next_at is not None, "a running job has a next time"
    since = max(job.next_at, moment - CATCH_UP)
    allowed = int((moment - since) / apart) + 1
    held = Run.objects.filter(workflow_id=job.workflow_id, status=RunStatus.HELD, reason=RELEASING)
    ids = list(held.order_by("id").values_list("pk", flat=True)[: min(allowed, BURST)])
    _go(Run.objects.filter(pk__in=ids), job.workflow, moment)
    job.released += len(ids)
    if held.exists():
        job.next_at = since + len(ids) * apart
        job.save()
    else:
        _end(job, moment, "done")
    return ids


def _go(runs: RunQuerySet, workflow: Workflow, moment: datetime) -> None:
    """Held triggers start on the version published now, at once where that is instant; others go on with their own.

    The time in which a run was held does not count against its time-out.
    """
    fresh = runs.filter(status=RunStatus.HELD, started_at=None)
    admit(fresh, workflow)
    fresh.update(status=RunStatus.PENDING, reason="", due_at=moment, rung_at=moment, held_until=None)
    held_for = ExpressionWrapper(Value(moment) - F("held_at"), output_field=DurationField())
    runs.filter(status=RunStatus.HELD).update(
        status=RunStatus.WAITING,
        reason=RELEASED,
        due_at=Coalesce(F("due_at"), moment),
        rung_at=None,
        held_until=None,
        deadline_at=ExpressionWrapper(F("deadline_at") + held_for, output_field=DateTimeField()),
    )


def _known_of(version: Version | None) -> tuple[frozenset[str], bool]:
    """The triggers that queue, and whether all others' runs are instant. A definition that this release cannot read has
    neither: its runs fail one by one, each saying why."""
    try:
        known = compiled(version.definition) if version else None
    except DefinitionRefused:
        known = None
    return (known.queued, known.is_instant) if known else (frozenset(), False)


def let_go_now(run: Run, moment: datetime) -> None:
    """Release one held run at once, in the caller's transaction, its workflow being locked and Active."""
    _go(Run.objects.filter(pk=run.pk), run.workflow, moment)


def stop(workflow_pk: int) -> bool:
    """Stop the running release: what it had not let go stays held. False when none is running."""
    with change():
        workflow = lock(workflow_pk)
        job = Release.objects.filter(workflow=workflow, ended_at=None).first()
        if job is None:
            return False
        moment = stamp()
        _end(job, moment, "stopped")
        left = Run.objects.filter(workflow=workflow, status=RunStatus.HELD, reason=RELEASING).update(
            reason=KEPT
        )
        record(
            AuditWord.RELEASE_STOPPED, subject_of(workflow), after={"released": job.released, "kept": left}
        )
    return True


def adopt_strays() -> int:
    """Settle what was entered as Held while a verb opened or closed the gate (reliability.md, rule 11).

    A trigger accepted while its workflow was being resumed goes, one accepted while it was being stopped is
    skipped. Gives the number of runs.
    """
    strays = Run.objects.filter(status=RunStatus.HELD, reason="paused")
    keeping = Q(workflow__status=Status.PAUSED) | Q(workflow__status=Status.NOT_RUNNING) & ~Q(
        workflow__cause__in=("", Cause.PERSON)
    )
    lost = strays.exclude(keeping).order_by().values_list("workflow_id", flat=True).distinct()
    return one_by_one(list(lost[:100]), _settle_strays)


def _settle_strays(workflow_id: int) -> int:
    with transaction.atomic():
        gate = locked_gate(workflow_id)
        strays = Run.objects.filter(workflow_id=workflow_id, status=RunStatus.HELD, reason="paused")
        if gate.keeps:
            return 0
        if not gate.is_open:
            fresh = strays.filter(started_at=None)
            count = outcome.close_all(fresh, RunStatus.SKIPPED, gate.moment, reason="not running")
            return count + outcome.close_all(strays, RunStatus.CANCELLED, gate.moment, reason="stopped")
        ids = list(strays.order_by("id").values_list("pk", flat=True)[:BURST])
        workflow = Workflow.objects.select_related("published").get(pk=workflow_id)
        _go(Run.objects.filter(pk__in=ids), workflow, gate.moment)
    _ring(ids)
    return len(ids)
