"""Present statuses, for comparison with the last audited ones: filled by the apps that have them."""

import json
from collections.abc import Callable, Iterable
from typing import NamedTuple

from audit.models import AuditEvent
from audit.verbs import AuditWord


class PresentState(NamedTuple):
    """What stands in a table now. `subject_kind` and `subject_id` as in the audit events about it."""

    subject_kind: str
    subject_id: str
    status: str


Provider = Callable[[], Iterable[PresentState]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a provider, from `AppConfig.ready()`. Adding the same one again does nothing."""
    if provider not in _providers:
        _providers.append(provider)


def present() -> Iterable[PresentState]:
    """Every registered state."""
    for provider in _providers:
        yield from provider()


# The events whose `after` says a status of their subject; others may use the word for something else.
STATUS_WORDS = frozenset(
    {
        AuditWord.WORKFLOW_CREATED,
        AuditWord.WORKFLOW_CLONED,
        AuditWord.WORKFLOW_ACTIVATED,
        AuditWord.WORKFLOW_PAUSED,
        AuditWord.WORKFLOW_PAUSED_BY_RULE,
        AuditWord.WORKFLOW_RESUMED,
        AuditWord.WORKFLOW_STOPPED,
        AuditWord.WORKFLOW_STOPPED_BY_SYSTEM,
        AuditWord.WORKFLOW_ARCHIVED,
        AuditWord.WORKFLOW_UNARCHIVED,
        AuditWord.CHANGED_OUTSIDE,
    }
)


def audited_status(event: AuditEvent) -> str:
    """The status that the event gave its subject, "" if none."""
    if event.event not in STATUS_WORDS or '"status"' not in event.after:
        return ""
    return str(json.loads(event.after).get("status") or "")


def last_audited(subject_kind: str, subject_id: str) -> tuple[int, str] | None:
    """Number and status of the last event that gave the subject a status; None if none is kept."""
    events = AuditEvent.objects.filter(
        subject_kind=subject_kind, subject_id=subject_id, event__in=STATUS_WORDS
    )
    for event in events.order_by("-id").iterator(chunk_size=50):
        status = audited_status(event)
        if status:
            return event.id, status
    return None
