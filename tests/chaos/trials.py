"""Trials with a failpoint: arm it, let it fire, come to rest, count."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.chaos.matrix import Outcome
from tests.chaos.processes import NotInTime, eventually
from tests.chaos.rig import Flow, Rig

AT_ONCE = 4
WITHIN = 60.0

Way = TypeVar("Way")
Judge = Callable[[list[str]], list[str]]


def batches(trials: int, size: int = AT_ONCE) -> list[int]:
    """So many trials in portions: [4, 4, 2]."""
    return [min(size, trials - done) for done in range(0, trials, size)]


def die_at(
    rig: Rig, flow: Flow, point: str, trials: int, judge: Judge, outcome: Outcome, action: str = "kill"
) -> None:
    """So many worker deaths at a point, each in a run of its own, several at a time; `judge` looks at the runs."""
    for count in batches(trials):
        rig.processes.keep("worker", AT_ONCE, "worker", "--threads", "1")
        rig.faults.arm(f"{point} {action} first:{count}")
        runs = rig.trigger(flow, count)
        problems = (
            [] if len(runs) == count else [f"{count - len(runs)} of {count} triggers were not accepted"]
        )
        if not rig.faults.await_fired(point, count):
            problems.append(f"{point} fired {len(rig.faults.fired(point))} times instead of {count}")
        last_at = max([line["at"] for line in rig.faults.fired(point)], default=time.time())
        problems += rig.unrested(runs, WITHIN)
        seconds = time.time() - last_at
        rig.faults.disarm()
        outcome.add(count, problems + judge(runs), seconds)


def all_are(rig: Rig, runs: list[str], status: str) -> list[str]:
    return [
        f"run {run} is {found}, not {status}" for run, found in rig.statuses(runs).items() if found != status
    ]


def requests_are(rig: Rig, runs: list[str], step: str, *counts: int) -> list[str]:
    """Sentences about the runs whose step was asked for another number of times than one of these."""
    keys = rig.sink.keys(set(runs))
    found = {run: keys[f"{run}.{step}"] for run in runs}
    return [
        f"{count} requests of run {run}, step {step}" for run, count in found.items() if count not in counts
    ]


def shared_out(trials: int, ways: Sequence[Way]) -> list[tuple[Way, int]]:
    """So many trials over all ways, the first ones having one more where they do not divide."""
    return [(way, trials // len(ways) + (place < trials % len(ways))) for place, way in enumerate(ways)]


def in_time(holds: Callable[[], object], within: float, problem: str, every: float = 0.02) -> list[str]:
    try:
        eventually(holds, within, every)
    except NotInTime:
        return [problem]
    return []
