"""Working through bulk jobs, item by item; each item is one transaction with its result.

A crash loses nothing: what was committed is marked, what was not is left and has its turn again.
"""

import json
import logging
import time
from typing import Any, Final
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from audit import context
from audit.services import change
from audit.verbs import AuditWord
from config.clock import stamp
from config.web import policy
from runs.bulk import jobs
from runs.bulk.verbs import BulkVerb, Done, Unchanged, actor_of, origin_of, things_of, verb_of
from runs.models import BulkItem, BulkJob, BulkState
from runs.services import RunGone
from workflows.lifecycle import Refusal
from workflows.services import WorkflowGone

logger = logging.getLogger(__name__)

PIECE: Final = 1.0


def work() -> int:
    """A piece of every open job, oldest first; gives how many items were settled. Safe beside other schedulers."""
    open_jobs = BulkJob.objects.filter(ended_at=None).order_by("id").values_list("pk", flat=True)
    return sum(work_on(job_id, seconds=PIECE) for job_id in list(open_jobs))


def work_on(job_id: UUID, *, seconds: float) -> int:
    """Items of one job for about so many seconds; gives how many were settled."""
    job = BulkJob.objects.select_related("user").filter(pk=job_id).first()
    verb = verb_of(job.kind, job.verb) if job else None
    if job is None or verb is None:
        return 0
    until, count = time.monotonic() + seconds, 0
    actor = actor_of(job.actor_id, job.actor_label)
    with context.acting(actor, origin=origin_of(job.pk), correlation=str(job.pk)):
        while _next(job, verb):
            count += 1
            if time.monotonic() >= until:
                break
    return count


def _next(job: BulkJob, verb: BulkVerb) -> bool:
    """Settle the next item; False where there is none, the job has ended, or somebody else works on it."""
    upcoming = _first_left(job)
    if upcoming is not None:
        _prepare(verb, upcoming, job)
    try:
        with change():
            if jobs.locked(job.pk, skip=True) is None:
                return False
            item = _first_left(job)
            if item is None:
                jobs.end(job, "done", AuditWord.BULK_FINISHED)
                return False
            done = _settle(job, verb, item)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # one broken item must not keep the others waiting
        logger.exception("%s failed for %s of bulk job %s.", verb.verb, upcoming and upcoming.target, job.pk)
        return upcoming is not None and _give_up(upcoming)
    done.after_commit()
    return True


def _first_left(job: BulkJob) -> BulkItem | None:
    return BulkItem.objects.filter(job=job, state=BulkState.LEFT).order_by("place").first()


def _prepare(verb: BulkVerb, item: BulkItem, job: BulkJob) -> None:
    """What takes long and must not happen in a transaction; what it meets is met by the act again."""
    try:
        verb.prepare(item.target, job.chosen)
    except (Refusal, WorkflowGone, RunGone):
        logger.info("Item %s of bulk job %s could not be prepared.", item.place, job.pk)


def _settle(job: BulkJob, verb: BulkVerb, item: BulkItem) -> Done:
    """Act, and write what became of it, in the caller's transaction."""
    try:
        done = _perform(job, verb, item)
        item.state, item.message, item.figures = BulkState.DONE, done.message, json.dumps(dict(done.figures))
    except (Refusal, Unchanged, WorkflowGone, RunGone) as refusal:
        done = Done()
        item.state, item.message = BulkState.REFUSED, said_by(refusal)
    item.ended_at = stamp()
    item.save(update_fields=["state", "message", "figures", "ended_at"])
    return done


def _perform(job: BulkJob, verb: BulkVerb, item: BulkItem) -> Done:
    """The verb on one thing, as the person would do it now: what they see, and what they may."""
    if job.user is None or not job.user.is_active:
        raise Unchanged(_("Whoever asked for this has no account any more."))
    things = things_of(job.kind)
    row: Any = things.rows(job.user).filter(pk=things.key(item.target)).first()
    if row is None:
        raise Unchanged(_("It is gone, or lies outside the scopes of whoever asked."))
    if objection := verb.objection(row, job.user):
        raise Unchanged(objection)
    rights = {right: policy.may(job.user, right, row) for right in verb.rights}
    with change():
        return verb.perform(item.target, {**job.chosen, **rights})


def said_by(refusal: Exception) -> str:
    """A refusal in a sentence, with the first things to mend."""
    findings = getattr(refusal, "findings", ())
    message = getattr(refusal, "message", "") or str(refusal)
    mending = [finding["message"] for finding in findings[:3] if finding["message"] not in message]
    return " ".join([message, *mending])


def _give_up(item: BulkItem) -> bool:
    """The item broke unforeseen: it counts as refused, and the job goes on with the next."""
    message = _("Something went wrong on the server; the log has it.")
    changes = {"state": BulkState.REFUSED, "message": message, "ended_at": stamp()}
    return bool(BulkItem.objects.filter(pk=item.pk, state=BulkState.LEFT).update(**changes))
