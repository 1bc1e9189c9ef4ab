"""R50: two workflows that start each other without end, by a step, by webhooks, by events."""

from typing import Any

import httpx

from runs.models import CLOSED, Run
from tests.chaos.matrix import Outcome, row
from tests.chaos.rig import Flow, Rig
from tests.chaos.senders import DELIVERY
from tests.chaos.trials import in_time
from workflows.models import Role
from workflows.services.connections import Credentials, create_connection
from workflows.services.scopes import ensure_workspace
from workflows.services.tokens import create_token

DEEPEST = 8
ONWARD = {"next": "{{ trigger.body.back }}", "back": "{{ trigger.body.next }}"}


@row(
    "R50",
    "Loops are stopped",
    fault="two workflows that start each other: by a step, by webhooks, by events",
    first=1,
    full=20,
)
def loops(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="")
    rig.staff(2, threads=2)
    connection, token = _own_api(rig)
    for _trial in range(trials):
        problems = [
            *_ended(_by_step(rig), "too_deep"),
            *_ended(_by_webhooks(rig), "unexpected_status"),
            *_ended(_by_events(rig, connection, token), "unexpected_status"),
        ]
        outcome.add(1, problems)
    outcome.failures += rig.breaches()
    return outcome


def _own_api(rig: Rig) -> tuple[str, str]:
    """A connection that leads back to the installation's own API, and its token."""
    name = f"own{rig.random.randrange(16**6):06x}"
    token = create_token(name, Role.OPERATOR, scope=ensure_workspace()).text
    create_connection(
        name,
        base_url=f"http://127.0.0.1:{rig.processes.port}/api/v1",
        scope=ensure_workspace(),
        credentials=Credentials("bearer", secret=token),
    )
    return name, token


def _by_step(rig: Rig) -> tuple[Flow, Flow]:
    go = {"id": "go", "kind": "start_workflow", "workflow": "{{ trigger.body.next }}", "payload": ONWARD}
    one, two = rig.flow("R50", go), rig.flow("R50", go)
    rig.trigger(one, 1, body={"next": str(two.pk), "back": str(one.pk)})
    return one, two


def _by_webhooks(rig: Rig) -> tuple[Flow, Flow]:
    """Each delivery has an id of its own, a letter longer than the last: else the second would be a repeat."""
    go = _posts(
        url=f"http://127.0.0.1:{rig.processes.port}{{{{ trigger.body.next }}}}",
        headers={DELIVERY: "{{ trigger.body.id }}x"},
        json={**ONWARD, "id": "{{ trigger.body.id }}x"},
    )
    one, two = rig.flow("R50", go), rig.flow("R50", go)
    first = rig.post.name()
    for depth in range(1, DEEPEST + 3):
        rig.post.foresee((one, two)[depth % 2].path, first + "x" * depth)
    rig.post.deliver(one.path, first, body={"next": two.path, "back": one.path, "id": first})
    return one, two


def _by_events(rig: Rig, connection: str, token: str) -> tuple[Flow, Flow]:
    names = [f"r50.{rig.random.randrange(16**6):06x}" for _ in range(2)]
    event = {"event": "{{ trigger.data.next }}", "data": ONWARD}
    go = _posts(connection=connection, path="events", json=event)
    one, two = (
        rig.flow("R50", go, triggers=[{"id": "heard", "kind": "event", "event": name}]) for name in names
    )
    first = {"event": names[0], "data": {"next": names[1], "back": names[0]}}
    address = f"http://127.0.0.1:{rig.processes.port}/api/v1/events"
    bearer = {"Authorization": f"Bearer {token}"}
    httpx.post(address, json=first, headers=bearer, timeout=20, trust_env=False).raise_for_status()
    return one, two


def _posts(**fields: Any) -> dict[str, Any]:
    return {"id": "go", "kind": "http_request", "method": "POST", "timeout": "PT10S", **fields}


def _ended(flows: tuple[Flow, Flow], code: str) -> list[str]:
    """Nine runs, from 0 to 8 deep, of which the last was refused its successor."""
    family = Run.objects.filter(workflow__in=[flow.pk for flow in flows])
    last = family.filter(error_code=code, depth=DEEPEST, status__in=CLOSED)
    problems = in_time(last.exists, 60, f"the loop that ends with {code} goes on")
    depths = sorted(family.values_list("depth", flat=True))
    return problems + [f"the depths are {depths}"] * (depths != list(range(DEEPEST + 1)))
