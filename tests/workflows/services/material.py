"""Workflow files and steps that the tests of content services share."""

import json
from typing import Any

from audit.models import AuditEvent
from workflows import services
from workflows.models import Workflow

TRIGGERS: list[dict[str, Any]] = [
    {"id": "form", "kind": "webhook", "signature": {"preset": "github"}},
    {"id": "captured", "kind": "event", "event": "data.captured"},
    {"id": "nightly", "kind": "schedule", "cron": "30 2 * * *", "timezone": "Australia/Sydney"},
    {"id": "by_hand", "kind": "manual"},
]
STEPS: list[dict[str, Any]] = [{"id": "greet", "kind": "set", "values": {"text": "Hello {{ run.id }}"}}]


def document(name: str = "Lead", **changes: Any) -> dict[str, Any]:
    """A workflow file whose checks find no error; one webhook lacks its secret only when TRIGGERS are asked for."""
    return {
        "format": "signalbox/1",
        "name": name,
        "triggers": [TRIGGERS[1], TRIGGERS[3]],
        "steps": STEPS,
        **changes,
    }


def other_steps(text: str = "Bye") -> list[dict[str, Any]]:
    """Steps that differ from those of `document()`."""
    return [{"id": "greet", "kind": "set", "values": {"text": text}}]


def imported(name: str = "Lead", **changes: Any) -> Workflow:
    """A Draft made from a file."""
    return services.import_file(json.dumps(document(name, **changes))).workflows[0]


def active(name: str = "Lead", **changes: Any) -> Workflow:
    """An Active workflow made from a file."""
    return services.run(imported(name, **changes).pk, accept_warnings=True).workflow


def events() -> list[str]:
    """The words of the whole trail, oldest first."""
    return list(AuditEvent.objects.order_by("id").values_list("event", flat=True))


def events_after(count: int) -> list[str]:
    """The words that came after the first `count` events."""
    return events()[count:]


def newest_event() -> AuditEvent:
    """The last event of the trail."""
    return AuditEvent.objects.order_by("-id")[0]
