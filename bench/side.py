"""One side of a comparison: a deployment on a database of its own that works when it is told to (bench/sides.py)."""

import json
import sys
from argparse import Namespace

from bench import session
from bench.deployment import Deployment
from bench.pausing import pauses
from bench.running import idle, loaded
from bench.stacks import Stack
from bench.workload import Workload

READY = "ready"
IDLE = 0
"""Said in place of a number of connections: single requests, on a quiet machine."""
SINGLES = 40
PAUSED = -1
"""Said in place of it too: pauses with runs Pending, beside workers that execute."""
EACH_TURN = 4


def run(stack: Stack, arguments: Namespace) -> None:
    """Say that it is ready; for each line with a number of connections send over so many, and print what came of it:
    milliseconds and CPU-ms per run. For IDLE the seconds that each of SINGLES requests took to the end of its run, for
    PAUSED those that each of EACH_TURN pauses took until it was confirmed."""
    session.prepare()
    workload = Workload()
    if arguments.full:
        with Deployment(stack) as deployment:
            session.warm_up(deployment, workload)
        session.fill(workload, arguments)
    with Deployment(stack, workers=arguments.workers) as deployment:
        session.warm_up(deployment, workload)
        print(READY, flush=True)
        for line in sys.stdin:
            print(json.dumps(turn(deployment, workload, arguments, int(line))), flush=True)


def turn(deployment: Deployment, workload: Workload, arguments: Namespace, asked: int) -> list[float]:
    """What came of one line."""
    if asked == IDLE:
        return idle(deployment, workload, trials=SINGLES)
    if asked == PAUSED:
        return pauses(workload, trials=EACH_TURN, pending=arguments.pending).times
    load = loaded(deployment, workload, connections=asked, seconds=arguments.seconds)
    return [1000 / load.rate, load.cpu]
