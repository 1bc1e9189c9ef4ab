"""Plain functions that make what a test needs; every keyword overrides a default."""

import itertools
import json
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from runs.models import Run
from runs.monitoring import ledger
from workflows.models import Connection, Membership, Role, Scope, Status, Trigger, Version, Workflow

_numbers = itertools.count(1)

DEFINITION: dict[str, Any] = {
    "format": "signalbox/1",
    "triggers": [{"id": "by_hand", "kind": "manual"}, {"id": "hook", "kind": "webhook"}],
    "steps": [{"id": "greet", "kind": "set", "values": {"text": "Hello"}}],
}


def workspace() -> Scope:
    return Scope.objects.get_or_create(
        ref="workspace", defaults={"kind": Scope.Kind.WORKSPACE, "name": "Workspace"}
    )[0]


def make_scope(ref: str = "", *, parent: Scope | None = None) -> Scope:
    ref = ref or f"hub:site{next(_numbers)}"
    kind, _, slug = ref.partition(":")
    return Scope.objects.create(kind=kind, ref=ref, name=slug.title(), parent=parent or workspace())


def make_user(
    role: Role | str | None = Role.MANAGER, *, scope: Scope | None = None, **changes: Any
) -> AbstractBaseUser:
    name = changes.pop("username", f"person{next(_numbers)}")
    user = get_user_model().objects.create_user(
        username=name, password=changes.pop("password", "secret-pass"), **changes
    )
    if role:
        Membership.objects.create(user=user, scope=scope or workspace(), role=role)
    return user


def make_version(
    workflow: Workflow, *, state: str = "published", definition: dict[str, Any] | None = None, **changes: Any
) -> Version:
    number = changes.pop("number", workflow.versions.count() + 1)
    published_at = timezone.now() if state == "published" else None
    document = {"format": "signalbox/1", "name": workflow.name, **(definition or DEFINITION)}
    text = json.dumps(document)
    version = Version.objects.create(
        workflow=workflow, number=number, state=state, definition=text, published_at=published_at, **changes
    )
    for trigger in document["triggers"]:
        Trigger.objects.update_or_create(
            workflow=workflow,
            trigger_id=trigger["id"],
            defaults={
                "kind": trigger["kind"],
                "is_live": state == "published",
                "event": trigger.get("event", ""),
            },
        )
    return version


def make_workflow(
    name: str = "", *, status: str = Status.ACTIVE, definition: dict[str, Any] | None = None, **changes: Any
) -> Workflow:
    """A workflow in a status, with the version that the status implies (a draft one while Draft)."""
    now = timezone.now()
    if status == Status.PAUSED:
        changes = {"paused_at": now, "reason": "maintenance", "triggers_choice": "hold", **changes}
    if status == Status.NOT_RUNNING:
        changes = {"cause": "person", **changes}
    tags = changes.pop("tags", [])
    workflow = Workflow(
        name=name or f"Workflow {next(_numbers)}",
        scope=changes.pop("scope", None) or workspace(),
        status=status,
        status_by="maker",
        status_at=now,
        **changes,
    )
    workflow.tags = tags
    workflow.save()
    if status == Status.DRAFT:
        workflow.draft = make_version(workflow, state="draft", definition=definition)
    else:
        workflow.published = make_version(workflow, definition=definition)
        workflow.first_started_at = workflow.activated_at = now
    workflow.save()
    return workflow


def make_run(workflow: Workflow, **changes: Any) -> Run:
    """A run as it stands; one that has an end is counted."""
    now = timezone.now()
    defaults: dict[str, Any] = {
        "workflow": workflow,
        "version": workflow.published,
        "scope": workflow.scope,
        "status": "pending",
        "trigger_kind": "manual",
        "trigger_id": "by_hand",
        "received_at": now,
        "due_at": now,
        "input": json.dumps({"data": {}, "headers": {}, "query": {}}),
    }
    run = Run.objects.create(**{**defaults, **changes})
    if run.ended_at is not None and not run.is_open:
        ledger.note(run)
    return run


def make_connection(name: str = "crm", **changes: Any) -> Connection:
    defaults: dict[str, Any] = {"base_url": "https://crm.example.test", "scope": workspace()}
    return Connection.objects.create(name=name, **{**defaults, **changes})
