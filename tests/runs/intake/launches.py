"""A watched launch: triggers sent to it, and how their runs stand."""

from typing import Any

from config.clock import stamp
from runs.intake import start
from runs.models import Run
from tests.runs.intake.firings import occurrence, place, run_of
from workflows.lifecycle import Status
from workflows.models import Workflow

PENDING, HELD, PAUSED = ("pending", ""), ("held", "launch"), ("held", "paused")
RELEASING = ("held", "releasing")


def launched(text: str = "first 3", **changes: Any) -> Workflow:
    return place(Status.ACTIVE, launch=text, **changes)


def send_hooks(workflow: Workflow, count: int, **changes: Any) -> list[Run]:
    trigger = workflow.triggers.get(trigger_id="hook")
    return [
        run_of(start(trigger, workflow.pk, occurrence(received_at=stamp(), **changes))) for _ in range(count)
    ]


def standings(workflow: Workflow) -> list[tuple[str, str]]:
    return list(Run.objects.filter(workflow=workflow).order_by("pk").values_list("status", "reason"))


def tally(workflow: Workflow) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for standing in standings(workflow):
        found[standing] = found.get(standing, 0) + 1
    return found
