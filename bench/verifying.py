"""The figures after a long load by HTTP: so many runs of the measured workflow, then what `metrics verify` finds.

By the way it shows whether a run costs the same at the end as at the beginning.
"""

import json
import time
from argparse import Namespace
from dataclasses import asdict, dataclass, field

from bench import session
from bench.deployment import Deployment
from bench.running import Loaded, loaded
from bench.stacks import Stack
from bench.workload import Workload
from runs.models import Run
from runs.monitoring import checking

CONNECTIONS = 16


@dataclass
class Verified:
    """`turns`: what each turn of the load gave; `compared` and `differing` rows of figures, in so many seconds."""

    stack: str
    turns: list[Loaded] = field(default_factory=list)
    runs: int = 0
    compared: int = 0
    differing: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        first, last = self.turns[0], self.turns[-1]
        return (
            f"{self.stack}: {self.runs:,} runs in {len(self.turns)} turns; in the first {first.rate:.0f} a second at"
            f" {first.cpu:.2f} CPU-ms, in the last {last.rate:.0f} at {last.cpu:.2f}. metrics verify compared"
            f" {self.compared:,} rows in {self.seconds:.0f} s: {self.differing} differ."
        )


def run(stack: Stack, arguments: Namespace) -> None:
    """Send until so many runs are closed, verify, print; exits with 1 where a figure is wrong."""
    session.prepare()
    found = Verified(stack.name)
    deployment, workload = Deployment(stack, workers=arguments.workers), Workload()
    try:
        deployment.start()
        session.warm_up(deployment, workload)
        end = time.monotonic() + 60 * arguments.minutes
        while sum(turn.closed for turn in found.turns) < arguments.verify and time.monotonic() < end:
            found.turns.append(
                loaded(deployment, workload, connections=CONNECTIONS, seconds=arguments.seconds)
            )
            session.say(f"{sum(turn.closed for turn in found.turns):,} runs")
        judge(found)
    finally:
        deployment.stop()
    print(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(found), indent=1))
    if found.differing:
        raise SystemExit(1)


def judge(found: Verified) -> None:
    """While the processes go on folding what came last."""
    begun = time.monotonic()
    comparison = checking.verify()
    found.seconds = time.monotonic() - begun
    found.runs, found.compared, found.differing = (
        Run.objects.count(),
        comparison.compared,
        comparison.differing,
    )
