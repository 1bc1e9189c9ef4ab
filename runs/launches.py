"""How a watched launch goes: its limit, what came, what it holds."""

from dataclasses import dataclass

from runs.intake.occurrences import LAUNCH
from runs.models import Run, RunStatus
from workflows.launch import SCOPE, Launch
from workflows.models import Workflow


@dataclass(frozen=True)
class Progress:
    """One launch. `seen`: triggers since the start; `let`: those that became runs at once, None where scopes decide;
    `held`: what it holds now."""

    limit: Launch
    seen: int
    let: int | None
    held: int

    @property
    def is_used_up(self) -> bool:
        """Whether every further trigger is held."""
        return self.limit.kind == "first" and self.seen >= self.limit.amount


def progress(workflow: Workflow) -> Progress | None:
    """The launch of a workflow; None where all its triggers become runs. One query."""
    limit, seen = workflow.limit, workflow.launch_seen
    if limit is None:
        return None
    held = Run.objects.filter(workflow=workflow, status=RunStatus.HELD, reason=LAUNCH).order_by()
    return Progress(limit, seen, None if limit.kind == SCOPE else limit.let(seen, workflow.pk), held.count())
