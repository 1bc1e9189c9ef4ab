"""The engine's hot statements in plain SQL; everything else goes through the ORM.

Building one of these through the ORM costs more than executing it: intake's look-up and insert, and for instant runs
(`Run.is_instant`) the claim and the close of many at once. Each database has its own module with the same functions:

- `receiver(address)`: who takes webhook deliveries at an address.
- `enter(run)`: the Pending run of a workflow that is Active, with its delivery id; refused, and nothing is written, when
  the workflow does not stand as it was read or the delivery id is known: then the long way decides.
- `take(owner, most)`: claims the oldest instant runs that wait, behind the gate of each one's workflow.
- `note(taken)`: when their workflows ran last.
- `close(endings)`: ends claimed runs and stores their attempts; each run checks its own fence and wish, and drops out
  alone.

For one run by itself, whatever its steps do (runs/statements/alone.py):

- `find(run_id)`: an open run with its surroundings.
- `begin(run, owner, longest)`: claims it as it was found, behind its workflow's gate.
- `mark(run_id, fence, deaths)`: whether a claim holds, what the run is to do, and its count of deaths.
- `store(attempt)`: an attempt as it is now.
- `unit(work)`: a short transaction, which SQLite commits together with those of other threads.
"""

from collections.abc import Sequence
from datetime import timedelta
from types import ModuleType
from uuid import UUID

from django.db import connection

from runs.models import Run, StepAttempt
from runs.statements import alone, postgresql, sqlite
from runs.statements.rows import Begun, Closed, Ending, Entry, Found, NewRun, Receiver, Taken
from runs.statements.units import unit

__all__ = [
    "Begun",
    "Closed",
    "Ending",
    "Entry",
    "Found",
    "NewRun",
    "Receiver",
    "Taken",
    "begin",
    "close",
    "enter",
    "find",
    "mark",
    "note",
    "receiver",
    "store",
    "take",
    "unit",
]


def _dialect() -> ModuleType:
    return postgresql if connection.vendor == "postgresql" else sqlite


def receiver(address: str) -> Receiver | None:
    """The live webhook trigger at an address with how its workflow stands; None where nothing takes deliveries."""
    found: Receiver | None = _dialect().receiver(address)
    return found


def enter(run: NewRun) -> Entry:
    """Enter a Pending run; committed when this returns, unless it is REFUSED or the caller has a transaction open."""
    entry: Entry = _dialect().enter(run)
    return entry


def take(owner: str, most: int) -> list[Taken]:
    """Claim up to `most` instant runs that are due, oldest first; committed when this returns."""
    taken: list[Taken] = _dialect().take(owner, most)
    return taken


def note(taken: Sequence[Taken]) -> None:
    """See that each workflow knows when it ran last; to be called once the runs are closed: nobody waits for it."""
    _dialect().note(taken)


def close(endings: Sequence[Ending]) -> Closed:
    """End these runs in one transaction. What it names as closed is; the others were changed or lost meanwhile."""
    closed: Closed = _dialect().close(endings)
    return closed


def find(run_id: str) -> Found | None:
    """The open run of this id, a UUID's text; None for a run that is closed or unknown."""
    return alone.find(run_id)


def begin(run: Run, owner: str, longest: timedelta) -> Begun | None:
    """Claim a run that is due, and whose workflow is Active; committed when this returns.

    None, and nothing is written, where it is no longer as it was read, was asked to hold or to end, or may not start.
    `longest`: after how long its deadline lies, if it has none. Limits of the workflow are the caller's to keep.
    """
    return alone.begin(run, owner, longest)


def mark(run_id: UUID, fence: int, deaths: int) -> str | None:
    """Lock a claimed run until the transaction ends and set its count of deaths; gives its wish, None where the claim
    was lost."""
    return alone.mark(run_id, fence, deaths)


def store(attempt: StepAttempt) -> None:
    """Insert an attempt, which then has its key, or write all of it anew; inside the caller's transaction."""
    alone.store(attempt)
