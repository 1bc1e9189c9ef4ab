"""The hash chain: each event's hash covers its content and the hash of the one before."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from audit.models import AuditEvent

GENESIS = "0" * 64
COVERED = (
    "id", "event", "actor_kind", "actor_id", "actor_digest", "subject_kind", "subject_id", "subject_digest",
    "scope_id", "before", "after", "reason", "origin", "correlation", "history",
)  # fmt: skip


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds and Z, the one spelling used in hashes, exports and JSON."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def canonical(content: dict[str, Any]) -> str:
    """JSON with sorted keys and no blanks: the same content always gives the same text."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest_of_label(salt: str, label: str) -> str:
    """What the chain covers in place of a personal label."""
    return hashlib.sha256(f"{salt}:{label}".encode()).hexdigest()


def hash_of(event: AuditEvent, previous_hash: str) -> str:
    """SHA-256 (hex) over the previous hash and the event's canonical content."""
    content = {name: getattr(event, name) for name in COVERED} | {"time": instant(event.time)}
    return hashlib.sha256(f"{previous_hash}\n{canonical(content)}".encode()).hexdigest()
