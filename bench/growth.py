"""What becomes of the figures when the database is full, the backlog long, a target silent."""

import json
import os
from argparse import Namespace
from dataclasses import asdict, dataclass

from bench import growth_tables, session, tables
from bench.backlog import Drained, drained
from bench.hanging import Slowed, slowed
from bench.session import Figures, say
from bench.stacks import Stack
from bench.workload import Workload


@dataclass
class Growth:
    """The session's figures on the empty and on the full database, and what only growth asks."""

    stack: str
    runs: int
    workflows: int
    empty: Figures
    full: Figures
    backlog: Drained | None = None
    slowed: Slowed | None = None
    load_average: tuple[float, float] = (0.0, 0.0)


def run(stack: Stack, arguments: Namespace) -> None:
    """Measure all of it and print the tables."""
    begun = os.getloadavg()[0]
    growth = measure(stack, arguments)
    growth.load_average = (begun, os.getloadavg()[0])
    print(tables.text(growth.empty), tables.text(growth.full), growth_tables.text(growth), sep="\n\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(growth), indent=1))


def measure(stack: Stack, arguments: Namespace) -> Growth:
    """First the empty database, then, with it full, everything else."""
    session.prepare()
    workload = Workload()
    empty = session.measured(stack, workload, arguments)
    say(f"seeding {arguments.runs:,} runs")
    session.fill(workload, arguments)
    full = session.measured(stack, workload, arguments)
    growth = Growth(stack.name, arguments.runs, arguments.workflows, empty, full)
    say("a silent target")
    growth.slowed = slowed(stack, workload, seconds=arguments.seconds)
    say(f"a backlog of {arguments.backlog:,}")
    growth.backlog = drained(stack, workload, count=arguments.backlog, most=arguments.drain_seconds)
    return growth
