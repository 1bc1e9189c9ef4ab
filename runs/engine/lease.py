"""Leases: while a worker executes a run, a thread of it renews the lease; a dead worker's runs out."""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import Error, connections, transaction

from config.clock import stamp
from runs.models import Run, RunStatus

logger = logging.getLogger(__name__)

OWNER = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

_lock = threading.Lock()
_held: dict[str, int] = {}


@contextmanager
def kept(run_id: str, fence: int) -> Iterator[None]:
    """While inside, this process renews the lease of that claim."""
    with _lock:
        _held[run_id] = fence
    try:
        yield
    finally:
        with _lock:
            # Another thread may have taken the run over meanwhile: its lease is not ours to drop.
            if _held.get(run_id) == fence:
                del _held[run_id]


def renew() -> int:
    """Renew every lease this process keeps, by the database's clock; gives how many still were its own."""
    with _lock:
        held = list(_held.items())
    if not held:
        return 0
    mine = Run.objects.filter(status=RunStatus.RUNNING, owner=OWNER)
    # One transaction also on SQLite, where a statement by itself waits for its turn less fairly.
    with transaction.atomic():
        until = stamp() + timedelta(seconds=settings.LEASE_SECONDS)
        return sum(
            mine.filter(pk=run_id, fence=fence).update(lease_until=until) for run_id, fence in sorted(held)
        )


class Keeper(threading.Thread):
    """Renews three times per lease until told to stop; a failing database is logged and tried again."""

    def __init__(self) -> None:
        super().__init__(name="lease-keeper", daemon=True)
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(settings.LEASE_SECONDS / 3):
            try:
                renew()
            except Error:
                logger.exception("Leases could not be renewed.")
                connections.close_all()
        connections.close_all()
