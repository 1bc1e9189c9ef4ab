"""Steps that several rows use."""

from typing import Any

from tests.chaos.rig import Rig

KEEP: dict[str, Any] = {"id": "keep", "kind": "set", "values": {"n": "{{ trigger.body.n }}"}}
DEADLINE = 2.0


def asks(rig: Rig, path: str, **fields: Any) -> dict[str, Any]:
    """A request to the sink, which does what the path says; given up after DEADLINE seconds."""
    return {
        "id": "ask",
        "kind": "http_request",
        "url": rig.sink.url(path),
        "timeout": f"PT{DEADLINE:.0f}S",
        **fields,
    }
