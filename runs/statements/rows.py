"""What goes into the hot statements and what comes out of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from uuid import UUID

from runs.models import Run, StepAttempt

NEWEST_SHARE = 4
"""Of a batch, one in so many places is for the newest run that waits; the others are for the oldest."""


def shares(most: int) -> dict[str, int]:
    """How many of the `oldest` and of the `newest` runs that wait make a batch."""
    newest = most // NEWEST_SHARE
    return {"oldest": most - newest, "newest": newest}


@dataclass(frozen=True, slots=True)
class Receiver:
    """A live webhook trigger, its sealed secrets, and how its workflow stands at `moment`, which is read with it;
    `content_hash` names the published version's definition."""

    trigger_pk: int
    trigger_id: str
    secret: str
    previous_secret: str
    previous_until: datetime | None
    workflow_pk: int
    status: str
    version_pk: int
    content_hash: str
    moment: datetime

    @property
    def sealed_secrets(self) -> list[str]:
        """The encrypted secrets that are valid, newest first: the old one for 24 h after a rotation."""
        old = self.previous_until is not None and self.previous_until > self.moment
        return [text for text in (self.secret, self.previous_secret if old else "") if text]


class Entry(Enum):
    """What became of a run that was to be entered. IN_COMPANY: one commit entered several instant runs, and whoever
    brought the first of them wakes for all."""

    REFUSED = "refused"
    ENTERED = "entered"
    IN_COMPANY = "in company"


@dataclass(frozen=True, slots=True)
class NewRun:
    """A production run that starts as soon as a worker is free. `input` is JSON text."""

    id: UUID
    workflow_pk: int
    version_pk: int
    trigger_pk: int | None
    trigger_kind: str
    trigger_id: str
    delivery_id: str
    correlation: str
    input: str
    received_at: datetime
    is_instant: bool


@dataclass(frozen=True, slots=True)
class Found:
    """An open run with what of its surroundings a claim needs, read at `moment`; `status` is its workflow's. Held triggers
    have no version yet: then `version_number` is 0 and `content_hash` empty."""

    run: Run
    workflow_name: str
    status: str
    scope_ref: str
    version_number: int
    content_hash: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """What a claim at `moment` wrote, or left as it was."""

    moment: datetime
    started_at: datetime
    deadline_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """A run that was claimed for the first time: `fence` is this claim's, `started_at` its stamp."""

    id: UUID
    workflow_pk: int
    version_pk: int
    scope_pk: int
    trigger_kind: str
    trigger_id: str
    delivery_id: str
    correlation: str
    input: str
    received_at: datetime
    fence: int
    workflow_name: str
    scope_ref: str
    version_number: int
    content_hash: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """How a claimed run ends. Texts are ready to be stored; `attempts` are not stored yet.

    `saved`: milliseconds of people's time (runs/monitoring/ledger.py). `names_run`: its attempts are to be counted, so that
    its entry names it; what is instant has none that count.
    """

    id: UUID
    fence: int
    workflow_pk: int
    version_pk: int
    scope_pk: int
    trigger_kind: str
    started_at: datetime
    saved: int
    status: str
    reason: str
    error: str
    error_code: str
    error_step: str
    output: str
    attempts: Sequence[StepAttempt]
    names_run: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """Which runs closed, when, and which of their workflows wait for their last run in flight."""

    ids: frozenset[UUID] = frozenset()
    moment: datetime | None = None
    draining: Sequence[int] = field(default_factory=tuple)
