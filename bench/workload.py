"""The measured workflow: webhook with 1 kB of JSON, `set`, `decision`, `set`, `finish`; database-only, no limits."""

import json
from datetime import UTC, datetime
from typing import Any

from audit.context import Actor, acting
from bench.sending import request
from config.ids import id_at
from runs.models import OPEN, Run
from runs.models.run import RunQuerySet
from workflows.models import Trigger
from workflows.services import importing, status

BODY_BYTES = 1024
OPERATOR = Actor("command", "bench", "bench")

STEPS: list[dict[str, Any]] = [
    {"id": "order", "kind": "set", "values": {"amount": "{{ trigger.body.amount }}", "of": "{{ trigger.body.customer.name }}"}},
    {
        "id": "size",
        "kind": "decision",
        "branches": [
            {
                "name": "large",
                "if": {"left": "{{ steps.order.amount }}", "op": ">", "right": 100},
                "steps": [{"id": "label", "kind": "set", "values": {"text": "Order of {{ steps.order.of | upcase }}"}}],
            }
        ],
    },
    {"id": "end", "kind": "finish", "message": "{{ steps.label.text | default: 'small' }}"},
]  # fmt: skip


class Workload:
    """One Active workflow of the measured kind; another `steps` makes a workload of another kind."""

    def __init__(self, name: str = "Measured", steps: list[dict[str, Any]] | None = None) -> None:
        with acting(OPERATOR, origin="command"):
            document = {
                "format": "signalbox/1",
                "name": name,
                "triggers": [{"id": "hook", "kind": "webhook"}],
                "steps": STEPS if steps is None else steps,
            }
            self.workflow_id = importing.import_file(json.dumps(document)).workflows[0].pk
            status.run(self.workflow_id, accept_warnings=True)
        address = Trigger.objects.get(workflow_id=self.workflow_id, trigger_id="hook").address
        self.request = request(f"/hooks/{address}", body())

    @property
    def runs(self) -> RunQuerySet:
        return Run.objects.filter(workflow_id=self.workflow_id)

    def since(self, moment: float) -> RunQuerySet:
        """Its runs accepted since an instant in seconds since the epoch: ids are ordered by time."""
        return self.runs.filter(pk__gt=id_at(datetime.fromtimestamp(moment - 0.005, UTC)))

    @property
    def is_drained(self) -> bool:
        return not self.runs.filter(status__in=OPEN).exists()


def body() -> str:
    """JSON of 1,024 bytes, of a shape that is usual for webhooks."""
    order = {"id": "evt_01J9ZK3", "type": "order.created", "amount": 129.5, "currency": "EUR"}
    order |= {"customer": {"name": "Ada Lovelace", "email": "ada@example.test", "tags": ["new", "vip"]}}
    order |= {"items": [{"sku": f"SKU-{number:04}", "count": number + 1} for number in range(8)], "note": ""}
    missing = BODY_BYTES - len(json.dumps(order))
    return json.dumps({**order, "note": "x" * missing})
