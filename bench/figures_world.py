"""The workflows that bench/figures.py loads: together they end in every way, by every kind of trigger."""

import json
from dataclasses import dataclass
from typing import Any

from audit.context import acting
from bench.workload import OPERATOR
from workflows.services import importing, scopes, status

HOOK: dict[str, Any] = {"id": "hook", "kind": "webhook"}
HEARD: dict[str, Any] = {"id": "heard", "kind": "event", "event": "order.made"}
BAD: dict[str, Any] = {"left": "{{ trigger.body.end }}", "op": "is", "right": "failed"}


@dataclass(frozen=True)
class Family:
    """Some workflows alike; `weight`: their share of what is sent, in parts of a hundred."""

    name: str
    steps: list[dict[str, Any]]
    weight: float
    copies: int = 1
    triggers: tuple[dict[str, Any], ...] = (HOOK,)
    minutes: float = 0

    @property
    def names(self) -> list[str]:
        return [f"{self.name} {number}" for number in range(1, self.copies + 1)]

    def document(self, name: str, scope: str, words: str = "") -> str:
        """The file of one of them; other words make another version."""
        told = {
            "id": "told",
            "kind": "set",
            "values": {"n": "{{ trigger.body.n | default: 0 }}", "words": words},
        }
        settings = {"minutes_saved_per_run": self.minutes, "release_per_minute": 100_000}
        return json.dumps(
            {
                "format": "signalbox/1",
                "name": name,
                "scope": scope,
                "triggers": list(self.triggers),
                "steps": [told, *self.steps],
                "settings": settings if self.minutes else {"release_per_minute": 100_000},
            }
        )


def families(target: str) -> list[Family]:
    """`target`: where the outside step sends its requests; what it adds to the path decides about the answer."""
    fails = [{"id": "bad", "kind": "finish", "status": "failed", "message": "Not paid"}]
    judge = {"id": "judge", "kind": "decision", "branches": [{"name": "bad", "if": BAD, "steps": fails}]}
    worth = {"id": "worth", "kind": "record_value", "name": "order", "unit": "EUR"}
    worth["value"] = "{{ trigger.body.worth }}"
    call = {"id": "call", "kind": "http_request", "url": target + "{{ trigger.body.end }}", "timeout": "PT5S"}
    call |= {"method": "PUT", "retry": {"tries": 2, "backoff": "PT1S"}}
    start = {
        "id": "child",
        "kind": "start_workflow",
        "workflow": "Order 1",
        "payload": {"n": 1, "end": "success"},
    }
    tick = {"id": "tick", "kind": "schedule", "cron": "0 */4 * * *", "overlap": "skip"}
    return [
        Family("Order", [judge], 82, copies=6, triggers=(HOOK, HEARD), minutes=1.5),
        Family("Plain", [], 10, copies=2),
        Family("Worth", [worth, judge], 6.5, copies=2, minutes=2.5),
        Family("Delayed", [{"id": "wait", "kind": "delay", "for": "PT90M"}, judge], 0.7, copies=2),
        Family("Outside", [call], 0.4),
        Family("Parent", [start], 0.4),
        Family("Ticking", [{"id": "wait", "kind": "delay", "for": "PT2H"}], 0, triggers=(tick,)),
    ]


SCOPES = ("workspace", "hub:sales", "hub:support")


def build(world: list[Family]) -> None:
    """Import and start all of them, spread over three scopes but for those that refer to each other."""
    with acting(OPERATOR, origin="command"):
        for ref in SCOPES[1:]:
            scopes.create_scope(ref)
        for family in world:
            for number, name in enumerate(family.names):
                scope = SCOPES[number % len(SCOPES)]
                made = importing.import_file(family.document(name, scope)).workflows[0]
                status.run(made.pk, accept_warnings=True)
