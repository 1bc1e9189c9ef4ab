"""Ringing for a run: wakes a worker, best effort, without waiting. A lost ring costs latency only."""

import hashlib
import random
import socket
import sys
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings

from config.broker import is_remote, waiting
from runs.engine.ringer import MOST_WAITING, Ringer

SLOTS = 8
QUEUE = "runs"

_at_home: Callable[[str], object] | None = None


def answer_at_home(advance: Callable[[str], object]) -> None:
    """In a worker with the in-process broker, ringing needs no datagram: hand the id over directly."""
    global _at_home
    _at_home = advance


def ring(run_id: str) -> bool:
    """Tell a worker that a run is due; call it after the commit. False when nobody could be told."""
    if _at_home is not None:
        return hand_over(run_id)
    if not is_remote():
        return _send_datagram(run_id)
    return _ringer().ring(run_id)


def hand_over(run_id: str) -> bool:
    """Put a ring before this process's own worker, unless as many wait there as may."""
    if _at_home is None or is_full():
        return False
    _at_home(run_id)
    return True


def is_full() -> bool:
    """Whether ringing more is of no use now: enough messages wait, or the broker cannot be reached."""
    if _at_home is not None:
        return waiting(QUEUE) >= MOST_WAITING
    return is_remote() and _ringer().is_full


@lru_cache(maxsize=1)
def _ringer() -> Ringer:
    return Ringer(_advance, lambda: waiting(QUEUE))


def address(slot: int) -> str:
    """The embedded worker's socket: an abstract name, so that nothing is left behind by a kill."""
    folder = hashlib.sha256(str(settings.DATA_DIR).encode()).hexdigest()[:24]
    return f"\0signalbox-{folder}-{slot}"


def _send_datagram(run_id: str) -> bool:
    if sys.platform != "linux":
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.setblocking(False)
        first = random.randrange(SLOTS)  # noqa: S311 - spreads the rings over several workers
        for slot in range(first, first + SLOTS):
            try:
                bell.sendto(run_id.encode(), address(slot % SLOTS))
            except (BlockingIOError, ConnectionRefusedError, FileNotFoundError):
                continue
            return True
    return False


def _advance(run_id: str) -> None:
    from runs.actors import advance_run  # noqa: PLC0415 - the actor module imports the engine

    advance_run.send(run_id)
