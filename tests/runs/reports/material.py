"""A week with everything that a report tells: runs that ended well and badly, missed triggers, pauses, versions, values."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from config.ids import id_at
from runs.models import RecordedValue, Run, StepAttempt
from runs.monitoring.checking import rebuild
from tests.factories import DEFINITION, make_run, make_version, make_workflow
from workflows.models import Scope, StatusSpan, Workflow

# Week 47 of 2026 begins on Monday 16 November.
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
MAIL = {"id": "mail", "kind": "send_email", "to": "a@example.test", "subject": "s", "text": "t"}


def flow(name: str, *, scope: Scope | None = None, minutes: float | None = 4) -> Workflow:
    settings = {} if minutes is None else {"minutes_saved_per_run": minutes}
    definition = {**DEFINITION, "steps": [MAIL], "settings": settings}
    workflow = make_workflow(name, definition=definition, scope=scope)
    workflow.published.published_at = MONDAY - timedelta(days=30)
    workflow.published.save()
    return workflow


def ran(workflow: Workflow, count: int, status: str = "success", **changes: Any) -> list[Run]:
    """Runs that ended an hour apart from Monday on, each took 2 s."""
    first = changes.pop("first", MONDAY + HOUR)
    runs = []
    for number in range(count):
        end = first + number * HOUR
        values = {
            "status": status,
            "ended_at": end,
            "received_at": end,
            "due_at": None,
            "trigger_kind": "webhook",
        }
        if status != "skipped":
            values |= {"started_at": end - timedelta(seconds=2)}
        runs.append(make_run(workflow, id=id_at(end - timedelta(seconds=2)), **{**values, **changes}))
    return runs


def attempted(run: Run, *, failed: bool = False) -> StepAttempt:
    assert run.started_at
    return StepAttempt.objects.create(
        run=run, step_id="mail", kind="send_email", number=1, fence=1,
        status="failed" if failed else "success",
        started_at=run.started_at, ended_at=run.started_at + timedelta(seconds=1),
    )  # fmt: skip


def worth(run: Run, value: str, unit: str = "AUD") -> None:
    RecordedValue.objects.create(run=run, step_id="worth", name="lead", value=Decimal(value), unit=unit)


def spans(workflow: Workflow, *parts: tuple[str, datetime, datetime | None]) -> None:
    StatusSpan.objects.filter(workflow=workflow).delete()
    for status, since, until in parts:
        StatusSpan.objects.create(workflow=workflow, status=status, since=since, until=until)


def full_week(
    scope: Scope | None = None, *, flows: int = 1, name: str = "Lead qualification"
) -> list[Workflow]:
    """Each workflow: 30 successes, 10 failures, 2 cancelled, 5 missed; two hours paused; the week before 20 runs."""
    made = []
    for number in range(flows):
        workflow = flow(f"{name} {number}" if flows > 1 else name, scope=scope)
        good = ran(workflow, 30)
        bad = ran(workflow, 10, "failed", first=MONDAY + timedelta(days=2))
        for run in good:
            attempted(run)
            worth(run, "12.50")
        for run in bad:
            attempted(run, failed=True)
        ran(workflow, 2, "cancelled", first=MONDAY + timedelta(days=3))
        ran(workflow, 3, "skipped", reason="paused", version=None, first=MONDAY + timedelta(days=4))
        ran(workflow, 2, "skipped", reason="expired", version=None, first=MONDAY + timedelta(days=4))
        ran(workflow, 4, "skipped", reason="overlap", version=None, first=MONDAY + timedelta(days=4))
        ran(workflow, 20, first=MONDAY - timedelta(days=3))
        pause = MONDAY + timedelta(days=4)
        spans(
            workflow,
            ("active", MONDAY - timedelta(days=30), pause),
            ("paused", pause, pause + 2 * HOUR),
            ("active", pause + 2 * HOUR, None),
        )
        version = make_version(
            workflow, state="superseded", definition={**DEFINITION, "steps": [MAIL]}, author="kim"
        )
        version.published_at = MONDAY + timedelta(days=1)
        version.save()
        made.append(workflow)
    rebuild()
    return made
