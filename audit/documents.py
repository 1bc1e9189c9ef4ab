"""The JSON shape of an event: a contract of commands, exports and the API (interfaces.md)."""

from typing import Any

from audit.chain import instant
from audit.models import AuditEvent

# The document's keys in order: the header of a CSV export.
COLUMNS = (
    "id", "time", "event", "actor", "actor_kind", "actor_id", "actor_digest", "subject", "subject_kind",
    "subject_id", "subject_digest", "scope_id", "before", "after", "reason", "origin", "correlation", "history",
    "previous_hash", "hash",
)  # fmt: skip


def event_document(event: AuditEvent) -> dict[str, Any]:
    """One event. Labels stand under `actor` and `subject`; what else the hash covers stands beside them."""
    return {
        "id": event.id,
        "time": instant(event.time),
        "event": event.event,
        "actor": event.actor_label,
        "actor_kind": event.actor_kind,
        "actor_id": event.actor_id,
        "actor_digest": event.actor_digest,
        "subject": event.subject_label,
        "subject_kind": event.subject_kind,
        "subject_id": event.subject_id,
        "subject_digest": event.subject_digest,
        "scope_id": event.scope_id,
        "before": event.before_values,
        "after": event.after_values,
        "reason": event.reason,
        "origin": event.origin,
        "correlation": event.correlation,
        "history": event.history_rows,
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }
