"""What pages are asked about: one workflow in each status, open and failed runs, one with 200 steps, a bulk job."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from audit.context import acting
from bench.workload import OPERATOR, STEPS, body
from runs.bulk import jobs
from runs.bulk.verbs import verb_of
from runs.models import BulkJob, Run, RunStatus, StepAttempt
from workflows.models import Connection, Membership, Role, Scope, Workflow
from workflows.models.scope import WORKSPACE
from workflows.services import describing, drafting, importing, scopes, status
from workflows.services.scopes import ensure_workspace

LONG = 200
TAG = "measured"
HUB = "hub:measured"
TRIGGERS = [
    {"id": "hook", "kind": "webhook"},
    {"id": "nightly", "kind": "schedule", "cron": "30 2 * * *", "timezone": "Australia/Sydney"},
]
ASK: dict[str, Any] = {"id": "ask", "kind": "http_request", "connection": "crm", "path": "/orders"}


@dataclass(frozen=True)
class World:
    """The keys of what there is, the same in every database."""

    person: AbstractBaseUser
    member: AbstractBaseUser
    hub: Scope
    template: Run
    active: Workflow
    paused: Workflow
    draft: Workflow
    archived: Workflow
    long: Run
    runs: dict[str, Run]
    job: BulkJob
    beside: list[Workflow]

    @property
    def compared(self) -> list[Workflow]:
        """Five that stand side by side."""
        return [self.active, *self.beside]


def make_world() -> World:
    """In a migrated, empty database. `person` sees everything, `member` what lies in the hub."""
    workspace, hub = ensure_workspace(), scopes.create_scope(HUB)[1]
    person, member = person_in("bench", workspace), person_in("bench-member", hub)
    with acting(OPERATOR, origin="command"):
        Connection.objects.create(name="crm", base_url="https://crm.example.test", scope=workspace)
        active = changed(workflow("Measured", [ASK, *STEPS], running=True), owner=person)
        return World(
            person=person,
            member=member,
            hub=hub,
            template=run(active, RunStatus.SUCCESS),
            active=active,
            paused=paused(),
            draft=workflow("Draft", STEPS),
            archived=archived(),
            long=long_run(),
            runs={kind: run(active, kind) for kind in RunStatus.values},
            job=bulk_job(person, active),
            beside=[workflow(f"Beside {n}", STEPS, running=True, scope=HUB) for n in range(1, 5)],
        )


def person_in(name: str, scope: Scope) -> AbstractBaseUser:
    found = get_user_model().objects.create_user(name, password="measured-by-nobody")
    Membership.objects.create(user=found, scope=scope, role=Role.MANAGER)
    return found


def workflow(
    name: str, steps: list[dict[str, Any]], *, running: bool = False, scope: str = WORKSPACE
) -> Workflow:
    document = {
        "format": "signalbox/1", "name": name, "triggers": TRIGGERS, "steps": steps, "tags": [TAG], "scope": scope,
    }  # fmt: skip
    found = importing.import_file(json.dumps(document)).workflows[0]
    if running:
        status.run(found.pk, accept_warnings=True)
    return Workflow.objects.get(pk=found.pk)


def changed(found: Workflow, *, owner: AbstractBaseUser) -> Workflow:
    """With an owner, and a draft beside what is published."""
    describing.describe(found.pk, owner=owner)
    document = {
        "format": "signalbox/1",
        "name": found.name,
        "triggers": TRIGGERS,
        "steps": STEPS,
        "tags": [TAG],
    }
    drafting.save_draft(found.pk, json.dumps(document))
    return Workflow.objects.get(pk=found.pk)


def paused() -> Workflow:
    found = workflow("Paused", STEPS, running=True)
    status.pause(found.pk, reason="measured while it is paused")
    return found


def archived() -> Workflow:
    found = workflow("Archived", STEPS)
    status.archive(found.pk)
    return found


def run(of: Workflow, kind: str, **changes: Any) -> Run:
    """A run as a webhook starts it, in a status."""
    now = timezone.now()
    closed = kind in (RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.SKIPPED)
    sent = {"body": json.loads(body()), "headers": {"content-type": "application/json"}, "query": {}}
    return Run.objects.create(
        **{
            "workflow": of,
            "version": of.published,
            "scope": of.scope,
            "status": kind,
            "trigger_kind": "webhook",
            "trigger_id": "hook",
            "input": json.dumps(sent),
            "received_at": now,
            "started_at": now,
            "ended_at": now if closed else None,
            "due_at": now + timedelta(days=30) if kind in (RunStatus.PENDING, RunStatus.WAITING) else None,
            "held_at": now if kind == RunStatus.HELD else None,
            "held_until": now + timedelta(days=7) if kind == RunStatus.HELD else None,
            "lease_until": now + timedelta(days=1) if kind == RunStatus.RUNNING else None,
            "error": "The target answered with 500." if kind == RunStatus.FAILED else "",
            "error_step": "ask" if kind == RunStatus.FAILED else "",
            **changes,
        }
    )


def long_run() -> Run:
    """One that goes on, with 200 steps that have ended; one of them had failed at first."""
    steps = [
        {"id": f"step_{n:03}", "kind": "set", "values": {"number": n, "text": "{{ trigger.body.note }}"}}
        for n in range(LONG)
    ]
    found = run(workflow("Long", steps, running=True), RunStatus.RUNNING)
    now = timezone.now()
    value = json.dumps({"number": 7, "text": "x" * 120})
    StepAttempt.objects.bulk_create(
        StepAttempt(
            run=found, step_id=step["id"], kind="set", status="success", started_at=now, ended_at=now,
            input=value, output=value,
        )
        for step in steps
    )  # fmt: skip
    return found


def bulk_job(person: AbstractBaseUser, of: Workflow) -> BulkJob:
    verb = verb_of("runs", "cancel")
    assert verb is not None
    return jobs.begin(verb, [run(of, RunStatus.WAITING) for _ in range(4)], {}, person)
