"""What is looked at every few seconds, and how it moves over the whole time."""

import contextlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection
from django.db.models import Min

from audit.models import AuditEvent
from bench.costs import memory
from config.clock import stamp
from runs.models import CLOSED, OPEN, Run, RunStatus, StepAttempt
from tests.chaos.rig import Rig

ROLES = ("web", "worker", "scheduler")
WARM = 0.2


@dataclass(frozen=True)
class Sample:
    """`at`: seconds since the begin. Memory in MiB; `lag`: seconds for which the oldest due run waits; `size` in MiB."""

    at: float
    memory: dict[str, float]
    lag: float
    open: int
    closed: int
    attempts: int
    events: int
    size: float

    @property
    def total_memory(self) -> float:
        return sum(self.memory.values())


class Sampler:
    """Takes samples and writes each to a file at once, so that a long run leaves them whatever ends it."""

    def __init__(self, rig: Rig, record: Path) -> None:
        self.rig, self.record = rig, record
        self.begun = time.monotonic()
        self.samples: list[Sample] = []

    def take(self) -> Sample:
        sample = Sample(
            at=time.monotonic() - self.begun,
            memory={role: memory(self.rig.processes.alive(role)) for role in ROLES},
            lag=lag(),
            open=Run.objects.filter(status__in=OPEN).count(),
            closed=Run.objects.filter(status__in=CLOSED).count(),
            attempts=StepAttempt.objects.count(),
            events=AuditEvent.objects.count(),
            size=size() / 2**20,
        )
        self.samples.append(sample)
        with self.record.open("a") as file:
            file.write(json.dumps(asdict(sample)) + "\n")
        return sample


def lag() -> float:
    """How long the run that is due for longest has been waiting for a worker."""
    now = stamp()
    due = Run.objects.filter(status__in=(RunStatus.PENDING, RunStatus.WAITING), due_at__lte=now)
    oldest: datetime | None = due.aggregate(oldest=Min("due_at"))["oldest"]
    return (now - oldest).total_seconds() if oldest else 0.0


def size() -> int:
    """Bytes of the database."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    name, total = str(connection.settings_dict["NAME"]), 0
    for ending in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            total += os.stat(name + ending).st_size
    return total


def growth_an_hour(samples: Sequence[Sample]) -> float:
    """Per cent of memory gained an hour, by the straight line nearest to the samples.

    The first fifth is left out, and samples that were taken while all processes of a role were dead.
    """
    roles = {role for each in samples for role, used in each.memory.items() if used}
    whole = [each for each in samples if all(each.memory[role] for role in roles)]
    warm = whole[int(len(whole) * WARM) :]
    if len(warm) < 3:
        return 0.0
    middle = sum(each.at for each in warm) / len(warm)
    mean = sum(each.total_memory for each in warm) / len(warm)
    spread = sum((each.at - middle) ** 2 for each in warm)
    slope = sum((each.at - middle) * (each.total_memory - mean) for each in warm) / spread
    return slope * 3600 / mean * 100
