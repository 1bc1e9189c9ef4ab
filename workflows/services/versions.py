"""A workflow's versions: numbering, the draft's content, and what audit events say about it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from audit.services import history_id, record
from audit.verbs import AuditWord
from workflows.lifecycle import Refusal
from workflows.models import Version, Workflow
from workflows.services.acting import differences, facts, save, subject_of
from workflows.services.entering import actor_label
from workflows.services.trigger_rows import sync_triggers

NOTE_LENGTH = 200


class DraftExists(Refusal):
    """A draft stands in the way and was not to be replaced."""

    code = "draft_exists"


class DraftInUse(Refusal):
    """A test run executes the draft at this moment."""

    code = "draft_in_use"


def require_no_draft(workflow: Workflow, *, replace: bool) -> None:
    """Raises DraftExists when there is a draft that may not be replaced."""
    if workflow.draft is None or replace:
        return
    raise DraftExists(
        _(
            "Version %(number)d is a draft already. Publish or discard it first, or say that it may be replaced."
        )
        % {"number": workflow.draft.number}
    )


def next_number(workflow: Workflow) -> int:
    """One more than any number used before, those of discarded drafts included."""
    kept = workflow.versions.aggregate(most=Max("number"))["most"] or 0
    ever = Version.history.filter(workflow_id=workflow.pk).aggregate(most=Max("number"))["most"] or 0
    return max(kept, ever) + 1


def new_draft(workflow: Workflow, text: str, *, note: str = "") -> Version:
    """Add a draft version with this text and point the workflow at it; the caller saves the workflow."""
    version = Version(workflow=workflow, number=next_number(workflow), definition=text)
    version.author, version.note = actor_label(), note[:NOTE_LENGTH]
    version.save()
    workflow.draft = version
    sync_triggers(workflow)
    return version


def put_draft(workflow: Workflow, text: str, *, note: str = "") -> Version:
    """Make this text the draft, creating it or updating the one that stands; saves and records."""
    before = facts(workflow) | content_of(workflow.draft)
    if workflow.draft is None:
        word, version = AuditWord.VERSION_CREATED, new_draft(workflow, text, note=note)
    else:
        word, version = AuditWord.VERSION_UPDATED, _update(workflow, text, note=note)
    save(workflow)
    record_version(word, workflow, version, before=before)
    return version


def _update(workflow: Workflow, text: str, *, note: str) -> Version:
    version = workflow.draft
    assert version is not None
    version.definition, version.author = text, actor_label()
    version.note = note[:NOTE_LENGTH] or version.note
    version.save()
    sync_triggers(workflow)
    return version


@dataclass(frozen=True)
class Dropped:
    """A deleted draft: its number, and the history row that keeps its content."""

    number: int
    history: int


def drop_draft(workflow: Workflow) -> Dropped:
    """Delete the draft; the caller saves the workflow and records.

    Test runs of the draft stay, without their version. Raises DraftInUse while one of them is open.
    """
    version = workflow.draft
    assert version is not None
    if version.runs.open().exists():
        raise DraftInUse(
            _("A test run of the draft is under way. Wait for its end, or cancel it, and try again.")
        )
    version.runs.update(version=None)
    workflow.draft = None
    key, number = version.pk, version.number
    version.delete()
    sync_triggers(workflow)
    newest = Version.history.filter(id=key).order_by("-history_id").values_list("history_id", flat=True)
    return Dropped(number, newest.first() or 0)


def content_of(version: Version | None) -> dict[str, Any]:
    """What audit events compare about a draft's content."""
    return {"content_hash": version.content_hash if version else None}


def record_version(word: AuditWord, workflow: Workflow, version: Version, *, before: dict[str, Any]) -> None:
    """One audit event about a version of a saved workflow; `before` holds the facts before the change."""
    was, became = differences(before, facts(workflow) | content_of(version))
    links = {"workflow": history_id(workflow) or 0, "version": history_id(version) or 0}
    record(word, subject_of(workflow), before=was, after=became | {"version": version.number}, history=links)
