"""Acknowledging findings: a person says that one is known. It stays until its condition is gone."""

from django.utils.translation import gettext as _

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.clock import stamp
from runs.models import Finding, FindingState
from workflows.lifecycle import Gone, TransitionRefused
from workflows.services.entering import actor_label
from workflows.services.values import refuse
from workflows.texts import is_storable

NOTE_LENGTH = 500


class FindingGone(Gone):
    """There is no such finding. Commands tell it like a refusal: `not_found`."""


def acknowledge(pk: int, *, note: str = "") -> tuple[bool, Finding]:
    """Finding acknowledged. `changed` is False when it was before; the first note stays.

    Raises FindingGone, ValueRefused for a note that is too long, TransitionRefused when the condition is gone.
    """
    text = note.strip()
    if len(text) > NOTE_LENGTH or not is_storable(text):
        sentence = _("Write at most %(n)s characters that can be shown.") % {"n": NOTE_LENGTH}
        raise refuse("note", "note_refused", sentence)
    with change():
        finding = (
            Finding.objects.select_for_update(of=("self",)).select_related("workflow").filter(pk=pk).first()
        )
        if finding is None:
            raise FindingGone(_("There is no such finding."))
        if finding.state == FindingState.ACKNOWLEDGED:
            return False, finding
        if not finding.stands:
            raise TransitionRefused(_("The condition is gone; the finding is closed."))
        finding.state, finding.acknowledged_at = FindingState.ACKNOWLEDGED, stamp()
        finding.acknowledged_by, finding.note = actor_label(), text
        finding.save()
        record(
            AuditWord.FINDING_ACKNOWLEDGED,
            subject_of(finding),
            before={"state": FindingState.OPEN},
            after={"state": FindingState.ACKNOWLEDGED, "kind": finding.kind, "finding": finding.pk},
            reason=text,
        )
    return True, finding


def subject_of(finding: Finding) -> Subject:
    """The workflow that it is about: its trail tells of it."""
    workflow = finding.workflow
    return Subject("workflow", str(workflow.pk), workflow.name, workflow.scope_id)
