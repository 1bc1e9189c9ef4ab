"""Findings as rows, for pages."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from runs.models import Finding
from tests.factories import make_workflow

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FACTS: dict[str, dict[str, Any]] = {
    "failures": {"failed": 2, "ended": 3, "above_rule": 1},
    "spike": {},
    "silence": {},
    "duration": {"superiority": 0.9, "runs": 3},
    "slow_schedule": {"late": 1, "runs": 3},
}


def make_finding(workflow: Any = None, kind: str = "failures", **changes: Any) -> Finding:
    workflow = workflow or make_workflow()
    fields = {
        "workflow": workflow,
        "scope": workflow.scope,
        "kind": kind,
        "since": NOON - HOUR,
        "found_at": NOON,
        "last_seen": NOON,
        "window_from": NOON - HOUR,
        "window_to": NOON,
        "score": 7.5,
        "observed": 0.6667,
        "expected": 0.01,
        "facts": json.dumps(FACTS[kind]),
        **changes,
    }
    return Finding.objects.create(**fields)
