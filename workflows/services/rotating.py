"""Webhook secrets: set beside the definition, shown once when generated, the old one valid for a day."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext as _

from audit.services import record
from audit.verbs import AuditWord
from config.clock import stamp
from workflows import secrets
from workflows.models import Trigger, Workflow
from workflows.services.acting import locked_change, subject_of
from workflows.services.drafting import require_editable
from workflows.services.trigger_rows import triggers_of
from workflows.services.values import refuse

OVERLAP: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Rotation:
    """A rotated secret. `secret` is the generated text, to be shown once; None for one that was given."""

    changed: bool
    workflow: Workflow
    trigger: Trigger
    secret: str | None = None
    message: str = ""


def rotate_trigger_secret(
    pk: int, trigger_id: str, *, value: str | None = None, revoke_previous: bool = False
) -> Rotation:
    """Set a webhook trigger's secret, or generate one. The old one stays valid for 24 hours unless revoked.

    A given value that is in force already changes nothing, unless it revokes the previous one. Raises
    WorkflowGone, TransitionRefused for an archived workflow, and ValueRefused.
    """
    with locked_change(pk) as workflow:
        require_editable(workflow)
        trigger = _webhook(workflow, trigger_id)
        preset = _preset(workflow, trigger_id)
        if value is not None:
            _check(preset, value)
            if _is_in_force(trigger, value) and not (revoke_previous and trigger.previous_secret):
                return Rotation(
                    False, workflow, trigger, message=_("Nothing to do: this secret is in force already.")
                )
        secret = secrets.generate(preset) if value is None else value
        _store(trigger, secret, revoke_previous=revoke_previous)
        _record(workflow, trigger)
    return Rotation(True, workflow, trigger, secret if value is None else None)


def _webhook(workflow: Workflow, trigger_id: str) -> Trigger:
    trigger = workflow.triggers.filter(trigger_id=trigger_id).first()
    defined = {**triggers_of(workflow.draft), **triggers_of(workflow.published)}
    if trigger is None or trigger_id not in defined:
        raise refuse("trigger", "unknown_trigger", _("There is no trigger “%(id)s”.") % {"id": trigger_id})
    if trigger.kind != "webhook":
        raise refuse("trigger", "not_a_webhook", _("Only webhook triggers have a secret."))
    return trigger


def _preset(workflow: Workflow, trigger_id: str) -> str:
    """The signature that senders use, as the published version says, else the draft."""
    defined = {**triggers_of(workflow.draft), **triggers_of(workflow.published)}[trigger_id]
    return (defined.get("signature") or {}).get("preset", "")


def _check(preset: str, value: str) -> None:
    try:
        secrets.check_secret(preset, value)
    except secrets.SecretRefused as refusal:
        raise refuse("secret", "secret_not_possible", str(refusal)) from refusal


def _is_in_force(trigger: Trigger, value: str) -> bool:
    try:
        return bool(trigger.secret) and secrets.decrypt(trigger.secret) == value
    except secrets.SecretUnreadable:
        return False


def _store(trigger: Trigger, secret: str, *, revoke_previous: bool) -> None:
    if revoke_previous or not trigger.secret:
        trigger.previous_secret, trigger.previous_until = "", None
    elif not _is_in_force(trigger, secret):
        trigger.previous_secret, trigger.previous_until = trigger.secret, stamp() + OVERLAP
    trigger.secret = secrets.encrypt(secret)
    trigger.save()


def _record(workflow: Workflow, trigger: Trigger) -> None:
    record(
        AuditWord.SECRET_ROTATED,
        subject_of(workflow),
        after={"trigger": trigger.trigger_id, "previous_valid_until": trigger.previous_until},
    )
