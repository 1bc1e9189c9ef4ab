"""Workflows on which the verbs' dialogs have something to say."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.factories import make_run, make_version, make_workflow
from workflows.models import Workflow

NAME = "Lead qualification"
OUTSIDE: dict[str, Any] = {
    "format": "signalbox/1",
    "triggers": [{"id": "by_hand", "kind": "manual"}],
    "steps": [
        {"id": "tell", "kind": "send_email", "to": ["ops@example.test"], "subject": "Hi", "text": "Hi"}
    ],
}


def in_status(status: str) -> Callable[[], Workflow]:
    return lambda: make_workflow(NAME, status=status)


def with_draft() -> Workflow:
    workflow = make_workflow(NAME)
    workflow.draft = make_version(workflow, state="draft", definition=OUTSIDE)
    workflow.save()
    return workflow


def paused() -> Workflow:
    now = timezone.now()
    return make_workflow(
        NAME,
        status="paused",
        paused_at=now - timedelta(hours=2),
        reason="CRM outage",
        category="outage",
        resume_expected_at=now + timedelta(days=2),
    )


def paused_with_held() -> Workflow:
    """Paused, with two held triggers and one held run."""
    workflow = paused()
    late = {"status": "held", "held_at": timezone.now(), "held_until": timezone.now() + timedelta(days=7)}
    for number in (1, 2):
        make_run(workflow, version=None, trigger_kind="webhook", delivery_id=f"d-{number}", **late)
    make_run(workflow, started_at=timezone.now(), **late)
    return workflow


def active_with_runs() -> Workflow:
    """Active, with one run of each open kind that a pause or a stop counts."""
    workflow = make_workflow(NAME)
    now = timezone.now()
    make_run(workflow, status="running", started_at=now, lease_until=now + timedelta(minutes=5))
    make_run(workflow, status="waiting", started_at=now, due_at=now + timedelta(minutes=5))
    make_run(workflow, status="waiting", started_at=now, due_at=now + timedelta(hours=5))
    make_run(workflow, due_at=now + timedelta(hours=1))
    return workflow
