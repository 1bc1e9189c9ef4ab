"""What two ways to the same row must agree on."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from runs.models import Run, StepAttempt
from runs.statements import Ending

STEP = {"id": "one", "kind": "set", "values": {"a": 1}}
OWN = {"id", "correlation", "received_at", "due_at", "started_at", "ended_at", "lease_until", "deadline_at"}


def fields_of(run: Run, *, but: set[str] = OWN) -> dict[str, Any]:
    names = [field.attname for field in Run._meta.concrete_fields]
    return {name: getattr(run, name) for name in names if name not in but}


def ending(run: Run, fence: int, **changes: Any) -> Ending:
    attempt = StepAttempt(
        run_id=run.pk, step_id="one", kind="set", status="success", fence=fence, started_at=timezone.now()
    )
    values: dict[str, Any] = {
        "id": run.pk,
        "fence": fence,
        "workflow_pk": run.workflow_id,
        "version_pk": run.version_id,
        "scope_pk": run.scope_id,
        "trigger_kind": run.trigger_kind,
        "started_at": timezone.now() - timedelta(seconds=2),
        "saved": 60_000,
        "status": "success",
        "reason": "",
        "error": "",
        "error_code": "",
        "error_step": "",
        "output": '"done"',
        "attempts": [attempt],
    }
    return Ending(**{**values, **changes})
