"""How fast the engine is on one stack, with the floors of the same run: `python bench/engine.py --help`."""

import importlib
import signal
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import stacks


def main() -> None:
    """Prepare a stack of its own, then measure: the models may be imported only once the environment stands."""
    arguments = read_arguments()
    # So that processes and databases of its own are ended however it is ended.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with stacks.prepared(arguments.stack, postgres=arguments.postgres, broker=arguments.broker) as stack:
        importlib.import_module(f"bench.{chosen(arguments)}").run(stack, arguments)


def chosen(arguments: Namespace) -> str:
    """The module that measures what was asked for."""
    asked = {
        "growth": arguments.growth,
        "counting": arguments.counting,
        "verifying": arguments.verify,
        "sides": arguments.by_turns,
        "side": arguments.side,
        "acting": arguments.acting,
        "session": True,
    }
    return next(name for name, is_asked in asked.items() if is_asked)


def read_arguments() -> Namespace:
    """The command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--stack", choices=stacks.NAMES, default="embedded")
    parser.add_argument("--seconds", type=float, default=8, help="of sending, per concurrency (default 8)")
    parser.add_argument("--concurrency", type=counts, default=[1, 16, 64], help="default 1,16,64")
    parser.add_argument("--workers", type=int, default=1, help="worker processes (default 1)")
    parser.add_argument("--idle", type=int, default=200, help="single requests for the idle latency (200)")
    parser.add_argument(
        "--pauses", type=int, default=30, help="pauses, with workers stopped and running (30)"
    )
    parser.add_argument("--pending", type=int, default=5_000, help="runs Pending at each pause (5000)")
    growth = parser.add_argument_group("growth")
    growth.add_argument("--growth", action="store_true", help="also with a full database, a backlog and more")
    growth.add_argument("--runs", type=int, default=1_000_000, help="in the full database (1000000)")
    growth.add_argument("--workflows", type=int, default=5_000, help="in the full database (5000)")
    growth.add_argument("--backlog", type=int, default=100_000, help="runs Pending (100000)")
    growth.add_argument("--drain-seconds", type=float, default=120, help="to watch the backlog drain (120)")
    parser.add_argument("--acting", action="store_true", help="only: runs that each send a request")
    sides = parser.add_argument_group("sides")
    sides.add_argument(
        "--by-turns", type=int, help="only: more workers and a full database beside one on an empty one"
    )
    sides.add_argument("--side", action="store_true", help="be one of them")
    sides.add_argument("--full", action="store_true", help="with a full database")
    counting = parser.add_argument_group("counting")
    counting.add_argument("--counting", action="store_true", help="only: runs with and without being counted")
    counting.add_argument("--rounds", type=int, default=15, help="each way (15)")
    counting.add_argument("--together", type=int, default=320, help="runs a round (320)")
    verifying = parser.add_argument_group("verifying")
    verifying.add_argument(
        "--verify", type=int, help="only: so many runs at concurrency 16, then metrics verify"
    )
    verifying.add_argument(
        "--minutes", type=float, default=600, help="after which nothing more is sent (600)"
    )
    parser.add_argument("--postgres", default=stacks.POSTGRES, help="server; a database is made and dropped")
    parser.add_argument("--broker", default="", help="address of the broker, else the usual one on loopback")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    return parser.parse_args()


def counts(text: str) -> list[int]:
    """Numbers with commas."""
    return [int(word) for word in text.split(",")]


if __name__ == "__main__":
    main()
