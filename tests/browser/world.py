"""A workspace with something of everything that a page can show."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from audit.context import Actor, acting
from audit.models import AuditEvent
from runs.bulk import jobs, working
from runs.bulk.verbs import verb_of
from runs.models import (
    BulkJob,
    Finding,
    Report,
    ReportKind,
    Run,
    RunStatus,
    SavedView,
    Schedule,
    StepAttempt,
)
from runs.reports import freezing
from runs.reports.periods import Period
from runs.services.subscribing import subscribe
from tests.factories import (
    make_connection,
    make_run,
    make_scope,
    make_user,
    make_version,
    make_workflow,
    workspace,
)
from tests.runs.monitoring.findings.made import make_finding
from tests.workflows.windows import make_window
from workflows import services
from workflows.models import Connection, MaintenanceWindow, Workflow

LONG = "Reconcile the invoices of all campaigns each night"
FORMAT = {"format": "signalbox/1"}
BY_HAND = {"id": "by_hand", "kind": "manual"}
NIGHTLY = {"id": "nightly", "kind": "schedule", "cron": "30 2 * * *", "timezone": "Australia/Sydney"}
ASK = {"id": "ask", "kind": "http_request", "connection": "crm", "path": "/leads/{{ trigger.body.id }}"}
CHOOSE: dict[str, Any] = {
    "id": "choose",
    "kind": "decision",
    "branches": [
        {
            "name": "Good lead",
            "if": {"left": "{{ trigger.body.score }}", "op": ">", "right": 50},
            "steps": [{"id": "tell", "kind": "notify", "text": "A good lead", "connection": "chat"}],
        }
    ],
    "otherwise": [{"id": "note", "kind": "set", "values": {"kept": "no"}}],
}
LEADS = {**FORMAT, "triggers": [BY_HAND, {"id": "hook", "kind": "webhook"}, NIGHTLY], "steps": [ASK, CHOOSE]}
CHANGED = {**LEADS, "steps": [{**ASK, "path": "/people/{{ trigger.body.id }}"}, CHOOSE]}
INCOMPLETE = {
    **FORMAT,
    "triggers": [BY_HAND],
    "steps": [{"id": "ask", "kind": "http_request", "connection": "no"}],
}


@dataclass(frozen=True)
class World:
    """Who and what there is; `runs` by status."""

    manager: AbstractBaseUser
    viewer: AbstractBaseUser
    active: Workflow
    paused: Workflow
    draft: Workflow
    broken: Workflow
    archived: Workflow
    connection: Connection
    window: MaintenanceWindow
    event: AuditEvent
    runs: dict[str, Run]
    jobs: list[BulkJob]
    view: SavedView
    finding: Finding
    report: Report


def make_world() -> World:
    manager = make_user("manager", username="admin", is_staff=True, is_superuser=True)
    hub = make_scope("hub:sydney")
    connection = make_connection("crm", health="failing", health_message="Answered with 503.")
    make_connection("chat", kind="chat", base_url="https://chat.example.test/hook", health="ok")
    with acting(Actor("person", str(manager.pk), manager.get_username()), origin="page"):
        active = _active(manager)
        return World(
            manager=manager,
            viewer=make_user("viewer", username="vera"),
            active=active,
            paused=_paused(hub),
            draft=make_workflow("Welcome series", status="draft"),
            broken=make_workflow("Refund approval", status="draft", definition=INCOMPLETE),
            archived=make_workflow("Old newsletter", status="archived"),
            connection=connection,
            window=make_window("CRM upgrade to version 9", connection=connection, triggers="skip"),
            event=AuditEvent.objects.earliest("pk"),
            runs=_runs(active),
            jobs=_jobs(manager, active),
            finding=_findings(active),
            view=SavedView.objects.create(owner=manager, scope=hub, name="Asleep", query="status=paused"),
            report=_report(),
        )


def _report() -> Report:
    """Of a week in which nothing ran, and somebody who gets the next one."""
    subscribe("boss@example.test", ReportKind.WEEKLY, scope=workspace())
    period = Period.holding(ReportKind.WEEKLY, timezone.now().date() - timedelta(days=8))
    return freezing.make(ReportKind.WEEKLY, period, workspace())[1]


def _findings(workflow: Workflow) -> Finding:
    """One that stands, and what there was before."""
    make_finding(workflow, state="closed", closed_at=timezone.now(), closed_because="gone")
    make_finding(workflow, "silence", observed=0, expected=41.5, state="acknowledged", note="CRM is moving")
    return make_finding(workflow)


def _jobs(asker: AbstractBaseUser, workflow: Workflow) -> list[BulkJob]:
    """One that has begun, and one that has ended."""
    pending = [make_run(workflow, is_test=True) for _ in range(4)]
    verb = verb_of("runs", "cancel")
    assert verb is not None
    begun = [jobs.begin(verb, chosen, {}, asker) for chosen in (pending[:2], pending[2:])]
    working.work_on(begun[0].pk, seconds=0)
    working.work_on(begun[1].pk, seconds=5)
    return begun


def _active(owner: AbstractBaseUser) -> Workflow:
    """Active, with a draft beside, some failures, and a long-named neighbour that the system stopped."""
    active = make_workflow("Lead qualification", definition=LEADS, tags=["sales", "night"], owner=owner)
    active.draft = make_version(active, state="draft", definition=CHANGED, note="Another address")
    active.last_run_at = timezone.now()
    active.save()
    active.triggers.update(is_live=True)
    now = timezone.now()
    nightly = active.triggers.get(trigger_id="nightly")
    Schedule.objects.create(trigger=nightly, anchor=now, next_at=now + timedelta(hours=7))
    make_workflow(LONG, status="not_running", cause="dependency", reason="connection crm unavailable")
    services.rename(make_workflow("Nightly digest").pk, name="Nightly digests")
    return active


def _paused(hub: Any) -> Workflow:
    now = timezone.now()
    paused = make_workflow(
        "Stock alerts",
        status="paused",
        scope=hub,
        reason="Stocktaking in the Sydney store until Friday",
        category="maintenance",
        paused_at=now - timedelta(days=1),
        resume_expected_at=now - timedelta(hours=1),
    )
    for number in range(3):
        make_run(
            paused,
            version=None,
            status="held",
            trigger_kind="webhook",
            delivery_id=f"delivery-{number}",
            held_at=now,
            held_until=now + timedelta(days=6),
        )
    return paused


def _runs(workflow: Workflow) -> dict[str, Run]:
    """One run of each status, and enough ended ones for ratios and small pages."""
    now = timezone.now()
    for minute in range(24):
        at = now - timedelta(minutes=5 + minute)
        status = "failed" if minute % 7 == 0 else "success"
        make_run(workflow, status=status, received_at=at, started_at=at, ended_at=at + timedelta(seconds=2))
    body = json.dumps(
        {"body": {"id": 7, "score": 61, "email": "ada@example.test"}, "headers": {}, "query": {}}
    )
    ends = {"ended_at": now}
    more: dict[str, dict[str, Any]] = {
        "pending": {"started_at": None, "due_at": now + timedelta(minutes=9)},
        "running": {"lease_until": now + timedelta(minutes=5)},
        "waiting": {"reason": "retry", "due_at": now + timedelta(minutes=3)},
        "held": {"held_at": now, "held_until": now + timedelta(days=7)},
        "needs_decision": {},
        "success": {**ends, "output": json.dumps({"score": 61})},
        "failed": {**ends, "error": "crm answered with 503.\nService unavailable", "error_code": "http_status",
                   "error_step": "ask"},
        "cancelled": ends,
        "skipped": {**ends, "reason": "overlap", "started_at": None},
    }  # fmt: skip
    runs = {
        status: make_run(
            workflow,
            **{
                "status": status,
                "trigger_kind": "webhook",
                "trigger_id": "hook",
                "input": body,
                "started_at": now,
            }
            | more[status],
        )
        for status in RunStatus.values
    }
    _attempts(runs)
    return runs


def _attempts(runs: dict[str, Run]) -> None:
    now = timezone.now()
    done = {"started_at": now - timedelta(seconds=2), "ended_at": now - timedelta(seconds=1)}
    asked = {"step_id": "ask", "kind": "http_request", "input": json.dumps({"path": "/leads/7"})}
    answered = {
        **asked,
        **done,
        "status": "success",
        "output": json.dumps({"status": 200, "body": {"score": 61}}),
    }
    refused = {
        **asked,
        **done,
        "status": "failed",
        "error": "crm answered with 503.",
        "error_code": "http_status",
    }
    chosen = {"step_id": "choose", "kind": "decision", "status": "success", **done}
    rows: dict[str, list[dict[str, Any]]] = {
        "success": [answered, chosen, {"step_id": "tell", "kind": "notify", "status": "success", **done}],
        "failed": [{**refused, "is_final": False}, {**refused, "number": 2}],
        "waiting": [
            {**refused, "status": "waiting", "is_final": False, "due_at": now + timedelta(minutes=3)}
        ],
        "running": [answered, {**chosen, "status": "started", "ended_at": None}],
        "needs_decision": [{**asked, "status": "started", "started_at": now}],
    }
    for status, attempts in rows.items():
        for attempt in attempts:
            StepAttempt.objects.create(run=runs[status], **attempt)
