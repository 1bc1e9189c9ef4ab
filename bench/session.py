"""One measurement from the first start of the processes to the printed table."""

import json
import os
import sys
import time
from argparse import Namespace
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.core.management import call_command

from audit.context import acting
from bench import floors, tables
from bench.client import Order
from bench.deployment import Deployment
from bench.floor import Floor
from bench.pausing import Paused, pauses
from bench.running import Loaded, idle, loaded, wait_until_drained
from bench.seeding import seed
from bench.sending import send
from bench.stacks import Stack
from bench.workload import OPERATOR, Workload
from config.broker import broker, is_remote
from runs.models import RunStatus
from workflows.services.scopes import ensure_workspace

WARM_UP = 200
SETTLED = 5.0


@dataclass
class Figures:
    """Everything that was measured; times in seconds, memory in MiB.

    `memory_as_one` is that of `manage.py up`, where the deployment consists of several commands.
    """

    stack: str
    ready: float = 0.0
    memory: float = 0.0
    memory_as_one: float | None = None
    before: dict[str, Floor] = field(default_factory=dict)
    after: dict[str, Floor] = field(default_factory=dict)
    loads: dict[int, Loaded] = field(default_factory=dict)
    idle: list[float] = field(default_factory=list)
    stopped: Paused | None = None
    busy: Paused | None = None
    load_average: tuple[float, float] = (0.0, 0.0)


def run(stack: Stack, arguments: Namespace) -> None:
    """Measure everything that the arguments ask for, and print it."""
    prepare()
    figures = measured(stack, Workload(), arguments)
    print(tables.text(figures))
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(figures), indent=1))


def measured(stack: Stack, workload: Workload, arguments: Namespace) -> Figures:
    """The whole session on the database as it stands; the processes are ended whatever happens."""
    figures = Figures(stack.name)
    deployment = Deployment(stack, workers=arguments.workers)
    try:
        measure_running(deployment, workload, figures, arguments)
        measure_pauses(deployment, workload, figures, arguments)
    finally:
        deployment.stop()
    if not deployment.is_one:
        figures.memory_as_one = memory_as_one(stack, arguments)
    return figures


def memory_as_one(stack: Stack, arguments: Namespace) -> float:
    """MiB, idle, when everything is started by one command, whose processes share what was imported before."""
    say("memory of manage.py up")
    with Deployment(stack, workers=arguments.workers, as_one=True) as deployment:
        time.sleep(SETTLED)
        return deployment.memory


def prepare() -> None:
    """A migrated, empty database and empty queues."""
    call_command("migrate", interactive=False, verbosity=0)
    if is_remote():
        broker.flush_all()
    with acting(OPERATOR, origin="command"):
        ensure_workspace()


def measure_running(
    deployment: Deployment, workload: Workload, figures: Figures, arguments: Namespace
) -> None:
    """Start, memory, floors, every concurrency, one at a time, floors again."""
    begun = os.getloadavg()[0]
    figures.ready = deployment.start()
    time.sleep(SETTLED)
    figures.memory = deployment.memory
    warm_up(deployment, workload)
    say("floors")
    asked: dict[str, Any] = {"concurrency": arguments.concurrency, "seconds": arguments.seconds}
    figures.before = floors.measured(workload, **asked)
    for connections in arguments.concurrency:
        say(f"concurrency {connections}")
        figures.loads[connections] = loaded(
            deployment, workload, connections=connections, seconds=arguments.seconds
        )
    say("idle")
    figures.idle = idle(deployment, workload, trials=arguments.idle)
    say("floors")
    figures.after = floors.measured(workload, **asked)
    figures.load_average = (begun, os.getloadavg()[0])


def fill(workload: Workload, arguments: Namespace) -> None:
    """A full database: copies of a run of the workload that the product has ended."""
    template = workload.runs.filter(status=RunStatus.SUCCESS).order_by("pk")[0]
    seed(template, workflows=arguments.workflows, runs=arguments.runs)


def warm_up(deployment: Deployment, workload: Workload) -> None:
    """Let every thread have its connection and its compiled definition."""
    send(Order(deployment.port, workload.request, connections=16, count=WARM_UP))
    wait_until_drained(workload)


def measure_pauses(
    deployment: Deployment, workload: Workload, figures: Figures, arguments: Namespace
) -> None:
    """First with all processes stopped, then with workers that execute what is Pending."""
    deployment.stop()
    asked = {"trials": arguments.pauses, "pending": arguments.pending}
    say("pauses, nothing running")
    figures.stopped = pauses(workload, **asked)
    deployment.start()
    say("pauses, workers busy")
    figures.busy = pauses(workload, **asked)


def say(what: str) -> None:
    """Progress, apart from the result."""
    print(f"{time.strftime('%H:%M:%S')} {settings.DATABASES['default']['ENGINE']} {what}", file=sys.stderr)
