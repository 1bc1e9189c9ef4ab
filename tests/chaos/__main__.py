"""`make chaos STACK=E ROWS=R05,R07 SEED=7`: run rows at their full counts and write a line for each.

`--first` runs the counts of a commit, `--trials N` another number. Exit code 1 when a trial failed.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import django

from tests.chaos.server import own_server
from tests.chaos.stacks import STACKS, Place, Stack, environment, own_database
from tests.journeys.processes import ROOT

if TYPE_CHECKING:
    from tests.chaos.matrix import Outcome, Row
    from tests.chaos.rig import Rig

SHOWN = 5


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--stack", choices=sorted(STACKS), required=True)
    parser.add_argument("--rows", default="", help="such as R05,R07; all when it is left out")
    parser.add_argument("--part", type=part, default=(1, 1), help="1/2: the first, third, fifth... of them")
    parser.add_argument("--seed", type=int, default=0, help="drawn and printed when it is left out")
    parser.add_argument("--first", action="store_true", help="the counts of a commit")
    parser.add_argument("--trials", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("chaos.jsonl"))
    return parser.parse_args()


def part(text: str) -> tuple[int, int]:
    """Which part of how many: 2/3 is (2, 3)."""
    which, of = (int(number) for number in text.split("/"))
    if not 1 <= which <= of:
        raise argparse.ArgumentTypeError(f"There is no part {text}.")
    return which, of


def main() -> int:
    given = arguments()
    stack = STACKS[given.stack]
    seed = given.seed or random.randrange(1, 10**6)
    print(f"stack {stack.letter} ({stack.title}), seed {seed}", flush=True)
    # As an interrupt: what was started is ended, also the database server, which is no child of this process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="signalbox-chaos-")))
        server = kept.enter_context(own_server(stack))
        if server is not None:
            stack = replace(stack, database=server.address)
        database = kept.enter_context(own_database(stack))
        prepare(folder, database, stack)
        return run_rows(given, Place(stack, folder / "rig", database, seed, server))


def prepare(folder: Path, database: str, stack: Stack) -> None:
    """This process becomes one of the installation's: it sees what they see, and has no failpoints."""
    os.environ.pop("SIGNALBOX_FAILPOINTS", None)
    os.environ.update(environment(folder / "rig", database, stack.broker), LOG_LEVEL="critical")
    django.setup()


def run_rows(given: argparse.Namespace, place: Place) -> int:
    """Those that need proxies have a rig with proxies; the others go to the servers directly."""
    from tests.chaos import matrix
    from tests.chaos.rig import Rig

    rows = chosen(matrix.load(), given, place.stack)
    failed = 0
    for is_proxied in (False, True):
        some = [row for row in rows if row.is_proxied is is_proxied]
        if some:
            with Rig(place, is_proxied=is_proxied) as rig:
                failed += sum(run_row(given, row, rig) for row in some)
    return 1 if failed else 0


def run_row(given: argparse.Namespace, row: "Row", rig: "Rig") -> int:
    """Run one row and write its line; gives the number of failures."""
    stack = rig.place.stack
    trials = given.trials or (count_on_commit(row, stack) if given.first else row.full)
    begun = time.monotonic()
    outcome = tried(row, rig, trials)
    write(given.out, line_of(row, outcome, stack, rig.place.seed), outcome, time.monotonic() - begun)
    return len(outcome.failures)


def chosen(rows: "dict[str, Row]", given: argparse.Namespace, stack: Stack) -> "list[Row]":
    names = given.rows.split(",") if given.rows else list(rows)
    unknown = [name for name in names if name not in rows]
    if unknown:
        sys.exit(f"There is no row {', '.join(unknown)}. The rows are {', '.join(rows)}.")
    fitting = [
        rows[name]
        for name in names
        if stack.letter in rows[name].stacks and (rows[name].on_commit or not given.first)
    ]
    which, of = given.part
    return fitting[which - 1 :: of]


def count_on_commit(row: "Row", stack: Stack) -> int:
    """On SQLite the first count; elsewhere one trial (reliability.md, section 7)."""
    return row.first if stack.is_embedded else 1


def tried(row: "Row", rig: object, trials: int) -> "Outcome":
    """The row's outcome; a row that breaks off has failed."""
    from django.db import connection

    from tests.chaos.matrix import Outcome

    try:
        return row.run(rig, trials)
    except Exception:
        connection.close()
        where = traceback.format_exc(limit=-2, chain=False)
        return Outcome(trials, [f"the row broke off: {where}"])


def line_of(row: "Row", outcome: "Outcome", stack: Stack, seed: int) -> dict[str, object]:
    return {
        "row": row.name,
        "n": outcome.count,
        "failures": len(outcome.failures),
        "longest": round(outcome.longest, 3),
        "measured": outcome.measured,
        "stack": stack.letter,
        "version": version(),
        "date": datetime.now(UTC).date().isoformat(),
        "seed": seed,
    }


def version() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


def write(out: Path, line: dict[str, object], outcome: "Outcome", took: float) -> None:
    with out.open("a") as file:
        file.write(json.dumps(line) + "\n")
    print(f"{line['row']}: n={line['n']} failures={line['failures']} longest={line['longest']} s, took {took:.0f} s",
          flush=True)  # fmt: skip
    for failure in outcome.failures[:SHOWN]:
        print(f"    {failure}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
