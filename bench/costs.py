"""What processes cost: CPU time of trees of processes and of the servers they use, and memory (Linux)."""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import connection
from dramatiq.brokers.redis import RedisBroker

from config.broker import broker

MILLISECONDS = 1000 / os.sysconf("SC_CLK_TCK")
RABBIT = "beam.smp"
NUMBER = " 0123456789"

Costs = Counter[tuple[str, int]]


def tree(roots: Iterable[int]) -> set[int]:
    """The processes and everything below them."""
    parents = {pid: int(fields[1]) for pid, fields in _all_fields()}
    found = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found & parents.keys()


def cpu(pids: Iterable[int], *, reaped: bool) -> dict[int, float]:
    """Milliseconds each has used so far, with those of ended children where `reaped`."""
    used = {}
    for pid in pids:
        fields = _fields(pid)
        if fields:
            used[pid] = sum(map(int, fields[11 : 15 if reaped else 13])) * MILLISECONDS
    return used


def memory(pids: Iterable[int]) -> float:
    """Their proportional set size together, in MiB."""
    return sum(map(_shared_out, pids)) / 1024


def _shared_out(pid: int) -> int:
    """KiB; nothing for a process that is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


class Meter:
    """CPU of everything that works on runs: our processes by kind, database, broker. This process is left out.

    On PostgreSQL the backends of our database count, and those that serve all (writers, checkpointer); nobody
    else should use the servers meanwhile.
    """

    def __init__(self, roots: dict[str, int]) -> None:
        self.roots = roots
        self.begun = self._read()

    def used(self) -> dict[str, float]:
        """Milliseconds by part since this meter was made."""
        now = self._read()
        now.subtract(Counter({key: value for key, value in self.begun.items() if key in now}))
        parts: Counter[str] = Counter()
        for (part, _pid), value in now.items():
            parts[part] += value
        return dict(parts)

    def _read(self) -> Costs:
        costs: Costs = Counter()
        for name, root in self.roots.items():
            own = tree([root])
            inner = [pid for pid in self.roots.values() if pid in own and pid != root]
            _add(costs, name.rstrip(NUMBER), cpu(own - tree(inner), reaped=True))
        _add(costs, "database", cpu(_backends(), reaped=False))
        _add(costs, "broker", cpu(_broker_pids(), reaped=False))
        return costs


def _add(costs: Costs, part: str, used: dict[int, float]) -> None:
    costs.update({(part, pid): value for pid, value in used.items()})


def _backends() -> list[int]:
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND (datname = current_database() OR datname IS NULL)"
        )
        return [pid for (pid,) in cursor.fetchall()]


def _broker_pids() -> list[int]:
    if isinstance(broker, RedisBroker):
        return [int(broker.client.info("server")["process_id"])]
    if settings.BROKER_URL.startswith("amqp"):
        return [pid for pid, _ in _all_fields() if name_of(pid) == RABBIT]
    return []


def name_of(pid: int) -> str:
    """What a process calls itself; empty for one that is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _all_fields() -> list[tuple[int, list[str]]]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [(pid, fields) for pid in pids if (fields := _fields(pid))]


def _fields(pid: int) -> list[str]:
    """What stands in `stat` after the name: state, parent, …; empty for one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []
