"""What maintenance windows do to workflows. The scheduler calls this (runs/engine/maintenance.py); any number may.

Each workflow is one transaction under its own lock, and what a window did is a row beside it (WindowPause). So a
death in between leaves whole pauses, and a second scheduler finds nothing left to do.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import F, Q
from django.utils.translation import gettext as _

from audit.services import change
from config.clock import stamp
from workflows.lifecycle import GuardRefused, Status
from workflows.maintenance import touched_by
from workflows.models import MaintenanceWindow, Scope, WindowPause, Workflow
from workflows.services.acting import WorkflowGone, lock, locked_change
from workflows.services.pausing import change_pause, pause
from workflows.services.resuming import resume, test_connections

CURRENT = MaintenanceWindow.State.CURRENT
Outcome = WindowPause.Outcome


def reason_for(window: MaintenanceWindow) -> str:
    """The reason under which workflows are paused. One wording for all, since it is compared later."""
    return _("maintenance window: %(title)s") % {"title": window.title}


def to_take(window: MaintenanceWindow, *, timers: Collection[str]) -> list[int]:
    """The keys of the workflows that a window in force has still to pause, or to keep paused.

    Left alone is what a person started or resumed after it had begun; `timers` are the labels of those system actors
    whose resuming was no such decision.
    """
    begun = max(window.starts_at, window.bound_at)
    by_timer = Q(status_by__in=timers)
    since = (
        by_timer & Q(activated_at__gte=window.applied_at) if window.applied_at else by_timer | _until(begun)
    )
    kept = WindowPause.objects.filter(closed_at=None)
    wanted = Q(status=Status.ACTIVE) & since
    if not window.applied_at:
        wanted |= Q(status=Status.PAUSED, pk__in=kept.values("workflow_id"))
    inside = Scope.objects.inside([scope.pk for scope in window.scopes.all()])
    rows = Workflow.objects.unarchived().filter(wanted, scope__in=inside)
    found = set(rows.exclude(pk__in=window.pauses.values("workflow_id")).values_list("pk", flat=True))
    return [workflow.pk for workflow in touched_by(window) if workflow.pk in found] if found else []


def _until(moment: datetime) -> Q:
    return Q(activated_at=None) | Q(activated_at__lte=moment)


def take(window: MaintenanceWindow, pk: int) -> bool:
    """Pause a workflow for a window in force, or join the pause of another window. True when it did."""
    with change():
        workflow = lock(pk)
        if window.pauses.filter(workflow=workflow).exists() or not _in_force(window):
            return False
        if workflow.status != Status.ACTIVE:
            return _join(window, workflow)
        paused = pause(
            pk,
            reason=reason_for(window),
            category="maintenance",
            until=window.ends_at,
            auto_resume=True,
            in_flight=window.in_flight,
            triggers=window.triggers,
        )
        _remember(window, paused.workflow)
    return True


def _in_force(window: MaintenanceWindow) -> bool:
    """Asked anew, since a person may have ended, changed or deleted it meanwhile."""
    now = MaintenanceWindow.objects.current(stamp()).filter(pk=window.pk).first()
    return now is not None and now.revision == window.revision


def _join(window: MaintenanceWindow, workflow: Workflow) -> bool:
    """The pause of another window, if it stands untouched, becomes this window's too."""
    kept = [one for one in _open(workflow.pk) if one.is_of(workflow)]
    if not kept:
        return False
    _remember(window, workflow)
    _tell(workflow, [one.window for one in kept] + [window])
    return True


def _remember(window: MaintenanceWindow, workflow: Workflow) -> None:
    assert workflow.paused_at and workflow.resume_expected_at, (
        "a window's pause says since when and until when"
    )
    WindowPause.objects.create(
        window=window,
        workflow=workflow,
        paused_at=workflow.paused_at,
        reason=workflow.reason,
        until=workflow.resume_expected_at,
    )


def _tell(workflow: Workflow, windows: Iterable[MaintenanceWindow]) -> None:
    """Let the pause say the last of the windows that keep it."""
    last = max(windows, key=lambda window: (window.ends_at, window.pk))
    if last.ends_at <= stamp():
        return
    told = change_pause(workflow.pk, reason=reason_for(last), until=last.ends_at)
    if told.changed:
        kept = WindowPause.objects.filter(workflow=workflow, closed_at=None)
        kept.update(reason=told.workflow.reason, until=told.workflow.resume_expected_at)


def mark_applied(window: MaintenanceWindow, moment: datetime) -> None:
    """All that a window is bound to has been looked at; unless it was changed meanwhile."""
    same = MaintenanceWindow.objects.filter(pk=window.pk, revision=window.revision, applied_at=None)
    same.update(applied_at=moment)


def to_settle(moment: datetime, *, limit: int) -> list[int]:
    """The keys of workflows whose window is over or changed, or whose pause is no longer the window's."""
    is_over = (
        Q(window__ends_at__lte=moment)
        | Q(window__ended_at__isnull=False)
        | Q(window__deleted_at__isnull=False)
    )
    is_theirs = ~Q(
        workflow__status=Status.PAUSED,
        workflow__paused_at=F("paused_at"),
        workflow__reason=F("reason"),
        workflow__resume_expected_at=F("until"),
    )
    rows = WindowPause.objects.filter(is_over | is_theirs | Q(window__applied_at=None), closed_at=None)
    return list(rows.order_by("workflow_id").values_list("workflow_id", flat=True).distinct()[:limit])


def settle(pk: int) -> bool:
    """Bring the windows of one workflow up to date: resume it when the last has ended. True when it was resumed.

    One whose checks fail stays Paused, and its row says why. Connections are tested first, which takes seconds.
    """
    try:
        is_due = not any(_is_current(one.window) for one in _open(pk))
        if is_due:
            test_connections(pk)
        with change():
            return _settle(lock(pk), is_due=is_due)
    except WorkflowGone:
        _close(_open(pk), Outcome.LEFT, _("It was deleted."))
    except GuardRefused as refused:
        _stay_paused(pk, refused)
    return False


def _settle(workflow: Workflow, *, is_due: bool) -> bool:
    kept = _own(workflow)
    current = [one for one in kept if _is_current(one.window)]
    if current:
        over = [one for one in kept if one not in current]
        last = max(current, key=lambda one: one.window.ends_at)
        _close(over, Outcome.HANDED_ON, last.window.title)
        _tell(workflow, [one.window for one in current])
        return False
    if not kept or not is_due:
        return False
    resume(workflow.pk, accept_warnings=True, test_first=False)
    _close(kept, Outcome.RESUMED)
    return True


def _own(workflow: Workflow) -> list[WindowPause]:
    """The open rows whose pause still stands; what a person changed meanwhile is closed and left alone."""
    rows = _open(workflow.pk)
    theirs = [one for one in rows if not one.is_of(workflow)]
    _close(theirs, Outcome.LEFT, _how_it_stands(workflow))
    return [one for one in rows if one not in theirs]


def _how_it_stands(workflow: Workflow) -> str:
    if workflow.status == Status.PAUSED:
        return _("Its pause was changed: %(reason)s") % {"reason": workflow.reason}
    values = {"status": workflow.get_status_display(), "by": workflow.status_by}
    return _("It became %(status)s meanwhile, by %(by)s.") % values


def _stay_paused(pk: int, refused: GuardRefused) -> None:
    """Say once why it did not resume; where the told time has passed, on its own page too, as Overdue."""
    why = " ".join([finding["message"] for finding in refused.findings] or [refused.message])[:1000]
    with locked_change(pk) as workflow:
        kept = _own(workflow)
        if kept and workflow.is_overdue:
            workflow.auto_resume_failed = why
            workflow.save()
        _close(kept, Outcome.STAYS, why)


def _open(pk: int) -> list[WindowPause]:
    return list(
        WindowPause.objects.filter(workflow=pk, closed_at=None).select_related("window").order_by("pk")
    )


def _is_current(window: MaintenanceWindow) -> bool:
    return window.deleted_at is None and window.state == CURRENT


def _close(rows: Iterable[WindowPause], outcome: WindowPause.Outcome, why: str = "") -> None:
    keys = [one.pk for one in rows]
    if keys:
        WindowPause.objects.filter(pk__in=keys).update(outcome=outcome, why=why, closed_at=stamp())
