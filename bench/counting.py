"""What counting costs the engine: the same runs with and without it, in turns, in this process.

The ledger is left out by taking it out of the closing statements here, and nowhere else: the product has no such switch.
"""

import json
import re
import statistics
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any
from unittest import mock

from django.db import connection

from bench import costs, session
from bench.stacks import Stack
from bench.workload import STEPS, Workload
from config.clock import stamp
from runs.engine import batch, doorbell, executor
from runs.intake import Occurrence, start
from runs.models import Run
from runs.monitoring import folding, ledger
from runs.statements import postgresql, sqlite
from workflows.models import Trigger

VALUE: dict[str, Any] = {
    "id": "worth",
    "kind": "record_value",
    "name": "order",
    "value": "12.50",
    "unit": "EUR",
}
KINDS = {"closed together": STEPS, "closed alone": [*STEPS[:-1], VALUE, STEPS[-1]]}
PARTS = ("accepting", "running", "folding")


@dataclass
class Counted:
    """One kind of run: milliseconds per run of each round, by variant and part; wall clock, and CPU with the server's."""

    wall: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    cpu: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def note(self, variant: str, part: str, wall: float, cpu: float) -> None:
        for figures, value in ((self.wall, wall), (self.cpu, cpu)):
            figures.setdefault(variant, {}).setdefault(part, []).append(value)

    def ratio(self, figures: dict[str, dict[str, list[float]]], *parts: str) -> float:
        """With to without counting: of the medians of the parts together."""
        sums = {
            variant: statistics.median(map(sum, zip(*(by_part[part] for part in parts), strict=True)))
            for variant, by_part in figures.items()
        }
        return sums["with"] / sums["without"]


def run(stack: Stack, arguments: Namespace) -> None:
    """Measure both kinds of run and print the ratios."""
    session.prepare()
    found = {name: measured(Workload(name, steps), arguments) for name, steps in KINDS.items()}
    print(text(stack.name, found, arguments))
    if arguments.json:
        arguments.json.write_text(json.dumps({name: asdict(one) for name, one in found.items()}, indent=1))


def measured(workload: Workload, arguments: Namespace) -> Counted:
    """So many rounds of so many runs, the variants in turns, and first one of each that is not counted."""
    counted = Counted()
    trigger = Trigger.objects.get(workflow_id=workload.workflow_id, trigger_id="hook")
    for number in range(arguments.rounds + 1):
        variants = ("with", "without") if number % 2 else ("without", "with")
        for variant in variants:
            into = counted if number else Counted()
            with ExitStack() as kept:
                kept.enter_context(mock.patch.object(doorbell, "ring"))
                kept.enter_context(mock.patch.object(doorbell, "wake"))
                if variant == "without":
                    kept.enter_context(uncounted())
                one_round(trigger, variant, into, arguments.together)
    return counted


def one_round(trigger: Trigger, variant: str, counted: Counted, count: int) -> None:
    """Accept so many runs, run them, fold what was counted."""

    def accept() -> None:
        body = {"body": {"amount": 129.5, "customer": {"name": "Ada"}}}
        for _ in range(count):
            start(trigger, trigger.workflow_id, Occurrence("webhook", body, stamp()))

    for part, act in zip(PARTS, (accept, run_all, fold_all), strict=True):
        wall, cpu = timed(act)
        counted.note(variant, part, wall / count, cpu / count)


def run_all() -> None:
    while batch.advance_waiting():
        pass
    for pk in Run.objects.open().values_list("pk", flat=True):
        executor.advance(str(pk))


def fold_all() -> None:
    while folding.fold():
        pass


def timed(act: Callable[[], None]) -> tuple[float, float]:
    """Wall clock and CPU in milliseconds; the CPU is this thread's and that of the server's process that serves it."""
    used, begun = cpu_so_far(), time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000, cpu_so_far() - used


def cpu_so_far() -> float:
    own = time.thread_time() * 1000
    if connection.vendor != "postgresql":
        return own
    connection.ensure_connection()
    return own + sum(costs.cpu([connection.connection.info.backend_pid], reaped=False).values())


@contextmanager
def uncounted() -> Iterator[None]:
    """Runs close without being counted."""
    plain = re.sub(
        r"\), timed AS \(.*?\), written AS \(", "), written AS (", postgresql.CLOSE, flags=re.DOTALL
    )
    assert "tallyentry" not in plain, "the statement changed"
    with (
        mock.patch.object(ledger, "note"),
        mock.patch.object(sqlite, "_entries", return_value=[]),
        mock.patch.object(postgresql, "CLOSE", plain),
    ):
        yield


def text(stack: str, found: dict[str, Counted], arguments: Namespace) -> str:
    """A table of milliseconds per run and of ratios."""
    lines = [
        f"Counting on {stack}: {arguments.rounds} rounds of {arguments.together} runs each way, in turns; medians.",
        "",
        "| Runs | Figure | running, without | running, with | folding | ratio running | ratio of all |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        for what, figures in (("wall ms", one.wall), ("CPU ms", one.cpu)):
            without, with_it = (
                statistics.median(figures[variant]["running"]) for variant in ("without", "with")
            )
            folding_cost = statistics.median(figures["with"]["folding"])
            lines.append(
                f"| {name} | {what} | {without:.3f} | {with_it:.3f} | {folding_cost:.3f} "
                f"| {one.ratio(figures, 'running'):.3f} | {one.ratio(figures, *PARTS):.3f} |"
            )
    return "\n".join(lines)
