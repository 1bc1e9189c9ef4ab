"""How runs end, stop and wait: the one place that moves a run out of Running.

Each function is a conditional UPDATE inside the caller's transaction and returns whether it took effect. A
closed run never changes again.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from runs.engine.gate import Verdict
from runs.models import Run, RunStatus, StopWish
from runs.models.run import RunQuerySet
from workflows.models import Version

FIRST_LINE = 500


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
) -> bool:
    """End an open run. With `fence`, only if that claim still holds. False when it had ended or was lost."""
    rows: RunQuerySet = Run.objects.filter(pk=run.pk).open()
    if fence is not None:
        rows = rows.filter(fence=fence, status=RunStatus.RUNNING)
    changed = rows.update(
        status=status,
        reason=reason,
        error=error,
        error_code=code,
        error_step=step,
        output=output,
        ended_at=moment,
        **_RELEASED,
    )
    if changed:
        run.status, run.ended_at, run.reason = status, moment, reason
        _pass_on(run, moment)
    return bool(changed)


_RELEASED = {"owner": "", "lease_until": None, "due_at": None, "held_until": None, "wish": StopWish.NONE}


def close_all(runs: RunQuerySet, status: str, moment: datetime, *, reason: str) -> int:
    """End many runs that no worker is executing, in one statement; parents that wait for them are woken."""
    open_runs = runs.open().exclude(status=RunStatus.RUNNING)
    ids = list(open_runs.values_list("pk", flat=True))
    parents = Run.objects.filter(children__in=ids, status=RunStatus.WAITING)
    waiting = list(parents.values_list("pk", flat=True))
    changed = 0
    for start in range(0, len(ids), 500):
        chunk = Run.objects.filter(pk__in=ids[start : start + 500]).open()
        changed += chunk.update(status=status, reason=reason, ended_at=moment, **_RELEASED)
    Run.objects.filter(pk__in=waiting, status=RunStatus.WAITING).update(due_at=moment, rung_at=None)
    return changed


def _pass_on(run: Run, moment: datetime) -> None:
    """What else belongs into the closing transaction: the parent's wake-up and a test's verdict."""
    if run.parent_id:
        Run.objects.filter(pk=run.parent_id, status=RunStatus.WAITING, reason="child").update(
            due_at=moment, rung_at=None
        )
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
    until = moment + timedelta(days=settings.HOLD_DAYS) if run.started_at is None else None
    changed = rows.update(
        status=RunStatus.HELD,
        reason=reason,
        held_at=moment,
        held_until=until,
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


def refuse(run: Run, verdict: Verdict, moment: datetime) -> None:
    """What the gate said instead of GO."""
    if verdict is Verdict.HOLD:
        hold(run, moment)
    elif verdict is Verdict.SKIP:
        close(run, RunStatus.SKIPPED, moment, reason="not running")
    else:
        close(run, RunStatus.CANCELLED, moment, reason="paused")


def give_up(run: Run, moment: datetime) -> None:
    """The third worker death within one step: the run is what kills workers, so it fails."""
    error = _("The worker died three times within the same step. The run was stopped so that others go on.")
    close(run, RunStatus.FAILED, moment, error=error, code="worker_died")


def first_line(text: str) -> str:
    """The first line of an error, bounded, for lists."""
    return text.strip().split("\n", 1)[0][:FIRST_LINE]
