"""What pages cost: queries, bytes, nodes, and the time of a full database against a small one.

`python bench/pages.py` asks in-process, on SQLite databases of its own that are removed at the end; it ends with 1
where a budget of bench/page_budgets.py is broken. Milliseconds are told, not judged: machines differ.
"""

import importlib
import signal
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import stacks

SMALL = {"workflows": 200, "runs": 20_000, "requests": 3}
FULL = {"workflows": 5_000, "runs": 500_000, "requests": 45}


def main() -> int:
    """Prepare a data folder, then measure: the models may be imported only once the environment stands."""
    arguments = read_arguments()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with stacks.prepared("embedded") as stack:
        return int(importlib.import_module("bench.page_session").run(stack, arguments))


def read_arguments() -> Namespace:
    """The command line; what is left out comes from the chosen size."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="200 workflows and 20,000 runs, few requests")
    parser.add_argument(
        "--main", dest="every", action="store_false", help="leave out most of monitoring (--small does)"
    )
    parser.add_argument("--workflows", type=int, help="in the full database (5000)")
    parser.add_argument("--runs", type=int, help="in the full database (500000)")
    parser.add_argument("--requests", type=int, help="timed, per page and database (45)")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    arguments = parser.parse_args()
    arguments.every &= not arguments.small
    for name, value in (SMALL if arguments.small else FULL).items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    return arguments


if __name__ == "__main__":
    sys.exit(main())
