"""What intake is told about one firing of a trigger, and what it answers."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from workflows.lifecycle import Refusal
from workflows.models import Version

WEBHOOK, EVENT, SCHEDULE, MANUAL, WORKFLOW = "webhook", "event", "schedule", "manual", "workflow"

PAUSED = "paused"
NOT_RUNNING = "not running"
OVERLAP = "overlap"
RATE_LIMIT = "rate limit"
OUTAGE = "outage"
LAUNCH = "launch"


@dataclass(frozen=True)
class Occurrence:
    """One firing. `kind`: webhook, event, schedule, manual or workflow (started by a step of another one).

    `input` holds `body` or `data`, and where known `headers` and `query`; `delivery_id` makes repeats known
    where there is a trigger. `depth`: how many runs lie above it (runs/intake/depths.py). `is_test` passes in
    every status but Archived, `passes_gate` while Paused. `parent`, `replay_of` are run ids. `version` is the
    one to run, else the published one; `due_at` when it may start, else at once. `scopes` are the scope it was
    sent to and those above it, by `ref`; events alone have them. `recorded_at`: when it was noticed, where that
    is later than `received_at`.
    """

    kind: str
    input: Mapping[str, Any]
    received_at: datetime
    trigger_id: str = ""
    delivery_id: str = ""
    correlation: str = ""
    is_test: bool = False
    simulates: bool = False
    passes_gate: bool = False
    parent: uuid.UUID | None = None
    depth: int = 0
    replay_of: uuid.UUID | None = None
    replay_from: str = ""
    version: Version | None = None
    due_at: datetime | None = None
    recorded_at: datetime | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def is_plain(self) -> bool:
        """Whether a trigger fired by itself, and nothing but its workflow's status decides about it."""
        return self.is_trigger and self.version is None

    @property
    def is_from_outside(self) -> bool:
        """Whether another system sent it: then it is kept or recorded as skipped; people and steps are refused."""
        return self.kind in (WEBHOOK, EVENT) and self.replay_of is None

    @property
    def is_trigger(self) -> bool:
        """Whether a trigger fired, and neither a person, a test, a replay nor another run is behind it."""
        by_itself = self.kind in (WEBHOOK, EVENT, SCHEDULE) and self.replay_of is None
        return by_itself and not (self.is_test or self.passes_gate)


@dataclass(frozen=True)
class Accepted:
    """The run that an occurrence left. `status` is pending, held or skipped; `reason` says why it is not pending.

    With `duplicate` the delivery id was known: this is the first answer again, and nothing was started.
    """

    run_id: uuid.UUID
    status: str
    reason: str = ""
    duplicate: bool = False


def trigger_names(kind: str, trigger_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What `trigger` holds in templates and conditions.

    `body` and `data` both name the payload, whichever way it came: steps serve the webhook, the event, the run
    started by hand and the test alike.
    """
    names = {**given, "kind": kind, "id": trigger_id}
    if "body" in given:
        return {"data": given["body"], **names}
    if "data" in given:
        return {"body": given["data"], **names}
    return names


class UnknownTarget(Refusal):
    """Nothing takes this occurrence: the workflow is a Draft, was deleted, or its trigger was removed."""

    code = "unknown"
    http_status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no published workflow that takes this."))


class HoldFull(Exception):
    """A paused workflow keeps as many triggers as it may. `retry_after`: seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after
