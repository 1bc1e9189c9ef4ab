"""Runs that stand open in every way there is, and what tells later which version each was ended by."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from tests.chaos.evidence import Row
from tests.chaos.senders import DELIVERY
from tests.chaos.sink import Sink

# Seconds where a command takes one: so long that the change falls into each.
WAIT, REST, SLOW = 12.0, 5.0, 3.0
SLOWEST = 8.0
WAYS = ("slow", "nap", "again")
KINDS: dict[str, Callable[[Row], bool]] = {
    "in a slow step": lambda run: run["status"] == "running",
    "in a delay": lambda run: (run["status"], run["reason"]) == ("waiting", "delay"),
    "before a retry": lambda run: (run["status"], run["reason"]) == ("waiting", "retry"),
    "pending": lambda run: run["status"] == "pending",
    "held on its way": lambda run: run["status"] == "held" and run["started_at"] is not None,
    "a held trigger": lambda run: run["status"] == "held" and run["started_at"] is None,
}
OPEN = """
    SELECT r.id, r.status, r.reason, r.started_at, r.version_id, v.number FROM runs_run r
    LEFT JOIN workflows_version v ON v.id = r.version_id
    WHERE r.status NOT IN ('success', 'failed', 'cancelled', 'skipped')
"""


def workflow_file(sink: Sink, number: int, *, pace: float) -> str:
    """All the workflows; each ends by telling the sink the number of its version, but for the one that only computes.

    Where the machine is busy, `pace` stretches what they wait.
    """
    tell = put(sink, "tell", f"ok?by={number}")
    nap = {"id": "rest", "kind": "delay", "for": lasting(REST * pace)}
    documents = [
        flow("Open", ways(sink, pace), tell),
        flow("Queue", put(sink, "turn", "slow:0.5"), tell, max_running=1),
        flow("Paused", nap, tell),
        flow("Late", nap, tell),
        flow("Instant", {"id": "keep", "kind": "set", "values": {"by": number}}),
    ]
    return json.dumps({"format": "signalbox/1", "workflows": documents})


def only(name: str, workflows: str) -> str:
    """One workflow of the file as a file of its own."""
    return next(json.dumps(each) for each in json.loads(workflows)["workflows"] if each["name"] == name)


def flow(name: str, *steps: dict[str, Any], **settings: Any) -> dict[str, Any]:
    hook = {"id": "hook", "kind": "webhook", "dedupe": f"header:{DELIVERY}"}
    return {
        "format": "signalbox/1", "name": name, "triggers": [hook], "steps": list(steps), "settings": settings,
    }  # fmt: skip


def put(sink: Sink, name: str, path: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "http_request", "method": "PUT", "url": sink.url(path), "json": {}, **more}


def lasting(seconds: float) -> str:
    return f"PT{round(seconds)}S"


def ways(sink: Sink, pace: float) -> dict[str, Any]:
    """Which way a run goes is said by its trigger."""
    wait = lasting(WAIT * pace)
    retry = {"tries": 3, "backoff": wait, "max_backoff": wait}
    steps = {
        "slow": put(sink, "slow", f"slow:{min(SLOW * pace, SLOWEST)}"),
        "nap": {"id": "nap", "kind": "delay", "for": wait},
        "again": put(sink, "again", "flaky", retry=retry),
    }
    branches = [
        {"name": way, "if": {"left": "{{ trigger.body.way }}", "op": "is", "right": way}, "steps": [step]}
        for way, step in steps.items()
    ]
    return {"id": "way", "kind": "decision", "branches": branches, "otherwise": []}


def missing(runs: Iterable[Row], versions: Iterable[int]) -> list[str]:
    """Which kinds of open runs are not among them, and by which of these versions none waits."""
    found = list(runs)
    kinds = [name for name, is_one in KINDS.items() if not any(map(is_one, found))]
    numbers = {run["number"] for run in found if run["status"] == "waiting"}
    return kinds + [f"waiting by version {number}" for number in versions if number not in numbers]
