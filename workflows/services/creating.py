"""New workflows: created by hand, and the part that import and clone share with it."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from audit import context
from audit.services import change, history_id, record
from audit.verbs import AuditWord
from workflows import files
from workflows.definition.loading import dump
from workflows.models import Scope, Workflow
from workflows.services.acting import VerbResult, facts, subject_of
from workflows.services.describing import clean_description, clean_tags
from workflows.services.gathering import gathering
from workflows.services.naming import clean_name, require_free_name
from workflows.services.versions import put_draft


def create(
    *,
    name: str,
    scope: Scope,
    description: str = "",
    tags: Iterable[str] = (),
    owner: User | None = None,
    document: dict[str, Any] | None = None,
) -> VerbResult:
    """A new Draft with version 1: empty, or with the triggers, steps and settings of a workflow file.

    `owner` is the acting person unless given. Raises ValueRefused with one finding per field, and
    FileRefused for a document that is no workflow file.
    """
    with gathering() as problems:
        for clean, value in ((clean_name, name), (clean_description, description), (clean_tags, list(tags))):
            problems.collect(clean, value)
    document = files.blank(name) | (document or {}) | {"name": name}
    text = dump(files.read_document(document).document)
    with change():
        return add_workflow(name, scope, text=text, description=description, tags=tags, owner=owner)


def add_workflow(
    name: str,
    scope: Scope,
    *,
    text: str,
    description: str = "",
    tags: Iterable[str] = (),
    owner: User | None = None,
    word: AuditWord = AuditWord.WORKFLOW_CREATED,
    origin: dict[str, Any] | None = None,
    path: str = "name",
) -> VerbResult:
    """Store a new Draft with this text as version 1, in the caller's transaction; leaves two audit events.

    `origin` joins what the first event says, `path` names the place of the name in findings.
    """
    workflow = Workflow(
        name=require_free_name(name, scope, path=path),
        scope=scope,
        description=clean_description(description),
        owner=owner or acting_person(),
    )
    workflow.tags = clean_tags(list(tags))
    workflow.save()
    links = {"workflow": history_id(workflow) or 0}
    record(word, subject_of(workflow), after=facts(workflow) | (origin or {}), history=links)
    put_draft(workflow, text)
    return VerbResult(True, workflow)


def acting_person() -> User | None:
    """The signed-in person who acts; None for commands, tokens and the system."""
    actor = context.current().actor
    if actor.kind != "person" or not actor.id:
        return None
    return get_user_model()._default_manager.filter(pk=actor.id).first()
