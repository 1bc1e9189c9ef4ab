"""The one path that removes or erases: inside `unlocked()`, audited, and such that the chain still verifies."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from audit import chain, seals
from audit.models import AuditEvent, AuditHead, AuditUnlock
from audit.services import Subject, change, locked_head, record
from audit.verbs import AuditWord

SUBJECT = Subject("audit", "", "Audit log")
PERSONAL_SUBJECTS = ("person", "member")


@contextmanager
def unlocked(purpose: str) -> Iterator[None]:
    """One transaction in which the database lets events be changed and deleted; nobody else sees it open."""
    with change():
        row = AuditUnlock.objects.create(purpose=purpose)
        yield
        row.delete()


def remove_before(moment: datetime, *, reason: str = "") -> int:
    """Remove the events before the first one that is not older than `moment`; returns how many.

    The head keeps a sealed checkpoint: where the chain now begins, and the hash of the last event removed.
    Leaves one event "Retention applied"; nothing to remove leaves nothing.
    """
    with unlocked(_("retention")):
        head = locked_head()
        kept = AuditEvent.objects.filter(time__gte=moment).order_by("id").values_list("id", flat=True).first()
        first = kept or head.sequence + 1
        last_removed = AuditEvent.objects.filter(id=first - 1).first()
        if last_removed is None:
            return 0
        removed, _by_model = AuditEvent.objects.filter(id__lt=first).delete()
        before = {"first": head.first, "first_previous_hash": head.first_previous_hash}
        after = {"first": first, "first_previous_hash": last_removed.hash}
        AuditHead.objects.filter(pk=head.pk).update(**after)
        seal = seals.sign("checkpoint", chain.canonical(after))
        figures = {"removed": removed, "before_time": moment, "seal": seal}
        record(AuditWord.RETENTION_APPLIED, SUBJECT, before=before, after=after | figures, reason=reason)
    return removed


def erase_person(label: str, *, reason: str = "") -> int:
    """Blank a person's name wherever it labels an actor or a person; returns how many events that were.

    The chain covers digests, so it still verifies; without the salt a digest says nothing. Names inside
    reasons and changed values are not found. Leaves one event "Retention applied", without the name.
    """
    labels = (label, f"command: {label}")
    with unlocked(_("erasure")):
        locked_head()
        acted = AuditEvent.objects.filter(actor_label__in=labels).exclude(actor_kind="system")
        about = AuditEvent.objects.filter(subject_label=label, subject_kind__in=PERSONAL_SUBJECTS)
        count = AuditEvent.objects.filter(Q(pk__in=acted.values("pk")) | Q(pk__in=about.values("pk"))).count()
        if not count:
            return 0
        _blank("actor", acted.values_list("pk", "actor_digest"))
        _blank("subject", about.values_list("pk", "subject_digest"))
        record(AuditWord.RETENTION_APPLIED, SUBJECT, after={"erased_events": count}, reason=reason)
    return count


def _blank(field: str, rows: Iterable[tuple[int, str]]) -> None:
    for pk, digest in list(rows):
        seal = seals.erasure(pk, field, digest)
        AuditEvent.objects.filter(pk=pk).update(
            **{f"{field}_label": seals.ERASED_LABEL, f"{field}_salt": seal}
        )
