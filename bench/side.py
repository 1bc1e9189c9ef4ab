"""One side of a comparison: a deployment on a database of its own that works when it is told to (bench/sides.py)."""

import json
import sys
from argparse import Namespace

from bench import session
from bench.deployment import Deployment
from bench.running import loaded
from bench.stacks import Stack
from bench.workload import Workload

READY = "ready"


def run(stack: Stack, arguments: Namespace) -> None:
    """Say that it is ready; for each line with a number of connections send over so many, and print what came of it:
    milliseconds and CPU-ms per run."""
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
            load = loaded(deployment, workload, connections=int(line), seconds=arguments.seconds)
            print(json.dumps([1000 / load.rate, load.cpu]), flush=True)
