"""Ringing: wakes a worker, best effort, without waiting. A lost ring costs latency only.

Two bells: `ring` for one run, which some worker then advances in a thread of its own, and `wake` for instant runs,
of which a worker ends all that wait (runs/engine/lane.py).
"""

import hashlib
import os
import random
import socket
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache

from django.conf import settings

from config.broker import is_remote, waiting
from runs.engine.notifying import notify
from runs.engine.ringer import MOST_WAITING, Ringer
from runs.engine.waker import Waker

SLOTS = 8
QUEUE = "runs"
WAKE = "wake"
# Messages that wake for instant runs: each is answered for all that wait, so under load fewer do as much.
APART = 0.002

_at_home: Callable[[str], object] | None = None
_lane_at_home: Callable[[], object] | None = None


def answer_at_home(advance: Callable[[str], object]) -> None:
    """In a worker with the in-process broker, ringing needs no datagram: hand the id over directly."""
    global _at_home
    _at_home = advance


def wake_at_home(wake: Callable[[], object] | None) -> None:
    """In a worker, instant runs are woken for in its own lane."""
    global _lane_at_home
    _lane_at_home = wake


def ring(run_id: str) -> bool:
    """Tell a worker that a run is due; call it after the commit. False when nobody could be told."""
    if _at_home is not None:
        return hand_over(run_id)
    if not is_remote():
        return _send_datagram(run_id)
    return _ringer().ring(run_id)


def wake() -> bool:
    """Tell a worker that instant runs wait; call it after the commit. False when nobody could be told."""
    if wake_here():
        return True
    if not is_remote() and _send_datagram(WAKE):
        return True
    return _waker().wake() if is_remote() or settings.IS_NOTIFYING else False


def wake_here() -> bool:
    """Wake the lane of this process; False where it has none."""
    if _lane_at_home is None:
        return False
    _lane_at_home()
    return True


def call_for_help() -> None:
    """Instant runs pile up: tell another worker too, where there may be one."""
    if is_remote():
        _caller().wake()


def hand_over(message: str) -> bool:
    """Put what a datagram said before this process's own worker, unless as many rings wait there as may."""
    if message == WAKE and wake_here():
        return True
    if _at_home is None or is_full():
        return False
    _at_home(message)
    return True


def is_full() -> bool:
    """Whether ringing more is of no use now: enough messages wait, or the broker cannot be reached."""
    if _at_home is not None:
        return waiting(QUEUE) >= MOST_WAITING
    return is_remote() and _ringer().is_full


@lru_cache(maxsize=1)
def _ringer() -> Ringer:
    return Ringer(_advance, lambda: waiting(QUEUE))


@lru_cache(maxsize=1)
def _waker() -> Waker:
    return Waker(notify) if settings.IS_NOTIFYING else Waker(_wake_by_broker, apart=APART)


@lru_cache(maxsize=1)
def _caller() -> Waker:
    return Waker(_wake_by_broker, apart=APART)


@lru_cache(maxsize=SLOTS)
def address(slot: int) -> str:
    """The embedded worker's socket: an abstract name, so that nothing is left behind by a kill."""
    folder = hashlib.sha256(str(settings.DATA_DIR).encode()).hexdigest()[:24]
    return f"\0signalbox-{folder}-{slot}"


def _send_datagram(message: str) -> bool:
    if sys.platform != "linux":
        return False
    bell = _bell(os.getpid())
    first = random.randrange(SLOTS)  # noqa: S311 - spreads the rings over several workers
    for slot in _slots(first, message):
        try:
            bell.sendto(message.encode(), address(slot))
        except (BlockingIOError, ConnectionRefusedError, FileNotFoundError):
            continue
        return True
    return False


def _slots(first: int, message: str) -> Iterable[int]:
    """Wakes go to the first worker, which calls others if it needs them; rings are spread."""
    return range(SLOTS) if message == WAKE else (slot % SLOTS for slot in range(first, first + SLOTS))


@lru_cache(maxsize=1)
def _bell(process: int) -> socket.socket:
    """One socket for all rings of a process: a child that was forked makes its own."""
    bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    bell.setblocking(False)
    return bell


def _advance(run_id: str) -> None:
    from runs.actors import advance_run  # noqa: PLC0415 - the actor module imports the engine

    advance_run.send(run_id)


def _wake_by_broker() -> None:
    from runs.actors import advance_waiting  # noqa: PLC0415 - the actor module imports the engine

    advance_waiting.send()
