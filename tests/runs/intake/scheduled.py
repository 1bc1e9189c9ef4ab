"""Workflows with a watched schedule, and what became of its due instants."""

from datetime import UTC, datetime, timedelta
from typing import Any

from runs.intake.schedules import arm, fire_due
from runs.models import Run
from tests.runs.intake.material import make_triggered
from workflows.models import Status, Workflow

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def scheduled(*, armed_at: datetime = START, status: str = Status.ACTIVE, **fields: Any) -> Workflow:
    rule = {"id": "tick", "kind": "schedule", **fields}
    if not {"cron", "every"} & set(fields):
        rule["every"] = "PT1M"
    since = {"paused_at": armed_at} if status == Status.PAUSED else {}
    workflow = make_triggered(rule, status=status, **since)
    arm(workflow, armed_at)
    return workflow


def told() -> list[tuple[int, str, str]]:
    """What became of each due instant: minutes after the start, status, reason."""
    runs = Run.objects.order_by("received_at").values_list("received_at", "status", "reason")
    return [(round((at - START) / MINUTE), status, reason) for at, status, reason in runs]


def fire_all(now: datetime) -> int:
    """As the scheduler does: until nothing is left."""
    total = 0
    while count := fire_due(now):
        total += count
    return total


def rename(workflow: Workflow, name: str) -> Workflow:
    workflow.name = name
    workflow.save()
    return workflow
