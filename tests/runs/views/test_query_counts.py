"""Lists ask the database equally often for 1, 50 and 500 rows: their time does not grow with what is stored."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEvent
from runs.models import Run, Schedule
from tests.audit.events import make_events
from tests.factories import make_connection, make_run, make_user, make_version, make_workflow
from workflows.models import Connection, Workflow

SIZES = (1, 50, 500)
STEPS = [{"id": "ask", "kind": "http_request", "connection": "crm", "path": "/"}]
ASKS = {
    "format": "signalbox/1",
    "triggers": [
        {"id": "by_hand", "kind": "manual"},
        {"id": "nightly", "kind": "schedule", "cron": "30 2 * * *"},
    ],
    "steps": STEPS,
}
WORKFLOWS = "/automations/workflows/"
RUNS = "/automations/runs/"


def grow_workflows(upto: int) -> None:
    """Rows with all that a row may ask about: owner, tags, draft, schedule, connection, runs; every fifth paused."""
    now = timezone.now()
    owner = make_user("viewer") if upto == 1 else Workflow.objects.earliest("pk").owner
    for number in range(Workflow.objects.count(), upto):
        status = "paused" if number % 5 == 4 else "active"
        workflow = make_workflow(
            f"Flow {number:03}", status=status, definition=ASKS, tags=["night"], owner=owner
        )
        workflow.draft = make_version(workflow, state="draft", definition=ASKS)
        workflow.save()
        nightly = workflow.triggers.get(trigger_id="nightly")
        Schedule.objects.create(trigger=nightly, anchor=now, next_at=now + timedelta(hours=7))
        make_run(workflow, status="success", started_at=now, ended_at=now)
        make_run(workflow, status="held", version=None, held_at=now)


def grow_runs(upto: int) -> None:
    """Runs of several workflows, with what a row shows."""
    flows = list(Workflow.objects.all()) or [make_workflow(f"Flow {n}") for n in range(4)]
    now = timezone.now()
    for number in range(Run.objects.count(), upto):
        status = ("failed", "success", "waiting", "held", "skipped")[number % 5]
        make_run(flows[number % 4], status=status, error="refused", due_at=now, started_at=now)


def grow_events(upto: int) -> None:
    make_events(max(0, upto - AuditEvent.objects.count()))


def grow_connections(upto: int) -> None:
    for number in range(Connection.objects.count(), upto):
        make_connection(f"connection-{number:03}")


def asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        response = client.get(address)
    assert response.status_code == 200
    return len(caught)


@pytest.mark.parametrize(
    ("grow", "addresses", "most"),
    [
        (grow_workflows, (WORKFLOWS, f"{WORKFLOWS}?status=active&q=flow&tag=night&sort=-success"), 12),
        (grow_runs, (RUNS, f"{RUNS}?status=failed,held&q=refused", f"{RUNS}?scope=workspace"), 10),
        (grow_events, ("/automations/audit/", "/automations/audit/?event=Workflow+described"), 10),
        (grow_connections, ("/automations/connections/",), 10),
    ],
    ids=["workflows", "runs", "audit", "connections"],
)
def test_list_asks_equally_often_for_any_number_of_rows(
    db: None, client: Client, grow: Callable[[int], None], addresses: tuple[str, ...], most: int
) -> None:
    client.force_login(make_user("manager"))
    for address in addresses:
        client.get(address)
    counts = {}
    for size in SIZES:
        grow(size)
        counts[size] = [asked(client, address) for address in addresses]
    assert counts[50] == counts[1]
    assert counts[500] == counts[1]
    assert max(counts[500]) <= most
