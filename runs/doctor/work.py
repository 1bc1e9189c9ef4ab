"""Whether the work keeps up: how late the latest is, and whether the backlog grows."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.utils.translation import gettext as _

from config.clock import stamp
from runs.doctor.diagnosis import Diagnosis
from runs.models import Run, RunStatus, Schedule
from runs.models.run import RunQuerySet

LATE = timedelta(minutes=2)
WORTH_A_LOOK = 100
BETWEEN_LOOKS = 5.0


def lag() -> Iterator[Diagnosis]:
    """The oldest due run, the oldest due instant of a schedule, and runs whose worker is gone."""
    now = stamp()
    oldest_run = _seconds_since(_due(now).aggregate(oldest=Min("due_at"))["oldest"], now)
    schedules = Schedule.objects.filter(is_armed=True, set_aside="", next_at__lte=now)
    oldest_tick = _seconds_since(schedules.aggregate(oldest=Min("next_at"))["oldest"], now)
    lost = Run.objects.filter(status=RunStatus.RUNNING, lease_until__lt=now - LATE).count()
    numbers = {"oldest_due_run": oldest_run, "oldest_due_tick": oldest_tick, "lost": lost}
    told = [*_late_sentences(oldest_run, oldest_tick, lost)]
    for message, fix in told:
        yield Diagnosis("lag", "warning", message, fix, numbers)
    if not told:
        yield Diagnosis("lag", "ok", _("Nothing is late."), numbers=numbers)


def _late_sentences(oldest_run: float, oldest_tick: float, lost: int) -> Iterator[tuple[str, str]]:
    limit = LATE.total_seconds()
    if oldest_run > limit:
        message = _("The oldest due run has waited for %(seconds)d s.") % {"seconds": oldest_run}
        yield message, _("Start more workers; where its workflow limits runs at once, this may be meant.")
    if oldest_tick > limit:
        message = _("A schedule should have fired %(seconds)d s ago.") % {"seconds": oldest_tick}
        yield message, _("Start a scheduler; look into its log.")
    if lost:
        message = _("%(count)d runs lost their worker over two minutes ago.") % {"count": lost}
        yield message, _("Start a scheduler and a worker, which take them over; look into the logs.")


def _due(now: datetime) -> RunQuerySet:
    return Run.objects.filter(status=RunStatus.PENDING, due_at__lte=now)


def _seconds_since(oldest: datetime | None, now: datetime) -> float:
    return round((now - oldest).total_seconds(), 3) if oldest else 0.0


def backlog() -> Iterator[Diagnosis]:
    """Whether more runs become due than start: looked at twice where many wait."""
    before = _due(stamp()).count()
    if before < WORTH_A_LOOK:
        yield Diagnosis("backlog", "ok", _("%(n)d runs wait.") % {"n": before}, numbers={"waiting": before})
        return
    begun = time.monotonic()
    time.sleep(BETWEEN_LOOKS)
    now = stamp()
    waiting = _due(now).count()
    growth = (waiting - before) / (time.monotonic() - begun) * 60
    numbers = {"waiting": waiting, "growth_per_minute": round(growth, 1)}
    if growth <= 0:
        message = _("%(n)d runs wait; they become fewer.") % {"n": waiting}
        yield Diagnosis("backlog", "ok", message, numbers=numbers)
        return
    message = _("%(n)d runs wait, and they become more: %(growth)d a minute.") % {
        "n": waiting,
        "growth": growth,
    }
    fix = _("Start more workers, or pause the workflow of which most wait: %(name)s.") % {
        "name": _busiest(now)
    }
    yield Diagnosis("backlog", "warning", message, fix, numbers)


def _busiest(now: datetime) -> str:
    by_name = _due(now).order_by().values("workflow__name").annotate(n=Count("pk")).order_by("-n").first()
    return str(by_name["workflow__name"]) if by_name else ""
