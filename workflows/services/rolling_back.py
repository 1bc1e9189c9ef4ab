"""Roll back: an older version's content again, as a new draft or published at once."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from audit.services import change, history_id
from config.clock import stamp
from workflows import checking, effects, files
from workflows.lifecycle import Status
from workflows.models import Version, Workflow
from workflows.services.acting import Case, VerbResult, act, save
from workflows.services.publishing import publish_draft, record_published
from workflows.services.values import refuse
from workflows.services.versions import drop_draft, new_draft, require_no_draft


def roll_back(
    pk: int, *, to: int, publish: bool = False, replace_draft: bool = False, revision: int | None = None
) -> VerbResult:
    """Make a new draft with the content of version number `to`, or publish it at once.

    Figures: `version`, the new number, and `findings`, warnings about ignored fields. Connections and
    secrets are not rolled back. Raises DraftExists unless the draft may be replaced, GuardRefused when it
    is published at once and has errors, and ValueRefused for a version that is none of the older ones.
    """

    def settled(workflow: Workflow) -> str:
        return _settled(workflow, to, publish=publish)

    def apply(case: Case) -> None:
        _new_draft(case, to, replace_draft=replace_draft)

    with change():
        done = act("roll-back", pk, apply, revision=revision, settled=settled)
        if done.changed and publish:
            _publish_at_once(done.workflow)
        newest = done.workflow.draft or done.workflow.published
        ignored = files.ignored_fields(done.workflow, files.document_of(newest)) if newest else []
    return replace(done, figures={**done.figures, "findings": ignored})


def _settled(workflow: Workflow, to: int, *, publish: bool) -> str:
    standing = workflow.published if publish or workflow.draft is None else workflow.draft
    older = _published_once(workflow, to)
    if standing is None or older is None or not files.is_same(standing, files.document_of(older)):
        return ""
    return _("Nothing to do: version %(number)d says the same already.") % {"number": standing.number}


def _new_draft(case: Case, to: int, *, replace_draft: bool) -> None:
    workflow = case.workflow
    older = _older(workflow, to)
    require_no_draft(workflow, replace=replace_draft)
    figures: dict[str, Any] = {"rolled_back_to": to}
    if workflow.draft is not None:
        figures["replaced_version"] = drop_draft(workflow).number
    version = new_draft(workflow, older.definition, note=_("Roll back to version %(to)d") % {"to": to})
    case.figures.update(figures, version=version.number, content_hash=version.content_hash)
    case.history["version"] = history_id(version) or 0


def _older(workflow: Workflow, number: int) -> Version:
    version = _published_once(workflow, number)
    if version is None:
        raise refuse(
            "to",
            "unknown_version",
            _("There is no published version %(number)d.") % {"number": number},
            _("Name a version of the list of versions."),
        )
    return version


def _published_once(workflow: Workflow, number: int) -> Version | None:
    return workflow.versions.exclude(state=Version.State.DRAFT).filter(number=number).first()


def _publish_at_once(workflow: Workflow) -> None:
    checking.guard(workflow, accept_warnings=True)
    moment, previous = stamp(), workflow.published
    version, _facts = publish_draft(workflow, moment)
    if workflow.status == Status.ACTIVE:
        effects.perform("published", workflow, {"moment": moment})
    save(workflow)
    record_published(workflow, version, previous)
