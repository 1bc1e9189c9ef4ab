"""Recipients of a scope: added, changed, removed; and a delivery that failed, sent again. All audited.

Services give `(changed, …)`; sent twice, the second answers `changed=False` and records nothing.
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.clock import stamp
from workflows.lifecycle import Stale
from workflows.models import Channel, NoticeDelivery, NoticeRecipient, Scope
from workflows.models.notice import ABOUT_WORKFLOWS, RECIPIENT_LENGTH
from workflows.notices.recipients import plain_address, resolved
from workflows.services.acting import differences
from workflows.services.entering import actor_label
from workflows.services.twins import once_more
from workflows.services.values import refuse
from workflows.texts import is_storable


class RecipientGone(Exception):
    """There is no such recipient, or no such delivery."""

    code = "not_found"
    findings: tuple[dict[str, str], ...] = ()

    @property
    def message(self) -> str:
        """The sentence for people."""
        return str(self)


def add_recipient(
    recipient: str, *, scope: Scope, kinds: Iterable[str] = (), in_digest: bool = False
) -> tuple[bool, NoticeRecipient]:
    """Let somebody be told about a scope; whom it names already gets these kinds and this rhythm.

    No kinds means all. Raises ValueRefused for what is no address and names no person or chat connection.
    """
    name, line = clean_recipient(recipient, scope), clean_kinds(kinds)

    def add() -> tuple[bool, NoticeRecipient]:
        with change():
            known = _locked().filter(scope=scope, recipient__iexact=name).first()
            if known is not None:
                return _change(known, line, in_digest), known
            made = NoticeRecipient.objects.create(
                scope=scope,
                recipient=name,
                kind_line=line,
                in_digest=in_digest,
                created_by=actor_label(),
                created_at=stamp(),
            )
            record(AuditWord.RECIPIENT_ADDED, subject_of(made), after=facts(made))
            return True, made

    return once_more(add)


def change_recipient(
    pk: int, *, kinds: Iterable[str], in_digest: bool, revision: int | None = None
) -> tuple[bool, NoticeRecipient]:
    """Other kinds, another rhythm. Raises RecipientGone, Stale, ValueRefused."""
    line = clean_kinds(kinds)
    with change():
        known = _existing(pk)
        if (known.kind_line, known.in_digest) == (line, in_digest):
            return False, known
        if revision is not None and revision != known.revision:
            raise Stale(_("The recipient changed since you looked. Look at it again."))
        return _change(known, line, in_digest), known


def remove_recipient(pk: int) -> NoticeRecipient:
    """Tell somebody no more. What is on its way arrives. Raises RecipientGone."""
    with change():
        known = _existing(pk)
        subject, before = subject_of(known), facts(known)
        known.delete()
        record(AuditWord.RECIPIENT_REMOVED, subject, before=before)
    return known


def send_again(pk: int) -> tuple[bool, NoticeDelivery]:
    """Put a failed delivery on its way once more; a name that led nowhere is looked up anew. Raises RecipientGone."""
    with change():
        rows = NoticeDelivery.objects.select_for_update(of=("self",)).select_related("notice__scope")
        row = rows.filter(pk=pk).first()
        if row is None:
            raise RecipientGone(_("There is no such delivery."))
        if row.state != NoticeDelivery.State.FAILED:
            return False, row
        if row.channel == Channel.NONE:
            _look_up(row)
        row.state, row.parcel, row.attempts = NoticeDelivery.State.PENDING, None, 0
        row.due_at, row.error, row.in_digest = stamp(), "", False
        row.save()
        subject = Subject("notice", str(row.notice_id), row.notice.title, row.notice.scope_id)
        record(AuditWord.NOTICE_SENT_AGAIN, subject, after={"recipient": row.named})
    return True, row


def _look_up(row: NoticeDelivery) -> None:
    [target] = resolved([row.named], row.notice.scope)
    if target.problem:
        raise refuse("recipient", "unknown_recipient", target.problem)
    row.channel, row.recipient = target.channel, target.recipient


def clean_recipient(recipient: str, scope: Scope) -> str:
    """The recipient, trimmed; raises ValueRefused for one that nothing could be sent to."""
    name = recipient.strip()
    if not 0 < len(name) <= RECIPIENT_LENGTH or not is_storable(name) or not name.isprintable():
        raise refuse(
            "recipient",
            "bad_recipient",
            _("A recipient has 1 to %(most)d characters.") % {"most": RECIPIENT_LENGTH},
        )
    if "@" in name:
        try:
            validate_email(plain_address(name))
        except ValidationError:
            raise refuse(
                "recipient",
                "bad_address",
                _("%(name)s is no e-mail address.") % {"name": name},
                _("Write it like name@example.com."),
            ) from None
        return name
    [target] = resolved([name], scope)
    if target.problem:
        fix = _("Give an address, the user name of a person with one, or the name of a chat connection.")
        raise refuse("recipient", "unknown_recipient", target.problem, fix)
    return name


def clean_kinds(kinds: Iterable[str]) -> str:
    """The kinds as stored; all of them is the same as none. Raises ValueRefused."""
    given = list(dict.fromkeys(kinds))
    unknown = [kind for kind in given if kind not in ABOUT_WORKFLOWS]
    if unknown:
        options = ", ".join(ABOUT_WORKFLOWS)
        raise refuse(
            "kinds",
            "unknown_kind",
            _("%(kind)s is none of %(options)s.") % {"kind": unknown[0], "options": options},
        )
    return "" if len(given) == len(ABOUT_WORKFLOWS) else " ".join(sorted(given))


def facts(row: NoticeRecipient) -> dict[str, Any]:
    """What audit events compare."""
    return {
        "recipient": row.recipient,
        "scope": row.scope.ref,
        "kinds": row.kinds or "all",
        "digest": row.in_digest,
    }


def subject_of(row: NoticeRecipient) -> Subject:
    """The recipient as the subject of an audit event."""
    return Subject("recipient", str(row.pk), row.recipient, row.scope_id)


def _change(known: NoticeRecipient, line: str, in_digest: bool) -> bool:
    before = facts(known)
    known.kind_line, known.in_digest = line, in_digest
    lost, gained = differences(before, facts(known))
    if not gained:
        return False
    known.revision += 1
    known.save()
    record(AuditWord.RECIPIENT_CHANGED, subject_of(known), before=lost, after=gained)
    return True


def _locked() -> Any:
    return NoticeRecipient.objects.select_related("scope").select_for_update(of=("self",))


def _existing(pk: int) -> NoticeRecipient:
    found = _locked().filter(pk=pk).first()
    if found is None:
        raise RecipientGone(_("There is no such recipient."))
    return found
