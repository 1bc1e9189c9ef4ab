"""The background round: a few workflows at a time, each once in a quarter-hour."""

import logging
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from config.clock import stamp
from runs.models import Finding, Watch
from runs.monitoring.detecting.judging import Learned, judge
from runs.monitoring.detecting.verdicts import Kind, Verdict
from runs.monitoring.findings import keeping, remembering
from runs.monitoring.findings.gathering import recent
from runs.monitoring.findings.learning import learn
from runs.monitoring.windows import quarter_of, workspace_zone
from workflows.models import Status, Workflow

logger = logging.getLogger(__name__)

BATCH: Final = 25
NEW: Final = 500
LAG: Final = timedelta(seconds=20)
"""So long after a quarter-hour it is judged: transactions that close its last runs have committed by then."""
REMEMBERED: Final = timedelta(days=63)
"""A workflow that did not run for so long is not watched any more."""


def look() -> int:
    """One batch; gives how many workflows were looked at, 0 when all were in this quarter-hour.

    Safe beside other schedulers, which take other workflows. A batch whose process dies is looked at again in the next
    quarter-hour.
    """
    now = quarter_of(stamp() - LAG)
    chosen = _taken(now)
    if not chosen:
        return 0
    workflows = _workflows(chosen)
    known = _learned(chosen, workflows, now)
    standing = Finding.objects.standing().filter(workflow__in=chosen)
    by_workflow: dict[int, list[Finding]] = {}
    for finding in standing:
        by_workflow.setdefault(finding.workflow_id, []).append(finding)
    active = [one for one in workflows.values() if one.status == Status.ACTIVE and one.pk in known]
    seen = recent(active, now=now)
    for pk, workflow in workflows.items():
        found = by_workflow.get(pk, [])
        kinds = [Kind(one.kind) for one in found]
        verdicts = judge(known[pk], seen[pk], workspace_zone(), open_kinds=kinds) if pk in seen else []
        _settle(workflow, verdicts, now=now, standing=found)
    return len(chosen)


def _settle(workflow: Workflow, verdicts: list[Verdict], *, now: datetime, standing: list[Finding]) -> None:
    if not verdicts and not standing:
        return
    try:
        keeping.settle(workflow, verdicts, now=now, standing=standing)
    except IntegrityError:
        # Another scheduler found the same at the same time; its row stands.
        logger.info("A finding about workflow %s stands already.", workflow.pk)


def _taken(now: datetime) -> list[int]:
    """Workflows that nobody has looked at since `now`, marked as looked at."""
    with transaction.atomic():
        due = Watch.objects.filter(Q(looked_at=None) | Q(looked_at__lt=now))
        rows = due.select_for_update(skip_locked=True).order_by(F("looked_at").asc(nulls_first=True), "pk")
        chosen = list(rows.values_list("pk", flat=True)[:BATCH])
        Watch.objects.filter(pk__in=chosen).update(looked_at=now)
    return chosen


def watch() -> int:
    """Begin to watch workflows that began to run, and end it for those that have not run for long; gives how many began."""
    before = stamp() - REMEMBERED
    running = Workflow.objects.standing().filter(status=Status.ACTIVE, last_run_at__gte=before)
    missing = running.exclude(pk__in=Watch.objects.values("pk")).values_list("pk", flat=True)[:NEW]
    made = Watch.objects.bulk_create((Watch(workflow_id=pk) for pk in missing), ignore_conflicts=True)
    old = Q(workflow__last_run_at__lt=before) | Q(workflow__deleted_at__isnull=False)
    standing = Finding.objects.standing().values("workflow")
    Watch.objects.filter(old).exclude(pk__in=standing).delete()
    return len(made)


def _workflows(chosen: Collection[int]) -> dict[int, Workflow]:
    rows = Workflow.objects.filter(pk__in=chosen).select_related("published")
    return {one.pk: one for one in rows.defer("published__definition", "description")}


def _learned(chosen: Collection[int], workflows: dict[int, Workflow], now: datetime) -> dict[int, Learned]:
    """What is known of each Active one, learned anew where that was another day."""
    zone = workspace_zone()
    today = now.astimezone(zone).date()
    known: dict[int, Learned] = {}
    for watch in Watch.objects.filter(pk__in=chosen, learned_on=today):
        if stored := remembering.unpack(bytes(watch.learned)):
            known[watch.pk] = stored
    due = [pk for pk in chosen if pk not in known and workflows[pk].status == Status.ACTIVE]
    fresh = learn(due, today=today, zone=zone) if due else {}
    _remember(fresh, today)
    return known | fresh


def _remember(fresh: dict[int, Learned], today: date) -> None:
    rows = [Watch(pk=pk, learned_on=today, learned=remembering.pack(one)) for pk, one in fresh.items()]
    Watch.objects.bulk_update(rows, ["learned_on", "learned"])
