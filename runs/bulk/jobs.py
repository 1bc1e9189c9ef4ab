"""The door for writes: begin a job, stop one; and for reads: a job's counts, and who sees it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import context
from audit.chain import instant
from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.clock import stamp
from runs.bulk.verbs import BulkVerb, Options, label_of, verb_of
from runs.models import BulkItem, BulkJob, BulkKind, BulkState
from workflows import access
from workflows.access import scope_id_of

KEPT: Final = timedelta(days=90)


@dataclass(frozen=True)
class Counts:
    """How far a job is: done, refused and left make up the total."""

    done: int
    refused: int
    left: int

    @property
    def total(self) -> int:
        return self.done + self.refused + self.left

    @property
    def settled(self) -> int:
        return self.done + self.refused

    def as_figures(self) -> dict[str, int]:
        return {"done": self.done, "refused": self.refused, "left": self.left}


def begin(verb: BulkVerb, rows: Iterable[Any], options: Options, user: Any) -> BulkJob:
    """Store a job with its items, in one transaction; the scheduler works it.

    Raises ValueRefused for options that each item would refuse.
    """
    verb.check(options)
    actor, chosen = context.current().actor, list(rows)
    with change():
        job = BulkJob.objects.create(
            kind=verb.kind,
            verb=verb.verb,
            options=json.dumps(options, default=_text),
            user=user,
            actor_id=actor.id,
            actor_label=actor.label,
            total=len(chosen),
            created_at=stamp(),
        )
        items = [
            BulkItem(job=job, place=place, target=str(row.pk), label=label_of(verb.kind, row))
            for place, row in enumerate(chosen, start=1)
        ]
        BulkItem.objects.bulk_create(items, batch_size=500)
        record(AuditWord.BULK_STARTED, subject_of(job, chosen), after=_asked(job))
    return job


def _text(value: Any) -> str:
    return instant(value) if hasattr(value, "astimezone") else str(value)


def _asked(job: BulkJob) -> dict[str, Any]:
    given = {name: value for name, value in job.chosen.items() if value not in ("", None, False, [])}
    return {"verb": job.verb, "total": job.total, **given}


def title_of(job: BulkJob) -> str:
    """ "Pause: 20 workflows" """
    verb = verb_of(job.kind, job.verb)
    label = str(verb.label) if verb else job.verb
    if job.kind == BulkKind.WORKFLOWS:
        many = ngettext("%(verb)s: %(n)d workflow", "%(verb)s: %(n)d workflows", job.total)
    else:
        many = ngettext("%(verb)s: %(n)d run", "%(verb)s: %(n)d runs", job.total)
    return many % {"verb": label, "n": job.total}


def subject_of(job: BulkJob, rows: Iterable[Any] = ()) -> Subject:
    """A job as the subject of an audit event; in the one scope of its rows, if they share one."""
    scopes = {scope_id_of(row) for row in rows}
    return Subject("bulk", str(job.pk), title_of(job), scopes.pop() if len(scopes) == 1 else None)


def locked(job_id: UUID, *, skip: bool = False) -> BulkJob | None:
    """The open job, its row locked until the transaction ends; None once it has ended.

    With `skip` also None where somebody else works on it at this moment.
    """
    rows = BulkJob.objects.filter(pk=job_id, ended_at=None)
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=skip, no_key=True)
    return rows.first()


def counts_of(job: BulkJob) -> Counts:
    """How far the job is; one query."""
    found = dict(job.items.order_by().values_list("state").annotate(n=Count("pk")))
    return Counts(*(found.get(state, 0) for state in (BulkState.DONE, BulkState.REFUSED, BulkState.LEFT)))


def sums_of(job: BulkJob) -> dict[str, int]:
    """The figures of all items together: how many finish, are held, are cancelled."""
    sums: dict[str, int] = {}
    for text in job.items.exclude(figures="{}").order_by().values_list("figures", flat=True):
        for name, number in json.loads(text).items():
            sums[name] = sums.get(name, 0) + number
    return sums


def end(job: BulkJob, how: str, word: AuditWord) -> None:
    """End a locked job and record it, in the caller's transaction."""
    job.ended_at, job.ended_how = stamp(), how
    job.save(update_fields=["ended_at", "ended_how"])
    record(word, subject_of(job), after=counts_of(job).as_figures())


def stop(job_id: UUID) -> bool:
    """Stop a job: what is done stays done, what is left is left alone. False when it had ended already."""
    with change():
        job = locked(job_id)
        if job is None:
            return False
        end(job, "stopped", AuditWord.BULK_STOPPED)
    return True


def forget_old() -> int:
    """Delete the jobs that ended long ago, with their results; the audit log keeps every act."""
    return BulkJob.objects.filter(ended_at__lt=stamp() - KEPT).delete()[0]


def visible_to(user: Any) -> QuerySet[BulkJob]:
    """A person's own jobs; those of everybody for whoever manages members in the whole workspace."""
    rows = BulkJob.objects.all()
    return rows if access.may_in(user, "members", None) else rows.filter(user=user)


def words_of(sums: dict[str, int]) -> list[str]:
    """The sums as sentences."""
    sentences = {
        "finishing": _("%(n)d are finishing."),
        "held": _("%(n)d became Held."),
        "cancelled": _("%(n)d were cancelled."),
        "released": _("%(n)d are being released."),
        "discarded": _("%(n)d were discarded."),
        "kept": _("%(n)d stay held."),
    }
    return [sentences[name] % {"n": number} for name, number in sums.items() if name in sentences]
