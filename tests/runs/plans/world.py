"""A full database to explain statements on: 8,000 runs in 100 workflows, and three workflows of note."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from bench.seeding import seed
from runs.intake import Occurrence, start
from runs.models import Run, TallyBook
from tests.factories import make_run, make_user, make_workflow
from workflows.models import Workflow

RUNS, WORKFLOWS = 8_000, 100
LIMITED = {"max_running": 5, "starts_per_minute": 10}
HOOK = {"id": "hook", "kind": "webhook", "dedupe": "header:X-Delivery"}
NIGHTLY = {"id": "nightly", "kind": "schedule", "cron": "30 2 * * *", "overlap": "queue"}
STEPS = [{"id": "greet", "kind": "set", "values": {"text": "Hello"}}]


@dataclass(frozen=True)
class World:
    """A workflow as usual, one with every limit, one paused; and somebody who sees everything."""

    usual: Workflow
    limited: Workflow
    paused: Workflow
    client: Client


def full_world() -> World:
    """Fill the database; to be called in a transaction that is rolled back."""
    usual = _workflow("Usual", rules={"keep_payloads": "P30D"})
    now = timezone.now() - timedelta(days=61)
    template = make_run(usual, status="success", received_at=now, started_at=now, ended_at=now, due_at=None)
    seed(template, workflows=WORKFLOWS, runs=RUNS)
    # What ran before was counted: that once everything is read is no call of every day.
    TallyBook.objects.create(pk=1, zone=settings.TIME_ZONE, counted_at=now)
    client = Client()
    client.force_login(make_user("manager"))
    return World(usual, _workflow("Limited", rules=LIMITED), _workflow("Paused", status="paused"), client)


def _workflow(name: str, *, rules: dict[str, Any] | None = None, **changes: Any) -> Workflow:
    document = {
        "format": "signalbox/1",
        "triggers": [HOOK, NIGHTLY],
        "steps": STEPS,
        "settings": rules or {},
    }
    return make_workflow(name, definition=document, **changes)


def accepted(flow: Workflow, *, trigger: str = "hook") -> Run:
    """A run as intake enters it."""
    row = flow.triggers.get(trigger_id=trigger)
    given = Occurrence(row.kind, {"body": {}}, timezone.now(), trigger_id=trigger)
    return Run.objects.get(pk=start(row, flow.pk, given).run_id)
