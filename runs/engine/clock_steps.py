"""A clock that is set forward or back: no live worker is taken for dead, and nothing waits for a false future."""

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from config.clock import ClockWatch, stamp
from runs.models import Release, Run, RunStatus

logger = logging.getLogger(__name__)

NOTICED = timedelta(seconds=5)
# Longer than anything that is planned for runs that could start at once: a minute, by limits and pace.
FALSE_FUTURE = timedelta(minutes=2)


class Steps:
    """What one scheduler knows of the clock. `settled` is to be asked at each turn."""

    def __init__(self, watch: ClockWatch) -> None:
        self._watch = watch
        self._settled_at = 0.0

    def settled(self, now: datetime) -> bool:
        """Whether leases may be judged by this clock: not until live workers renewed them after a step forward."""
        step = self._watch.step(now)
        if abs(step) > NOTICED:
            logger.warning("The clock was set by %+.0f s.", step.total_seconds())
            self._settled_at = time.monotonic() + settings.LEASE_SECONDS
            correct_future()
        return time.monotonic() >= self._settled_at


def correct_future() -> int:
    """Bring back what was written by a clock that stood ahead; gives the number of rows. Safe to repeat.

    Leases of workers that died since, runs that may start at once, releases. A delay that was reckoned by the
    wrong clock stays: nobody knows what was meant. A due instant that was recorded too early is not due again.
    """
    with transaction.atomic():
        now = stamp()
        lease = timedelta(seconds=settings.LEASE_SECONDS)
        runs = Run.objects.filter(status__in=(RunStatus.PENDING, RunStatus.WAITING, RunStatus.RUNNING))
        running = runs.filter(status=RunStatus.RUNNING, lease_until__gt=now + FALSE_FUTURE + lease)
        pending = runs.filter(status=RunStatus.PENDING, due_at__gt=now + FALSE_FUTURE)
        releases = Release.objects.filter(ended_at=None, next_at__gt=now + FALSE_FUTURE)
        return (
            running.update(lease_until=now + lease)
            + pending.update(due_at=now)
            + runs.filter(rung_at__gt=now + FALSE_FUTURE).update(rung_at=None)
            + releases.update(next_at=now)
        )
