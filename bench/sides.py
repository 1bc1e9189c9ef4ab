"""The same load by turns on sides that stand beside each other: more workers, a full database, against one worker on an
empty one. So what the machine does meanwhile befalls all of them, and a median of several turns says something."""

import json
import statistics
import subprocess
import sys
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bench import stacks
from bench.growth_tables import GROWN, WORKERS
from bench.required import Bound
from bench.running import percentiles
from bench.session import say
from bench.side import IDLE, PAUSED, READY
from bench.stacks import Stack
from bench.tables import Row, markdown

FIRST, FULL = "One worker, empty database", "One worker, full database"
SIDES: dict[str, tuple[list[str], Bound | None]] = {
    FIRST: (["--workers", "1"], None),
    "Two workers": (["--workers", "2"], WORKERS),
    "Four workers": (["--workers", "4"], WORKERS),
    FULL: (["--workers", "1", "--full"], GROWN),
}
FIRST_DATABASE = 8
SINGLE = {IDLE: "idle", PAUSED: "pause"}

Turns = dict[str, dict[int, list[list[float]]]]


class Side:
    """A process with a deployment of its own."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def said(self) -> str:
        """Its next line; raises RuntimeError when it broke off."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        if not line:
            raise RuntimeError("A side broke off.")
        return line

    def turn(self, connections: int) -> list[float]:
        """Milliseconds and CPU-ms per run; for IDLE and PAUSED the seconds of each."""
        assert self.process.stdin is not None
        print(connections, file=self.process.stdin, flush=True)
        return list(json.loads(self.said()))

    def close(self) -> None:
        """The end of its input ends it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def run(stack: Stack, arguments: Namespace) -> None:
    """Take all turns and print the table."""
    with ExitStack() as standing:
        sides: dict[str, Side] = {}
        for place, (name, (asked, _bound)) in enumerate(SIDES.items()):
            say(name)
            sides[name] = Side([*command(arguments, place), *asked])
            standing.callback(sides[name].close)
            if sides[name].said() != READY:
                raise RuntimeError("A side did not start.")
        turns = take(sides, arguments)
    print(text(stack, arguments, turns))


def command(arguments: Namespace, place: int) -> list[str]:
    """One side's command line: each has queues of its own."""
    engine = Path(__file__).with_name("engine.py")
    numbers = ["--seconds", str(arguments.seconds), "--runs", str(arguments.runs)]
    chosen = [sys.executable, str(engine), "--side", "--stack", arguments.stack, *numbers]
    broker = arguments.broker or stacks.BROKERS[arguments.stack]
    if broker:
        broker = urlunsplit(urlsplit(broker)._replace(path=f"/{FIRST_DATABASE + place}"))
        chosen += ["--broker", broker]
    chosen += ["--workflows", str(arguments.workflows), "--pending", str(arguments.pending)]
    return [*chosen, "--postgres", arguments.postgres]


def take(sides: dict[str, Side], arguments: Namespace) -> Turns:
    """What each side gave in each turn; the first of them warms up and is left out."""
    asked = [*arguments.concurrency, *SINGLE]
    turns: Turns = {name: {count: [] for count in asked} for name in sides}
    for connections in asked:
        for number in range(arguments.by_turns + 1):
            say(f"{SINGLE.get(connections, f'concurrency {connections}')}, turn {number}")
            for name, side in sides.items():
                given = side.turn(connections)
                turns[name][connections] += [given] if number else []
    return turns


def text(stack: Stack, arguments: Namespace, turns: Turns) -> str:
    """The table: medians, and their ratios to the first side's."""
    rows = [row for count in arguments.concurrency for row in rows_of(count, turns)]
    title = f"### {stack.name}: {arguments.runs:,} runs and {arguments.workflows:,} workflows; workers"
    said = f"Medians of {arguments.by_turns} turns of {arguments.seconds:g} s; in brackets the least."
    head = ("", "ms per run", "CPU-ms per run", "ratio of CPU", "required")
    single_head = ("", "p50, ms", "p95, ms", "ratios", "required")
    single = markdown(single_head, [row for asked in SINGLE for row in single_rows(asked, turns)])
    return "\n".join([title, "", said, "", *markdown(head, rows), "", *single])


def single_rows(asked: int, turns: Turns) -> list[Row]:
    """One request at a time, to the end of its run, or one pause, until it is confirmed: all turns of a side together."""
    found = {
        name: percentiles([one for turn in given[asked] for one in turn])[:2] for name, given in turns.items()
    }
    rows: list[Row] = []
    for name, both in found.items():
        ratios = [value / first for value, first in zip(both, found[FIRST], strict=True)]
        bound = SIDES[name][1] if name == FULL else None
        # Of pauses the median: n is small.
        judged = bound.judged(max(ratios) if asked == IDLE else ratios[0]) if bound else ""
        shown = [f"{value:.1f}" for value in both]
        rows.append((f"{name}, {SINGLE[asked]}", *shown, ", ".join(f"{one:.2f}" for one in ratios), judged))
    return rows


def rows_of(connections: int, turns: Turns) -> list[Row]:
    """One row a side."""
    rows: list[Row] = []
    first = statistics.median(cpu for _wall, cpu in turns[FIRST][connections])
    for name, given in turns.items():
        bound = SIDES[name][1]
        walls, cpus = zip(*given[connections], strict=True)
        ratio = statistics.median(cpus) / first
        judged = bound.judged(ratio) if bound else ""
        shown = [f"{statistics.median(values):.2f} ({min(values):.2f})" for values in (walls, cpus)]
        rows.append((f"{name}, c{connections}", *shown, f"{ratio:.2f}", judged))
    return rows
