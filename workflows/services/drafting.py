"""The draft: editing it and discarding it."""

from typing import Any

from django.utils.translation import gettext as _

from workflows import files
from workflows.definition.loading import Loaded, dump
from workflows.lifecycle import Status, TransitionRefused
from workflows.models import Workflow, WorkingCopy
from workflows.services.acting import Case, VerbResult, act, locked_change, require_revision
from workflows.services.versions import drop_draft, put_draft


def require_editable(workflow: Workflow) -> None:
    """Raises TransitionRefused for an archived workflow, which is read-only."""
    if workflow.status == Status.ARCHIVED:
        raise TransitionRefused(_("An archived workflow is read-only. Unarchive it first."))


def save_draft(
    pk: int, content: str | bytes | dict[str, Any], *, revision: int | None = None, note: str = ""
) -> VerbResult:
    """Make this file (text, or the document itself) the draft; beside a published version one is created.

    Figures: `findings`, warnings about fields that belong to the workflow and are ignored here. Content
    that stands already, as the draft or without one as the published version, changes nothing. Raises
    FileRefused with every finding, WorkflowGone, TransitionRefused and Stale.
    """
    given = files.read_one(content)
    with locked_change(pk) as workflow:
        require_editable(workflow)
        return store_draft(workflow, given, revision=revision, note=note)


def store_draft(
    workflow: Workflow, given: Loaded, *, revision: int | None = None, note: str = ""
) -> VerbResult:
    """Make this file the draft of a locked workflow; see `save_draft`."""
    figures = {"findings": files.ignored_fields(workflow, given.document)}
    standing = workflow.draft or workflow.published
    if standing and files.is_same(standing, given.document):
        return VerbResult(False, workflow, _("Nothing to do: this is what stands already."), figures)
    require_revision(workflow, revision)
    put_draft(workflow, dump(given.document), note=note)
    return VerbResult(True, workflow, figures=figures)


def discard_draft(pk: int, *, revision: int | None = None) -> VerbResult:
    """Delete the draft that stands beside a published version. Figure: `version`, the number deleted."""

    def apply(case: Case) -> None:
        dropped = drop_draft(case.workflow)
        case.figures["version"], case.history["version"] = dropped.number, dropped.history
        WorkingCopy.objects.filter(workflow=case.workflow).delete()

    return act("discard-draft", pk, apply, revision=revision, settled=no_draft)


def no_draft(workflow: Workflow) -> str:
    """The sentence that there is nothing to publish or discard; empty when there is a draft."""
    return "" if workflow.draft else _("Nothing to do: there is no draft.")
