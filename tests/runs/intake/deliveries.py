"""Sending one delivery to a webhook through Django's test client, and what it left."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from audit.models import AuditEvent
from runs.models import Delivery, Run
from tests.runs.intake.material import (
    HOOK,
    make_triggered,
    trigger_of,
)
from workflows.models import Trigger

JSON = "application/json"


def post(
    trigger: Trigger, content: bytes | str = b"{}", content_type: str = JSON, **headers: str
) -> HttpResponse:
    path = f"/hooks/{trigger.address}"
    return Client().generic("POST", path, content, content_type, headers=headers, CONTENT_TYPE=content_type)


def plain(**changes: Any) -> Trigger:
    """A live webhook trigger without signature; keywords are fields of the trigger or the workflow."""
    fields = {name: changes.pop(name) for name in ("methods", "dedupe") if name in changes}
    return trigger_of(make_triggered({**HOOK, **fields}, **changes))


def only_input() -> dict[str, Any]:
    return json.loads(Run.objects.get().input)


def nothing_left() -> bool:
    """No run, no delivery id, no audit event but those of the factories."""
    events = AuditEvent.objects.exclude(event="Changed outside the services")
    return (Run.objects.count(), Delivery.objects.count(), events.count()) == (0, 0, 0)
