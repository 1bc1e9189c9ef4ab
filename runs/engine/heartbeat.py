"""Heartbeats: a process is alive when it beat lately, not because it exists."""

import os
import socket
import time
import uuid
from datetime import UTC, datetime, timedelta

from config.clock import stamp
from runs.models import Heartbeat

EVERY = 3.0
ALIVE = timedelta(seconds=20)


class Heart:
    """One process's row. `beat()` may be called often; it writes every few seconds."""

    def __init__(self, kind: str) -> None:
        self.name = f"{kind}-{socket.gethostname()[:40]}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self.kind = kind
        self._next = 0.0

    def beat(self) -> None:
        """Say that this process lives."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        moment, ahead = compared_clocks()
        Heartbeat.objects.update_or_create(
            name=self.name,
            defaults={"beat_at": moment, "clock_ahead": ahead},
            create_defaults={
                "kind": self.kind,
                "host": socket.gethostname()[:200],
                "pid": os.getpid(),
                "started_at": moment,
                "beat_at": moment,
                "clock_ahead": ahead,
            },
        )

    def stop(self) -> None:
        """Take the row away: the process ends on purpose."""
        Heartbeat.objects.filter(name=self.name).delete()


def host_clock() -> datetime:
    """What this host takes for the present."""
    return datetime.now(UTC)


def compared_clocks() -> tuple[datetime, float]:
    """The database's present, and by how many seconds this host's is ahead; the way there and back is halved."""
    asked = host_clock()
    moment = stamp()
    return moment, ((asked - moment) + (host_clock() - moment)).total_seconds() / 2


def alive(kind: str) -> int:
    """How many processes of a kind beat lately."""
    return Heartbeat.objects.filter(kind=kind, beat_at__gt=stamp() - ALIVE).count()


def forget_dead() -> int:
    """Remove the rows of processes that have been silent for a day."""
    return Heartbeat.objects.filter(beat_at__lt=stamp() - timedelta(days=1)).delete()[0]
