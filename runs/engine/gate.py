"""The gate: the workflow's row, locked. Claims and Pause or Stop serialise on it (reliability.md, rules 4 and 5)."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.db import connection

from config.clock import stamp
from runs.models import Run
from workflows.models import Cause, Status, Workflow


class Verdict(Enum):
    """What a claim does with a run, given how its workflow stands."""

    GO = "go"
    HOLD = "hold"
    SKIP = "skip"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Gate:
    """How a workflow stands under its lock; `moment` was read after the lock was held."""

    workflow_id: int
    status: str
    cause: str
    in_flight_choice: str
    moment: datetime

    @property
    def is_open(self) -> bool:
        return self.status == Status.ACTIVE

    @property
    def keeps(self) -> bool:
        """Whether what cannot start is kept: Paused, or stopped by the system."""
        return self.status == Status.PAUSED or (
            self.status == Status.NOT_RUNNING and self.cause not in ("", Cause.PERSON)
        )

    def lets_pass(self, run: Run) -> bool:
        """Tests always; what was marked to run while paused, while paused and no longer."""
        return run.is_test or (run.passes_gate and self.status == Status.PAUSED)

    def verdict(self, run: Run) -> Verdict:
        """GO, or what becomes of the run. Starting needs an open gate; continuing follows the in-flight choice."""
        if self.is_open or self.lets_pass(run):
            return Verdict.GO
        if run.started_at is None:
            return Verdict.HOLD if self.keeps else Verdict.SKIP
        if not self.keeps:
            return Verdict.CANCEL
        choices = {"finish": Verdict.GO, "cancel": Verdict.CANCEL}
        return choices.get(self.in_flight_choice, Verdict.HOLD)


def locked_gate(workflow_id: int) -> Gate:
    """Lock the workflow's row until the transaction ends and read how it stands.

    On SQLite the transaction is IMMEDIATE, hence the lock; `select_for_update()` would be a plain SELECT.
    """
    rows = Workflow.objects.filter(pk=workflow_id)
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(no_key=True)
    status, cause, choice = rows.values_list("status", "cause", "in_flight_choice").get()
    return Gate(workflow_id, status, cause, choice, stamp())
