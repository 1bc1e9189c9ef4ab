"""Counting anew from the runs themselves: slow, and the measure of what tallies say."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from runs.models import RecordedValue, Run, RunStatus, StepAttempt
from runs.monitoring.folding import Sums
from runs.monitoring.histogram import bucket_of
from runs.monitoring.ledger import milliseconds_of, saved_by
from runs.monitoring.steps import DONE, attempt, outside
from runs.monitoring.sums import Sum
from runs.monitoring.windows import quarter_of
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.models import Version

CHUNK: Final = 5000
_KEY: Final = ("workflow_id", "scope_id", "version_id", "trigger_kind")


def counted(
    line: str, workflows: Collection[int], start: datetime | None = None, end: datetime | None = None
) -> Q:
    """Closed production runs of these workflows that ended in that time; `line` is the way to the run."""
    condition = Q(
        **{f"{line}workflow__in": workflows, f"{line}is_test": False, f"{line}ended_at__isnull": False}
    )
    if start is not None:
        condition &= Q(**{f"{line}ended_at__gte": start})
    if end is not None:
        condition &= Q(**{f"{line}ended_at__lt": end})
    return condition


def recount_runs(runs: Q, values: Q) -> Sums:
    """Runs and what they recorded, by RUN_KEY with quarter-hours; the conditions are those of `counted`."""
    sums: Sums = {}
    kinds = _kinds(runs)
    saved = _saved({kind[3] for kind in kinds})
    for kind, (n, took) in kinds.items():
        start, workflow, scope, version, trigger_kind, status, reason, bucket = kind
        one = sums.setdefault((start, workflow, scope, version, trigger_kind), Sum())
        one.numbers.update(
            {
                status: n,
                "milliseconds": took,
                "saved": n * saved.get(version, 0) * (status == RunStatus.SUCCESS),
            }
        )
        if bucket is not None:
            one.durations[bucket] += n
        if status == RunStatus.SKIPPED:
            one.reasons[reason] += n
    fields = ("run__ended_at", *(f"run__{name}" for name in _KEY), "unit", "value")
    found = RecordedValue.objects.filter(values).values_list(*fields)
    for ended_at, workflow, scope, version, trigger_kind, unit, value in found.iterator(CHUNK):
        sums[(quarter_of(ended_at), workflow, scope, version or 0, trigger_kind)].record(unit, value)
    return sums


def _kinds(runs: Q) -> dict[tuple[Any, ...], tuple[int, int]]:
    """How many runs are of one kind, and how long they took together."""
    numbers: Counter[tuple[Any, ...]] = Counter()
    lengths: Counter[tuple[Any, ...]] = Counter()
    rows = Run.objects.filter(runs).values_list(*_KEY, "status", "reason", "started_at", "ended_at")
    for workflow, scope, version, trigger_kind, status, reason, started_at, ended_at in rows.iterator(CHUNK):
        took = milliseconds_of(started_at, ended_at, status)
        bucket = None if took is None else bucket_of(took)
        told = reason if status == RunStatus.SKIPPED else ""
        kind = (quarter_of(ended_at), workflow, scope, version or 0, trigger_kind, status, told, bucket)
        numbers[kind] += 1
        lengths[kind] += took or 0
    return {kind: (n, lengths[kind]) for kind, n in numbers.items()}


def _saved(versions: Collection[int]) -> dict[int, int]:
    """Milliseconds of people's time that a successful run of each version saves; nothing where it cannot be read."""
    saved: dict[int, int] = {}
    for pk, text in Version.objects.filter(pk__in=versions).values_list("pk", "definition"):
        with suppress(DefinitionRefused):
            saved[pk] = saved_by(compile_definition(text), RunStatus.SUCCESS)
    return saved


def recount_steps(attempts: Q) -> Sums:
    """Attempts at steps that act outside, by STEP_KEY with quarter-hours."""
    sums: Sums = {}
    for key, one in _attempts(attempts):
        sums.setdefault(key, Sum()).add(one)
    return sums


def _attempts(attempts: Q) -> Iterator[tuple[tuple[Any, ...], Sum]]:
    rows = StepAttempt.objects.filter(
        attempts, kind__in=outside(), status__in=DONE, fence__gt=0, is_simulated=False, ended_at__isnull=False
    )
    fields = (
        "run__ended_at",
        "run__workflow_id",
        "run__scope_id",
        "step_id",
        "status",
        "started_at",
        "ended_at",
    )
    for closed_at, workflow, scope, step_id, *rest in rows.order_by().values_list(*fields).iterator(CHUNK):
        yield (quarter_of(closed_at), workflow, scope, step_id), attempt(*rest)
