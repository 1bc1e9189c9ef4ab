"""Driving the engine by hand in a test: enter runs, advance what is due, read what came of it."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.test import override_settings
from django.utils import timezone

from config.clock import stamp
from runs import statements
from runs.engine import executor
from runs.engine.claim import Claim, claim
from runs.intake import Occurrence, start
from runs.models import Run, RunStatus
from tests.factories import make_workflow
from tests.workflows.sink import Sink, serving
from workflows.models import Workflow

FORMAT = "signalbox/1"
STEP = {"id": "a", "kind": "set", "values": {"x": 1}}


def definition(*steps: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "triggers": [{"id": "by_hand", "kind": "manual"}, {"id": "hook", "kind": "webhook"}],
        "steps": list(steps),
        "settings": settings,
    }


def workflow_of(*steps: dict[str, Any], status: str = "active", **settings: Any) -> Workflow:
    return make_workflow(status=status, definition=definition(*steps, **settings))


def accept(workflow: Workflow, body: Any = None, *, kind: str = "webhook", **changes: Any) -> Run:
    trigger = workflow.triggers.get(trigger_id="hook") if kind == "webhook" else None
    key = "body" if kind == "webhook" else "data"
    accepted = start(trigger, workflow.pk, Occurrence(kind, {key: body or {}}, stamp(), **changes))
    return Run.objects.get(pk=accepted.run_id)


def claimed(run_id: str, owner: str) -> Claim | None:
    """As a worker claims it that then does nothing more."""
    found = statements.find(run_id)
    return None if found is None else claim(found, owner)


def advance(run: Run) -> Run:
    executor.advance(str(run.pk))
    return Run.objects.get(pk=run.pk)


def advance_due(limit: int = 100) -> int:
    """Advance every run that is due now, until none is left."""
    count = 0
    while count < limit:
        due = Run.objects.filter(status__in=("pending", "waiting"), due_at__lte=timezone.now()).order_by("id")
        moved = [executor.advance(str(run.pk)) for run in due]
        if not any(moved):
            return count
        count += sum(moved)
    raise AssertionError("the engine does not come to rest")


def make_due(run: Run) -> Run:
    """Let a wait be over now."""
    now = timezone.now() - timedelta(milliseconds=1)
    Run.objects.filter(pk=run.pk).update(due_at=now)
    run.step_attempts.filter(status="waiting").update(due_at=now)
    return Run.objects.get(pk=run.pk)


def lose_worker(run: Run) -> Run:
    """As if the worker had died: the lease has run out."""
    Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )
    return Run.objects.get(pk=run.pk)


def attempts(run: Run) -> list[tuple[str, str, int, str]]:
    return [(a.step_id, a.item, a.number, a.status) for a in run.step_attempts.order_by("id")]


@contextmanager
def sink() -> Iterator[Sink]:
    """An external system on loopback that requests may reach."""
    with serving() as target, override_settings(EGRESS_ALLOW=[ipaddress.ip_network("127.0.0.1/32")]):
        yield target
