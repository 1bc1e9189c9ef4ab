"""The page of one run: its address, and an attempt to show on it."""

from typing import Any

from django.utils import timezone

from runs.models import Run, StepAttempt


def page_of(run: Run) -> str:
    return f"/automations/runs/{run.pk}/"


def attempt(run: Run, **changes: Any) -> StepAttempt:
    now = timezone.now()
    values = {"step_id": "greet", "kind": "set", "status": "success", "started_at": now, "ended_at": now}
    return StepAttempt.objects.create(run=run, **{**values, **changes})
