"""`make soak MINUTES=30 STACK=E SEED=7`: R84 for so long; exit code 1 when an invariant does not hold at the end."""

import argparse
import importlib
import random
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.chaos.__main__ import prepare
from tests.chaos.stacks import STACKS, Place, own_database


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--stack", choices=sorted(STACKS), default="E")
    parser.add_argument("--minutes", type=float, default=30, help="30; a whole day is 1440")
    parser.add_argument("--rate", type=float, default=20, help="deliveries a second (20)")
    parser.add_argument(
        "--kill-every", type=float, default=75, help="seconds between two blows, on average (75)"
    )
    parser.add_argument("--seed", type=int, default=0, help="drawn and printed when it is left out")
    parser.add_argument("--folder", type=Path, default=Path("soak"), help="for samples, drawing and result")
    return parser.parse_args()


def main() -> int:
    """A stack of its own that is removed at the end; samples, drawing and result stay in the folder."""
    given = arguments()
    # So that processes and database of its own are ended however it is ended.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    stack, seed = STACKS[given.stack], given.seed or random.randrange(1, 10**6)
    given.folder.mkdir(parents=True, exist_ok=True)
    print(f"stack {stack.letter} ({stack.title}), seed {seed}, {given.minutes:g} minutes", flush=True)
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="signalbox-soak-")))
        database = kept.enter_context(own_database(stack))
        prepare(folder, database, stack)
        session = importlib.import_module("tests.chaos.soak.session")
        return int(session.soak(given, Place(stack, folder / "rig", database, seed)))


if __name__ == "__main__":
    sys.exit(main())
