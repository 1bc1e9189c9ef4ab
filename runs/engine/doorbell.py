"""Ringing for a run: wakes a worker, best effort and bounded in time. A lost ring costs latency only."""

import hashlib
import logging
import socket
import sys
import time
from collections.abc import Callable

from django.conf import settings

logger = logging.getLogger(__name__)

QUIET_AFTER_FAILURE = 5.0
SLOTS = 8

_quiet_until = 0.0
_at_home: Callable[[str], object] | None = None


def answer_at_home(advance: Callable[[str], object]) -> None:
    """In a worker with the in-process broker, ringing needs no datagram: hand the id over directly."""
    global _at_home
    _at_home = advance


def ring(run_id: str) -> bool:
    """Tell a worker that a run is due; call it after the commit. False when nobody could be told."""
    if _at_home is not None:
        _at_home(run_id)
        return True
    if not settings.BROKER_URL:
        return _send_datagram(run_id)
    return _send_message(run_id)


def address(slot: int) -> str:
    """The embedded worker's socket: an abstract name, so that nothing is left behind by a kill."""
    folder = hashlib.sha256(str(settings.DATA_DIR).encode()).hexdigest()[:24]
    return f"\0signalbox-{folder}-{slot}"


def _send_datagram(run_id: str) -> bool:
    if sys.platform != "linux":
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.setblocking(False)
        for slot in range(SLOTS):
            try:
                bell.sendto(run_id.encode(), address(slot))
            except (BlockingIOError, ConnectionRefusedError, FileNotFoundError):
                continue
            return True
    return False


def _send_message(run_id: str) -> bool:
    """Through the broker; after a failure nothing is tried for some seconds, so that intake stays quick."""
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return False
    try:
        _advance(run_id)
    except Exception:  # any broker, any client library: a doorbell's failure is no error
        logger.warning("The broker cannot be reached; the pump will ring for run %s.", run_id, exc_info=True)
        _quiet_until = time.monotonic() + QUIET_AFTER_FAILURE
        return False
    return True


def _advance(run_id: str) -> None:
    from runs.actors import advance_run  # noqa: PLC0415 - the actor module imports the engine

    advance_run.send(run_id)
