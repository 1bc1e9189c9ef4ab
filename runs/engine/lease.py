"""Leases: while a worker executes a run, a thread of it renews the lease; a dead worker's runs out."""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error, connection, connections, transaction

from config.clock import stamp
from runs.models import Run, RunStatus

logger = logging.getLogger(__name__)


def _name() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


OWNER = _name()


def _rename() -> None:
    global OWNER
    OWNER = _name()


# Workers that are forked from one process, which has imported this already, own what they claim each by itself.
os.register_at_fork(after_in_child=_rename)

_lock = threading.Lock()
_held: dict[str, int] = {}


@contextmanager
def kept(claims: Mapping[str, int]) -> Iterator[None]:
    """While inside, this process renews the leases of these claims: fences by the ids of their runs."""
    with _lock:
        _held.update(claims)
    try:
        yield
    finally:
        with _lock:
            for run_id, fence in claims.items():
                # Another thread may have taken the run over meanwhile: its lease is not ours to drop.
                if _held.get(run_id) == fence:
                    del _held[run_id]


def renew() -> int:
    """Renew every lease this process keeps, by the database's clock; gives how many still were its own."""
    with _lock:
        held = list(_held.items())
    if not held:
        return 0
    # On SQLite one transaction: a statement by itself waits for its turn less fairly. On PostgreSQL each by itself:
    # whoever held one run and waited for the next would deadlock with a verb that takes them in another order.
    with transaction.atomic() if connection.vendor == "sqlite" else nullcontext():
        until = stamp() + timedelta(seconds=settings.LEASE_SECONDS)
        return sum(_extend(run_id, fence, until) for run_id, fence in sorted(held))


def _extend(run_id: str, fence: int, until: datetime) -> int:
    mine = Run.objects.filter(pk=run_id, fence=fence, status=RunStatus.RUNNING, owner=OWNER)
    return mine.update(lease_until=until)


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
