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
"""

from collections.abc import Sequence
from types import ModuleType

from django.db import connection

from runs.statements import postgresql, sqlite
from runs.statements.rows import Closed, Ending, Entry, NewRun, Receiver, Taken

__all__ = [
    "Closed",
    "Ending",
    "Entry",
    "NewRun",
    "Receiver",
    "Taken",
    "close",
    "enter",
    "note",
    "receiver",
    "take",
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
