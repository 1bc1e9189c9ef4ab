"""The audit chain, recomputed from an export as docs/audit.md describes it, without the product."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

GENESIS = "0" * 64
COVERED = (
    "id", "time", "event", "actor_kind", "actor_id", "actor_digest", "subject_kind", "subject_id", "subject_digest",
    "scope_id", "before", "after", "reason", "origin", "correlation", "history",
)  # fmt: skip
AS_TEXT = ("before", "after", "history")


def broken_links(events: list[dict[str, Any]]) -> Iterator[str]:
    """The first event that does not follow from the one before."""
    previous, number = GENESIS, 0
    for event in events:
        if event["id"] != number + 1:
            yield f"event {number + 1} is missing"
            return
        if event["previous_hash"] != previous or event["hash"] != hash_of(event, previous):
            yield f"event {event['id']} does not follow from the one before"
            return
        previous, number = event["hash"], event["id"]


def hash_of(event: dict[str, Any], previous: str) -> str:
    content = {name: event[name] for name in COVERED}
    for name in AS_TEXT:
        content[name] = canonical(content[name])
    return hashlib.sha256(f"{previous}\n{canonical(content)}".encode()).hexdigest()


def canonical(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
