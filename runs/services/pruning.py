"""Retention: what closed runs took in and gave out is kept as long as their workflow's `keep_payloads` says."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.clock import stamp
from config.failpoints import failpoint
from runs.models import CLOSED, Run, StepAttempt
from runs.models.run import RunQuerySet
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.models import Workflow

logger = logging.getLogger(__name__)

PORTION = 500
WORKFLOWS = 100
SUBJECT = Subject("run", "", "Runs")


def prune(*, dry_run: bool = False, limit: int | None = None) -> int:
    """Remove input and output of closed runs, and of their steps, once `keep_payloads` has passed since their end.

    Rows, times, statuses and errors stay, and with them every figure. Open runs and workflows without
    `keep_payloads` are left alone. Gives how many runs lost (with `dry_run`: would lose) theirs; about
    `limit` of them at most.
    """
    moment, count = stamp(), 0
    for runs in _due(moment):
        if limit is not None and count >= limit:
            break
        count += runs.count() if dry_run else _prune(runs, moment, limit and limit - count)
    return count


def _due(moment: datetime) -> Iterator[RunQuerySet]:
    """The runs of each workflow whose details are due to go; its published definition decides, else its draft."""
    for workflow in _workflows():
        keep = _keep_payloads(workflow)
        if keep is not None:
            closed = Run.objects.filter(workflow=workflow, status__in=CLOSED, ended_at__lt=moment - keep)
            yield closed.filter(~Q(input="") | ~Q(output=""))


def _workflows() -> Iterator[Workflow]:
    """Every one, some at a time: thousands of definitions at once stay in the memory of a process that lives for weeks."""
    keys = list(Workflow.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), WORKFLOWS):
        some = Workflow.objects.filter(pk__in=keys[start : start + WORKFLOWS])
        yield from some.select_related("published", "draft").order_by("pk")


def _keep_payloads(workflow: Workflow) -> timedelta | None:
    """None where nothing is said, or where what is said cannot be read: then nothing is removed."""
    version = workflow.published or workflow.draft
    try:
        return compile_definition(version.definition).settings.keep_payloads if version else None
    except DefinitionRefused:
        logger.exception(
            "The definition of workflow %s cannot be read; nothing of it is pruned.", workflow.pk
        )
        return None


def _prune(runs: RunQuerySet, moment: datetime, limit: int | None) -> int:
    """In portions, each its own transaction with its event, so that nobody waits for long."""
    count = 0
    while limit is None or count < limit:
        ids = list(runs.order_by("pk").values_list("pk", flat=True)[:PORTION])
        if not ids:
            break
        with change():
            StepAttempt.objects.filter(run_id__in=ids).update(input="", output="")
            failpoint("K20")
            Run.objects.filter(pk__in=ids).update(input="", output="")
            record(AuditWord.RETENTION_APPLIED, SUBJECT, after={"runs": len(ids), "payloads_at": moment})
        count += len(ids)
    return count
