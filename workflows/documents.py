"""The JSON shapes of workflows, the same in commands and API. Names are a contract: added to, never changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from audit.chain import instant
from workflows import effects, figures
from workflows.definition.findings import Finding
from workflows.lifecycle import Status
from workflows.models import Trigger, Version, Workflow
from workflows.services.acting import VerbResult
from workflows.services.trigger_rows import triggers_of

HOOKS = "/hooks/"

Document = dict[str, Any]


def moment_text(moment: datetime | None) -> str | None:
    """UTC, ISO 8601 with microseconds and Z; None stays None."""
    return instant(moment) if moment else None


def workflow_documents(workflows: Sequence[Workflow]) -> list[Document]:
    """The shape W of each, with one query for all their figures."""
    counted = figures.counts([workflow.pk for workflow in workflows])
    return [_document(workflow, counted[workflow.pk]) for workflow in workflows]


def workflow_document(workflow: Workflow, *, detail: bool = False) -> Document:
    """The shape W; `detail` adds versions, newest first, and triggers."""
    document = workflow_documents([workflow])[0]
    if not detail:
        return document
    versions = [version_document(version) for version in workflow.versions.all()]
    return document | {"versions": versions, "triggers": trigger_documents(workflow)}


def _document(workflow: Workflow, counted: figures.Counts) -> Document:
    paused = workflow.status == Status.PAUSED
    return {
        "id": workflow.pk,
        "name": workflow.name,
        "description": workflow.description,
        "scope": workflow.scope.ref,
        "tags": workflow.tags,
        "owner": workflow.owner.get_username() if workflow.owner else None,
        "status": workflow.status,
        "cause": workflow.cause or None,
        "reason": workflow.reason or None,
        "category": workflow.category or None,
        "paused_by": workflow.status_by if paused else None,
        "paused_at": moment_text(workflow.paused_at),
        "resume_expected_at": moment_text(workflow.resume_expected_at),
        "auto_resume": workflow.auto_resume,
        "launch": workflow.launch or None,
        "revision": workflow.revision,
        "published_version": workflow.published.number if workflow.published else None,
        "draft_version": workflow.draft.number if workflow.draft else None,
        "last_run_at": moment_text(workflow.last_run_at),
        **counted,
    }


def version_document(version: Version, *, definition: bool = False) -> Document:
    """One version; `definition` adds its content as it was given."""
    document = {
        "number": version.number,
        "state": version.state,
        "author": version.author,
        "created_at": moment_text(version.created_at),
        "published_at": moment_text(version.published_at),
        "note": version.note,
    }
    return document | ({"definition": version.definition} if definition else {})


def trigger_documents(workflow: Workflow) -> list[Document]:
    """The triggers of the published version, then those that only the draft has."""
    defined = {**triggers_of(workflow.published), **triggers_of(workflow.draft)}
    rows = {row.trigger_id: row for row in workflow.triggers.all()}
    due = effects.perform("preview", workflow)
    return [_trigger(rows[key], due.get(key)) for key in defined if key in rows]


def _trigger(row: Trigger, due: datetime | None) -> Document:
    return {
        "id": row.trigger_id,
        "kind": row.kind,
        "address": address_of(row) if row.kind == "webhook" else None,
        "secret_set": bool(row.secret),
        "live": row.is_live,
        "next": moment_text(due),
    }


def address_of(trigger: Trigger) -> str:
    """Where senders post to: the full address where SIGNALBOX_BASE_URL is set, else its path."""
    return f"{settings.BASE_URL}{HOOKS}{trigger.address}"


def finding_documents(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Findings in the shape that commands and API give out."""
    return [finding.as_dict() for finding in findings]


def verb_document(result: VerbResult, **more: Any) -> Document:
    """What a verb answers: `changed`, `workflow`, and what `more` adds."""
    message = {"message": result.message} if result.message else {}
    return {"changed": result.changed, **message, "workflow": workflow_document(result.workflow), **more}
