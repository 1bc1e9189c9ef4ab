"""Weeks of figures, written as the ledger would hold them, so that no runs need to be made."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from runs.models import Run, RunStatus, TallyEntry
from runs.monitoring.histogram import bucket_of
from runs.monitoring.windows import quarter_of
from tests.factories import make_run, make_workflow
from workflows.models import StatusSpan, Workflow

HOUR = timedelta(hours=1)
DAYS = 58


def watched(now: datetime, **changes: Any) -> Workflow:
    """A workflow that has been Active for months."""
    long_ago = now - timedelta(days=100)
    workflow = make_workflow(**changes)
    assert workflow.published is not None
    workflow.published.published_at = long_ago
    workflow.published.save()
    workflow.activated_at, workflow.last_run_at = long_ago, now - timedelta(minutes=2)
    workflow.save()
    StatusSpan.objects.filter(workflow=workflow).delete()
    StatusSpan.objects.create(workflow=workflow, status="active", since=long_ago)
    return workflow


def entry(
    workflow: Workflow, at: datetime, runs: int, *, status: str = "success", took: int = 1000
) -> TallyEntry:
    return TallyEntry(
        at=quarter_of(at),
        workflow=workflow,
        scope=workflow.scope,
        version=workflow.published_id or 0,
        trigger_kind="webhook",
        status=status,
        bucket=bucket_of(took),
        runs=runs,
        milliseconds=runs * took,
    )


def weeks(workflow: Workflow, now: datetime, per_hour: Callable[[datetime], int] = lambda _hour: 30) -> None:
    """Eight weeks and more of hourly counts; the last hour before `now` is empty."""
    hour = quarter_of(now).replace(minute=0) - 2 * HOUR
    hours = [hour - n * HOUR for n in range(DAYS * 24)]
    rows = [entry(workflow, one, per_hour(one)) for one in hours if per_hour(one)]
    TallyEntry.objects.bulk_create(rows)


def ended_runs(workflow: Workflow, at: datetime, n: int, *, status: str = RunStatus.SUCCESS) -> list[Run]:
    """Runs as rows, which the factory counts."""
    return [
        make_run(workflow, status=status, started_at=at, ended_at=at + timedelta(seconds=1), due_at=None)
        for _ in range(n)
    ]
