"""Who gets reports by mail or chat. Audited; sent twice, the second changes nothing."""

from django.utils.translation import gettext as _

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.clock import stamp
from runs.models import ReportKind, ReportSubscription
from workflows.models import Scope
from workflows.services.entering import actor_label
from workflows.services.recipients import RecipientGone, clean_recipient
from workflows.services.twins import once_more


def subscribe(recipient: str, kind: ReportKind, *, scope: Scope) -> tuple[bool, ReportSubscription]:
    """Send each coming report of a kind and scope to a recipient. Raises ValueRefused for one that cannot be reached."""
    name = clean_recipient(recipient, scope)

    def add() -> tuple[bool, ReportSubscription]:
        with change():
            known = ReportSubscription.objects.filter(kind=kind, scope=scope, recipient__iexact=name).first()
            if known is not None:
                return False, known
            made = ReportSubscription.objects.create(
                kind=kind, scope=scope, recipient=name, created_by=actor_label(), created_at=stamp()
            )
            record(AuditWord.SUBSCRIPTION_ADDED, _subject(made), after=_facts(made))
            return True, made

    return once_more(add)


def unsubscribe(pk: int) -> ReportSubscription:
    """Send it no more. Raises RecipientGone."""
    with change():
        rows = ReportSubscription.objects.select_related("scope").select_for_update(of=("self",))
        known = rows.filter(pk=pk).first()
        if known is None:
            raise RecipientGone(_("There is no such subscription."))
        subject, before = _subject(known), _facts(known)
        known.delete()
        record(AuditWord.SUBSCRIPTION_REMOVED, subject, before=before)
    return known


def _subject(row: ReportSubscription) -> Subject:
    return Subject("recipient", str(row.pk), row.recipient, row.scope_id)


def _facts(row: ReportSubscription) -> dict[str, str]:
    return {"recipient": row.recipient, "kind": row.kind, "scope": row.scope.ref}
