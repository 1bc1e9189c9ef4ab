"""Runs that gave their thread back because all exchanges with their target hang: who goes on when one of them ends.

What is remembered is this process's own and may be lost: such a run waits as a row with a due time.
"""

import random
import threading
from collections import OrderedDict
from datetime import timedelta

from config.clock import stamp
from runs.engine import doorbell
from runs.models import Run, RunStatus
from workflows.outgoing import is_stuck

REASON = "host busy"
LEAST_WAIT, MOST_WAIT = 15.0, 45.0
MOST_REMEMBERED = 1_000

_lock = threading.Lock()
_waiting: OrderedDict[str, str] = OrderedDict()


def wait() -> timedelta:
    """How long such a run waits at the most: spread, so that many do not return together."""
    return timedelta(seconds=random.uniform(LEAST_WAIT, MOST_WAIT))  # noqa: S311 - no secret depends on it


def remember(run_id: str, host: str) -> None:
    """A run waits for its turn with this host."""
    with _lock:
        if len(_waiting) < MOST_REMEMBERED:
            _waiting[run_id] = host


def go_on() -> bool:
    """Let the run that has waited longest for a host which answers again go on now; False when there is none."""
    with _lock:
        run_id = next((known for known, host in _waiting.items() if not is_stuck(host)), None)
        if run_id is None:
            return False
        del _waiting[run_id]
    moment = stamp()
    rows = Run.objects.filter(pk=run_id, status=RunStatus.WAITING, reason=REASON, due_at__gt=moment)
    if rows.update(due_at=moment, rung_at=moment):
        doorbell.ring(run_id)
    return True
