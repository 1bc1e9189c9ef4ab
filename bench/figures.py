"""Whether figures stay exact under load: `python bench/figures.py --help`.

Drives the product's own acceptance, engine, verbs and retention until so many runs have closed, over a hundred days,
and then asks `metrics verify`, before and after a part of the runs was removed. Ends with 1 when a figure is wrong.
"""

import importlib
import os
import signal
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import stacks


def main() -> int:
    """Prepare a stack of its own, then work: the models may be imported only once the environment stands."""
    arguments = read_arguments()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    os.environ["LOG_LEVEL"] = "error"
    with stacks.prepared(arguments.stack, postgres=arguments.postgres, broker=arguments.broker) as stack:
        return int(importlib.import_module("bench.figures_session").run(stack, arguments))


def read_arguments() -> Namespace:
    """The command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5_000, help="to be closed at least (default 5000)")
    parser.add_argument("--stack", choices=stacks.NAMES, default="embedded")
    parser.add_argument("--seed", type=int, default=1, help="of what is sent and done (default 1)")
    parser.add_argument(
        "--senders", type=int, default=2, help="processes that accept, of eight threads each (2)"
    )
    parser.add_argument("--workers", type=int, default=2, help="worker processes (default 2)")
    parser.add_argument("--turn", type=int, default=1_000, help="runs between two steps of the clock (1000)")
    parser.add_argument("--minutes", type=float, default=600, help="after which nothing more is sent (600)")
    parser.add_argument(
        "--spoil", action="store_true", help="falsify one tally after the load, to see it found"
    )
    parser.add_argument("--postgres", default=stacks.POSTGRES, help="server; a database is made and dropped")
    parser.add_argument("--broker", default="", help="address of the broker, else the usual one on loopback")
    parser.add_argument("--json", type=Path, help="also write everything that was found to this file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
