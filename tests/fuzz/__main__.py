"""`make fuzz ROWS=R34,R39 SEED=7`: run rows at their full counts and write a line for each.

`--trials N` runs another number. Exit code 1 when a trial failed.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.__main__ import line_of, prepare, tried, write
from tests.chaos.stacks import STACKS

STACK = STACKS["E"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--rows", default="", help="such as R34,R39; all when it is left out")
    parser.add_argument("--seed", type=int, default=0, help="drawn and printed when it is left out")
    parser.add_argument("--trials", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("fuzz.jsonl"))
    return parser.parse_args()


def main() -> int:
    given = arguments()
    seed = given.seed or random.randrange(1, 10**6)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="signalbox-fuzz-") as folder:
        prepare(Path(folder), "", STACK)
        return run_rows(given, seed)


def run_rows(given: argparse.Namespace, seed: int) -> int:
    from django.core.management import call_command

    from tests.fuzz.rows import ROWS

    names = given.rows.split(",") if given.rows else list(ROWS)
    unknown = set(names) - set(ROWS)
    if unknown:
        sys.exit(f"There is no row {', '.join(sorted(unknown))}. The rows are {', '.join(ROWS)}.")
    call_command("migrate", interactive=False, verbosity=0)
    failed = 0
    for name in names:
        row, begun = ROWS[name], time.monotonic()
        outcome = tried(row, seed, given.trials or row.full)
        failed += len(outcome.failures)
        write(given.out, line_of(row, outcome, STACK, seed), outcome, time.monotonic() - begun)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
