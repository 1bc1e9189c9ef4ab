"""Clocks that a row can set: what a forked process takes for the present instant of its host.

The file `clock` in the rig's folder says by how many seconds the clock of a role, or of all that run a command, is ahead. Processes that were forked
while it was there read it whenever they ask; all others have the true time.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.rig import Rig

NAME = "clock"
ROLES = ("web", "worker", "scheduler")


class Host:
    """Stands for `datetime` where the product asks the host's clock."""

    def __init__(self, file: Path, *names: str) -> None:
        self.file, self.names = file, names

    def now(self, zone: object = UTC) -> datetime:
        try:
            told = json.loads(self.file.read_text())
        except FileNotFoundError:
            told = {}
        ahead = next((told[name] for name in self.names if name in told), 0.0)
        return datetime.now(UTC) + timedelta(seconds=ahead)


def follow(folder: Path, role: str, command: str) -> None:
    """In a forked process: read the clock of its role, or else of its command, from now on, if there is one."""
    from django.utils import timezone

    from config import clock

    if not (folder / NAME).exists():
        return
    host = Host(folder / NAME, role, command)
    clock.datetime = host  # type: ignore[misc,assignment]
    timezone.now = host.now


class Clocks:
    """`set(worker=3600)` puts the clocks of all workers an hour ahead."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / NAME
        self.set()

    def set(self, **ahead: float) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(ahead))
        os.replace(fresh, self.file)


@contextmanager
def settable(rig: "Rig") -> Iterator[Clocks]:
    """While inside, all processes of a rig are ones whose clocks can be set; what ran before is started anew."""
    clocks = Clocks(rig.folder)
    rig.processes.kill_all()
    rig.processes.serve()
    try:
        yield clocks
    finally:
        clocks.file.unlink()
        rig.processes.kill_all()
        rig.processes.serve()
