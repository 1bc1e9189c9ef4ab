"""Replays a real event log through two workflows and prints what the figures show: `python bench/replay_log.py`.

The log (tests/fetch_event_log.sh) is the receipt phase of a Dutch municipality's building permits, 1,434 cases and 8,577
events from October 2010 to January 2012. Each event is sent to `POST /api/v1/events` and executed by the engine, both
told the time of the event: the log's own times, moved by whole weeks so that it ends in the week before this one. Nothing
is compressed, so weekdays, hours and durations are those of the log. With `--keep` the data folder stays, to be looked
at by `SIGNALBOX_DATA=… TIME_ZONE=Europe/Amsterdam python manage.py up`.
"""

import importlib
import os
import shutil
import sys
from argparse import ArgumentParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import stacks

LOG = Path(__file__).resolve().parent.parent / ".testdeps" / "event-log" / "receipt.csv"


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--log", type=Path, default=LOG)
    parser.add_argument("--weeks", type=int, default=0, help="only the last so many weeks (0: all)")
    parser.add_argument("--look-days", type=int, default=0, help="look for findings in the last so many days")
    parser.add_argument("--keep", type=Path, help="leave the data folder here")
    arguments = parser.parse_args()
    os.environ["TIME_ZONE"] = "Europe/Amsterdam"
    with stacks.prepared("embedded") as stack:
        session = importlib.import_module("bench.log_session")
        session.run(arguments.log, weeks=arguments.weeks, look_days=arguments.look_days)
        if arguments.keep:
            shutil.copytree(stack.data, arguments.keep)


if __name__ == "__main__":
    main()
