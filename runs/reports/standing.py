"""How long workflows were paused or not running in a period, from the spans of their status."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from runs.monitoring import figures
from runs.monitoring.windows import Window
from workflows.lifecycle import Status
from workflows.models import Workflow

NAMED: Final = 10


def of(window: Window, workflows: Mapping[int, Workflow], moment: datetime) -> dict[str, Any]:
    """Seconds in Paused and Not Running, summed over workflows, and who was paused longest; up to `moment`."""
    paused, halted = Counter[int](), Counter[int]()
    times = Counter[int]()
    end = min(window.end, moment)
    for span in figures.statuses(window, list(workflows)):
        seconds = _inside(span.since, span.until or end, window.start, end)
        if span.status == Status.PAUSED:
            paused[span.workflow_id] += seconds
            times[span.workflow_id] += 1
        elif span.status == Status.NOT_RUNNING:
            halted[span.workflow_id] += seconds
    longest = [
        {
            "workflow": pk,
            "name": workflows[pk].name,
            "scope": workflows[pk].scope.name,
            "seconds": seconds,
            "pauses": times[pk],
        }
        for pk, seconds in paused.most_common(NAMED)
        if seconds
    ]
    return {
        "paused_seconds": paused.total(),
        "not_running_seconds": halted.total(),
        "longest_paused": longest,
    }


def _inside(since: datetime, until: datetime, start: datetime, end: datetime) -> int:
    return max(0, round((min(until, end) - max(since, start)).total_seconds()))
