"""One side of a comparison: a deployment on a database of its own that works when it is told to (bench/sides.py)."""

import json
import sys
from argparse import Namespace

from bench import session
from bench.deployment import Deployment
from bench.running import loaded
from bench.seeding import seed
from bench.stacks import Stack
from bench.workload import Workload
from runs.models import RunStatus

READY = "ready"


def run(stack: Stack, arguments: Namespace) -> None:
    """Say that it is ready; for each line with a number of connections send over so many, and print what came of it:
    milliseconds and CPU-ms per run."""
    session.prepare()
    workload = Workload()
    if arguments.full:
        fill(stack, workload, arguments)
    with Deployment(stack, workers=arguments.workers) as deployment:
        session.warm_up(deployment, workload)
        print(READY, flush=True)
        for line in sys.stdin:
            load = loaded(deployment, workload, connections=int(line), seconds=arguments.seconds)
            print(json.dumps([1000 / load.rate, load.cpu]), flush=True)


def fill(stack: Stack, workload: Workload, arguments: Namespace) -> None:
    """Copies of a run that the product made itself."""
    with Deployment(stack) as deployment:
        session.warm_up(deployment, workload)
    template = workload.runs.filter(status=RunStatus.SUCCESS).order_by("pk")[0]
    seed(template, workflows=arguments.workflows, runs=arguments.runs)
