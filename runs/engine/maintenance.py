"""Maintenance windows in force: pauses what they are bound to, and resumes it when they have ended."""

from functools import partial
from typing import Final

from audit import context
from config.clock import stamp
from runs.engine.isolation import one_by_one
from runs.engine.resuming import TIMER
from workflows.models import MaintenanceWindow
from workflows.services import maintenance_pauses

MAINTENANCE: Final = context.Actor("system", "maintenance", "Maintenance window")
TIMERS: Final = (TIMER.label, MAINTENANCE.label)
AT_ONCE: Final = 50


def keep_windows() -> int:
    """One round: gives how many workflows were paused or resumed. Safe beside other schedulers.

    Pausing comes first, so that a window that begins as another ends takes its workflows over without a gap.
    """
    with context.acting(MAINTENANCE, origin="system"):
        moment = stamp()
        windows = list(MaintenanceWindow.objects.current(moment).prefetch_related("scopes"))
        count = sum(_apply(window) for window in windows)
        unsettled = maintenance_pauses.to_settle(moment, limit=AT_ONCE)
        count += one_by_one(unsettled, maintenance_pauses.settle)
        if len(unsettled) < AT_ONCE:
            _mark_applied(windows)
    return count


def _apply(window: MaintenanceWindow) -> int:
    waiting = maintenance_pauses.to_take(window, timers=TIMERS)
    return one_by_one(waiting, partial(maintenance_pauses.take, window))


def _mark_applied(windows: list[MaintenanceWindow]) -> None:
    for window in windows:
        if window.applied_at is None and not maintenance_pauses.to_take(window, timers=TIMERS):
            maintenance_pauses.mark_applied(window, stamp())
