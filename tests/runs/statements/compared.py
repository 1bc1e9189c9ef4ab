"""What two ways to the same row must agree on."""

from typing import Any

from runs.models import Run

STEP = {"id": "one", "kind": "set", "values": {"a": 1}}
OWN = {"id", "correlation", "received_at", "due_at", "started_at", "ended_at", "lease_until", "deadline_at"}


def fields_of(run: Run, *, but: set[str] = OWN) -> dict[str, Any]:
    names = [field.attname for field in Run._meta.concrete_fields]
    return {name: getattr(run, name) for name in names if name not in but}
