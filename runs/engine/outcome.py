"""How runs end, stop and wait: the one place that moves a run out of Running.

Each function is a conditional UPDATE inside the caller's transaction and returns whether it took effect. A
closed run never changes again.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from runs.engine.gate import Gate, Verdict
from runs.models import AttemptStatus, Run, RunStatus, StepAttempt, StopWish
from runs.models.run import RunQuerySet
from runs.monitoring import ledger
from workflows.models import Version
from workflows.texts import storable

FIRST_LINE = 500
CHUNK = 500


def close(
    run: Run,
    status: str,
    moment: datetime,
    *,
    fence: int | None = None,
    reason: str = "",
    error: str = "",
    code: str = "",
    step: str = "",
    output: str = "",
    saved: int = 0,
) -> bool:
    """End an open run. With `fence`, only if that claim still holds. False when it had ended or was lost.

    `saved`: milliseconds of people's time, of a success.
    """
    rows: RunQuerySet = Run.objects.filter(pk=run.pk).open()
    if fence is not None:
        rows = rows.filter(fence=fence, status=RunStatus.RUNNING)
    changed = rows.update(
        status=status,
        reason=reason,
        error=storable(error),
        error_code=code,
        error_step=step,
        output=output,
        ended_at=moment,
        **_RELEASED,
    )
    if changed:
        run.status, run.ended_at, run.reason = status, moment, reason
        ledger.note(run, saved=saved)
        _pass_on(run, moment)
    return bool(changed)


_RELEASED = {"owner": "", "lease_until": None, "due_at": None, "held_until": None, "wish": StopWish.NONE}


def close_all(runs: RunQuerySet, status: str, moment: datetime, *, reason: str) -> int:
    """End many runs that no worker is executing; parents that wait for them are woken."""
    ids = list(_idle(runs).order_by("pk").values_list("pk", flat=True))
    closed: list[Run] = []
    for start in range(0, len(ids), CHUNK):
        closed += _close_chunk(ids[start : start + CHUNK], status, moment, reason)
    wake_parents({run.parent_id for run in closed if run.parent_id}, moment)
    return len(closed)


_COUNTED = (
    "workflow_id", "scope_id", "version_id", "parent_id", "trigger_kind", "is_test", "started_at", "status",
)  # fmt: skip


def _idle(runs: RunQuerySet) -> RunQuerySet:
    return runs.open().exclude(status=RunStatus.RUNNING)


def _close_chunk(ids: Collection[UUID], status: str, moment: datetime, reason: str) -> list[Run]:
    """Those that are closed are locked first: what is counted is exactly what is closed."""
    rows = _idle(Run.objects.filter(pk__in=ids)).order_by("pk").only(*_COUNTED)
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(no_key=True)
    closed = list(rows)
    mine = Run.objects.filter(pk__in=[run.pk for run in closed])
    mine.update(status=status, reason=reason, ended_at=moment, **_RELEASED)
    for run in closed:
        run.status, run.reason, run.ended_at = status, reason, moment
    ledger.note_all(closed)
    return closed


def wake_parents(parents: Collection[UUID], moment: datetime) -> None:
    """Let parents go on whose child run has just closed, in the closing transaction.

    The parent's row is locked first: a worker that is about to let it wait looks at the child again while it
    holds that row, so one of the two always sees the other. A held one goes on when it is released.
    """
    rows = Run.objects.filter(pk__in=parents).order_by("pk")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(no_key=True)
    ids = list(rows.values_list("pk", flat=True))
    awaiting = StepAttempt.objects.filter(run__in=ids, status=AttemptStatus.WAITING, due_at=None)
    asleep = Run.objects.filter(pk__in=awaiting.values("run"), status__in=(RunStatus.WAITING, RunStatus.HELD))
    asleep.update(due_at=moment, rung_at=None)


def _pass_on(run: Run, moment: datetime) -> None:
    """What else belongs into the closing transaction: the parent's wake-up and a test's verdict."""
    if run.parent_id:
        wake_parents([run.parent_id], moment)
    if run.is_test and run.version_id:
        version = Version.objects.only("content_hash").get(pk=run.version_id)
        Version.objects.filter(pk=run.version_id).update(
            tested_at=moment, tested_hash=version.content_hash, test_outcome=run.status
        )


def suspend(run: Run, due_at: datetime | None, *, fence: int, reason: str) -> bool:
    """Running to Waiting until `due_at` (None: until the run's deadline, or somebody wakes it)."""
    wake = min(filter(None, (due_at, run.deadline_at)), default=None)
    rows = Run.objects.filter(pk=run.pk, fence=fence, status=RunStatus.RUNNING)
    changed = rows.update(
        status=RunStatus.WAITING, reason=reason, due_at=wake, rung_at=None, owner="", lease_until=None
    )
    if changed:
        run.status = RunStatus.WAITING
    return bool(changed)


def hold(run: Run, moment: datetime, *, fence: int | None = None, reason: str = "paused") -> bool:
    """To Held: a trigger that may not start (kept for a bounded time), or a run at a step boundary."""
    rows: RunQuerySet = Run.objects.filter(pk=run.pk).open()
    if fence is not None:
        rows = rows.filter(fence=fence, status=RunStatus.RUNNING)
    unstarted = run.started_at is None
    changed = rows.update(
        status=RunStatus.HELD,
        reason=reason,
        held_at=moment,
        held_until=moment + timedelta(days=settings.HOLD_DAYS) if unstarted else None,
        due_at=None if unstarted else F("due_at"),
        owner="",
        lease_until=None,
        wish=StopWish.NONE,
    )
    if changed:
        run.status = RunStatus.HELD
    return bool(changed)


def ask(run: Run, *, fence: int, step: str) -> bool:
    """To Needs decision: a worker died after sending something that may not be repeated by itself."""
    rows = Run.objects.filter(pk=run.pk, fence=fence, status=RunStatus.RUNNING)
    error = _("The worker died after sending; whether the target acted is unknown.")
    changed = rows.update(
        status=RunStatus.NEEDS_DECISION,
        reason="unknown outcome",
        error=error,
        error_code="unknown_outcome",
        error_step=step,
        owner="",
        lease_until=None,
    )
    if changed:
        run.status = RunStatus.NEEDS_DECISION
    return bool(changed)


def refuse(run: Run, verdict: Verdict, gate: Gate) -> None:
    """What becomes of a run that the gate does not let go; a person's Cancel goes before a pause's hold."""
    if run.wish == StopWish.CANCEL:
        close(run, RunStatus.CANCELLED, gate.moment, reason="cancelled")
    elif verdict is Verdict.HOLD:
        hold(run, gate.moment)
    elif verdict is Verdict.SKIP:
        close(run, RunStatus.SKIPPED, gate.moment, reason="not running")
    else:
        close(run, RunStatus.CANCELLED, gate.moment, reason="paused" if gate.keeps else "stopped")


def give_up(run: Run, moment: datetime) -> None:
    """The third worker death within one step: the run is what kills workers, so it fails."""
    error = _("The worker died three times within the same step. The run was stopped so that others go on.")
    begun = run.step_attempts.filter(status=AttemptStatus.STARTED).order_by("id").last()
    close(run, RunStatus.FAILED, moment, error=error, code="worker_died", step=begun.step_id if begun else "")
    Run.objects.filter(pk=run.pk).update(deaths=run.deaths + 1)


def first_line(text: str) -> str:
    """The first line of an error, bounded, for lists."""
    return text.strip().split("\n", 1)[0][:FIRST_LINE]
