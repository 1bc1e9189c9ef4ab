"""Occurrences of every kind, and workflows that have a trigger of each."""

from datetime import UTC, datetime
from typing import Any

from runs.intake import Accepted, Occurrence
from runs.models import Run
from tests.runs.intake.material import HOOK, make_triggered
from workflows.models import Workflow

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KINDS = ("webhook", "event", "schedule", "manual", "workflow")
TRIGGERS = (
    HOOK,
    {"id": "listens", "kind": "event", "event": "lead.captured"},
    {"id": "hourly", "kind": "schedule", "cron": "@hourly"},
    {"id": "by_hand", "kind": "manual"},
)


def occurrence(kind: str = "webhook", **changes: Any) -> Occurrence:
    name = "data" if kind != "webhook" else "body"
    given = {"kind": kind, "input": {name: {"n": 1}}, "received_at": NOW, "trigger_id": "hook"}
    return Occurrence(**{**given, **changes})


def run_of(accepted: Accepted) -> Run:
    return Run.objects.get(pk=accepted.run_id)


def place(status: str, **changes: Any) -> Workflow:
    return make_triggered(*TRIGGERS, status=status, **changes)
