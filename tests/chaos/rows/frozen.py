"""R06: workers that freeze and wake."""

import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from runs.models import Run
from tests.chaos.matrix import Outcome, row
from tests.chaos.processes import strike
from tests.chaos.rig import Flow, Rig
from tests.chaos.trials import AT_ONCE, all_are, batches, in_time, requests_are

STALE = "was taken from this worker"


def asks(rig: Rig, path: str = "ok", **fields: Any) -> dict[str, Any]:
    return {"id": "ask", "kind": "http_request", "url": rig.sink.url(path), **fields}


def _strike(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        strike(process, number)


def _rows(runs: list[str]) -> dict[str, dict[str, Any]]:
    return {str(found["id"]): found for found in Run.objects.filter(pk__in=runs).values()}


@row(
    "R06",
    "A worker frozen and woken corrupts nothing",
    fault="SIGSTOP beyond the lease at K8",
    first=5,
    full=200,
)
def frozen_workers(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="until another worker had finished")
    flow = rig.flow("R06", asks(rig))
    # On SQLite a ring goes to one worker, also to one that is busy: with one run at a time none waits there.
    at_once = 1 if rig.stack.is_embedded else AT_ONCE
    rig.staff(2 * at_once)
    for count in batches(trials, at_once):
        _freeze(rig, flow, count, outcome)
    outcome.failures += rig.breaches()
    return outcome


def _freeze(rig: Rig, flow: Flow, count: int, outcome: Outcome) -> None:
    logged = rig.said(STALE)
    rig.faults.arm(f"K8 hold:60 first:{count}")
    runs = rig.trigger(flow, count)
    problems = [] if rig.faults.await_fired("K8", count) else [f"K8 did not fire {count} times"]
    frozen = [line["process"] for line in rig.faults.fired("K8")]
    _stop(rig, frozen)
    begun = time.monotonic()
    problems += rig.unrested(runs)
    seconds = time.monotonic() - begun
    before = _rows(runs)
    rig.faults.disarm()
    _strike(frozen, signal.SIGCONT)
    problems += in_time(lambda: rig.said(STALE) >= logged + count, 30, "not every stale write was logged")
    problems += ["a stale write was taken"] * (before != _rows(runs))
    outcome.add(count, problems + all_are(rig, runs, "success") + requests_are(rig, runs, "ask", 2), seconds)


def _stop(rig: Rig, processes: list[int]) -> None:
    """Freeze them, but not within the record of their fault, and on SQLite not within a write: whoever holds such a lock
    stops everybody, until it wakes or is ended."""
    _strike(processes, signal.SIGSTOP)
    while not rig.faults.is_free() or (
        rig.stack.is_embedded and not _may_write(rig.folder / "data" / "signalbox.sqlite3")
    ):
        _strike(processes, signal.SIGCONT)
        time.sleep(0.02)
        _strike(processes, signal.SIGSTOP)


def _may_write(database: Path) -> bool:
    with closing(sqlite3.connect(database, timeout=0.5, isolation_level=None)) as probe:
        try:
            probe.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        probe.rollback()
        return True
