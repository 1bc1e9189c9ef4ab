"""Reading the audit log in tests."""

import json
from typing import Any

from audit.models import AuditEvent
from audit.verbs import AuditWord


def words(*, kind: str = "") -> list[str]:
    """The events so far, oldest first, of one kind of subject where it is given.

    Left out is what the factories leave, since they save without a service.
    """
    events = AuditEvent.objects.exclude(event=AuditWord.CHANGED_OUTSIDE).order_by("id")
    if kind:
        events = events.filter(subject_kind=kind)
    return list(events.values_list("event", flat=True))


def newest() -> AuditEvent:
    return AuditEvent.objects.order_by("-id")[0]


def change_of(event: AuditEvent) -> tuple[dict[str, Any], dict[str, Any]]:
    return json.loads(event.before), json.loads(event.after)


def everything() -> str:
    """All that the audit log holds, as one text."""
    return json.dumps(list(AuditEvent.objects.values()), default=str)
