"""Why a walk through a run's steps stops: raised at a boundary, settled by the executor."""

from dataclasses import dataclass
from datetime import datetime

from runs.models import RunStatus


class ClaimLost(Exception):
    """Another claim, a kill or a cancel took the run: this worker may write nothing more."""


@dataclass
class Halt(Exception):
    """The base: the walk is over for now."""


@dataclass
class Ends(Halt):
    """The run closes with this outcome. `step` is where it failed."""

    status: str = RunStatus.SUCCESS
    message: str = ""
    code: str = ""
    step: str = ""


@dataclass
class Waits(Halt):
    """The run waits: a delay, a retry, a child run, or a worker that stops. `due_at` None: until `child` ends."""

    due_at: datetime | None
    reason: str
    child: str = ""


@dataclass
class Holds(Halt):
    """The run halts at a boundary because its workflow was paused with "hold"."""


@dataclass
class Asks(Halt):
    """A person must decide about an attempt whose outcome is unknown."""

    step: str
