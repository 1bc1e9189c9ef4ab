"""The figures of a window: what charts, lists, rules and reports read. Each function is a fixed number of queries.

A run counts in the bucket of its end (`ended_at`), once it is closed and unless it is a test. Every figure is current
to the last run that closed, and its cost does not depend on how many runs there are or were.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from runs.models import Level
from runs.monitoring.histogram import Histogram
from runs.monitoring.reading import Choice, Key, run_counts, step_counts
from runs.monitoring.sums import Sum
from runs.monitoring.windows import Window
from runs.statements.snapshot import snapshot
from workflows.models import StatusSpan

Ids = Collection[int] | QuerySet[Any]


@dataclass(frozen=True)
class Figures:
    """Closed production runs. `durations` and `milliseconds` are of those that succeeded or failed; `values` by unit.

    `minutes`: of people's time, as the versions that ran said they save. `skipped_reasons` add up to `skipped`.
    """

    success: int = 0
    failed: int = 0
    cancelled: int = 0
    skipped: int = 0
    skipped_reasons: Mapping[str, int] = field(default_factory=dict)
    durations: Histogram = field(default_factory=Histogram)
    milliseconds: int = 0
    minutes: float = 0.0
    values: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def finished(self) -> int:
        """Those that came to an end of their own: success or failure."""
        return self.success + self.failed

    @property
    def executed(self) -> int:
        """All but the skipped: the volume."""
        return self.finished + self.cancelled

    @property
    def total(self) -> int:
        """All that closed, the skipped too."""
        return self.executed + self.skipped

    @property
    def ratio(self) -> float | None:
        """The share of successes among the finished, from 0 to 1; None where none finished."""
        return self.success / self.finished if self.finished else None

    @property
    def mean_milliseconds(self) -> float | None:
        """The mean duration; None without any."""
        return self.milliseconds / self.finished if self.finished else None

    def __add__(self, other: "Figures") -> "Figures":
        return figures_of([_sum_of(self), _sum_of(other)])


def figures_of(sums: Collection[Sum]) -> Figures:
    """Several sums as one set of figures."""
    whole = Sum()
    for one in sums:
        whole.add(one)
    return Figures(
        success=whole.numbers["success"],
        failed=whole.numbers["failed"],
        cancelled=whole.numbers["cancelled"],
        skipped=whole.numbers["skipped"],
        skipped_reasons={reason: n for reason, n in sorted(whole.reasons.items()) if n},
        durations=Histogram({bucket: n for bucket, n in sorted(whole.durations.items()) if n}),
        milliseconds=whole.numbers["milliseconds"],
        minutes=whole.numbers["saved"] / 60_000,
        values={unit: value for unit, value in sorted(whole.recorded.items()) if value},
    )


def _sum_of(figures: Figures) -> Sum:
    found = Sum(recorded=dict(figures.values))
    for name in ("success", "failed", "cancelled", "skipped", "milliseconds"):
        found.numbers[name] = getattr(figures, name)
    found.numbers["saved"] = round(figures.minutes * 60_000)
    found.durations.update(figures.durations.counts)
    found.reasons.update(figures.skipped_reasons)
    return found


def totals(window: Window, *, workflows: Ids | None = None, scopes: Ids | None = None) -> Figures:
    """Everything of the window together; one query.

    `workflows`: ids or a queryset of them; `scopes`: the scopes that the runs were accepted in, those inside them only
    if they are named too. None: all.
    """
    found = run_counts(window, (), Choice(workflows, scopes), with_texts=True)
    return figures_of([one for _key, one in found])


def series(
    window: Window, *, workflows: Ids | None = None, scopes: Ids | None = None
) -> list[tuple[datetime, Figures]]:
    """Each bucket's beginning with its figures, the empty ones too; one query."""
    within, choice = window.grain.level, Choice(workflows, scopes)
    found = run_counts(window, ("start",), choice, within=within, with_texts=True)
    by_bucket: dict[datetime, list[Sum]] = {start: [] for start in window.starts}
    for (start,), one in found:
        by_bucket[window.bucket_at(start)].append(one)
    return [(start, figures_of(sums)) for start, sums in by_bucket.items()]


def by_workflow(
    window: Window, *, workflows: Ids | None = None, scopes: Ids | None = None, with_durations: bool = False
) -> dict[int, Figures]:
    """The figures of each workflow that had any, by its id; one query.

    Without `with_durations` only the counts, the mean and the minutes, which the database adds up: so all workflows can
    be compared. With it, durations, reasons and values as well: meant for those that are shown.
    """
    return _by("workflow", window, Choice(workflows, scopes), with_texts=with_durations)


def by_version(
    window: Window, *, workflows: Ids | None = None, scopes: Ids | None = None
) -> dict[int, Figures]:
    """The figures of each version, by its key; 0: those for which none was chosen. One query."""
    return _by("version", window, Choice(workflows, scopes), with_texts=True)


def by_trigger(
    window: Window, *, workflows: Ids | None = None, scopes: Ids | None = None
) -> dict[str, Figures]:
    """The figures of each kind of trigger, by its word; one query."""
    return _by("trigger_kind", window, Choice(workflows, scopes), with_texts=True)


def _by(name: str, window: Window, choice: Choice, *, with_texts: bool) -> dict[Any, Figures]:
    sums: dict[Any, list[Sum]] = {}
    for (key,), one in run_counts(window, (name,), choice, with_texts=with_texts):
        sums.setdefault(key, []).append(one)
    return {key: figures_of(several) for key, several in sums.items()}


def by_hour_of_week(
    window: Window, *, workflows: Ids | None = None, scopes: Ids | None = None
) -> dict[tuple[int, int], int]:
    """How many runs executed (`Figures.executed`) by weekday (0 is Monday) and hour of the window's zone; one query.

    Hours in which none did are left out.
    """
    found: dict[tuple[int, int], int] = {}
    choice = Choice(workflows, scopes)
    for (start,), one in run_counts(window, ("start",), choice, within=Level.HOUR, with_texts=False):
        there = start.astimezone(window.zone)
        key = (there.weekday(), there.hour)
        executed = one.numbers["success"] + one.numbers["failed"] + one.numbers["cancelled"]
        found[key] = found.get(key, 0) + executed
    return {key: n for key, n in sorted(found.items()) if n}


@dataclass(frozen=True)
class StepFigures:
    """The attempts at one step that acts outside, of runs that closed in the window."""

    workflow: int
    step_id: str
    attempts: int
    failed: int
    milliseconds: int
    durations: Histogram

    @property
    def ratio(self) -> float | None:
        """The share of attempts that failed, from 0 to 1."""
        return self.failed / self.attempts if self.attempts else None

    @property
    def mean_milliseconds(self) -> float | None:
        """The mean duration of an attempt."""
        return self.milliseconds / self.attempts if self.attempts else None


def steps(
    window: Window, *, workflows: Ids | None = None, scopes: Ids | None = None, most: int = 10
) -> list[StepFigures]:
    """The slowest and the most failing steps that act outside, at most so many of each; four queries."""
    choice = Choice(workflows, scopes)
    with snapshot():
        every = _steps(step_counts(window, choice, with_texts=False))
        return _steps(step_counts(window, choice, only=_most_telling(every, most), with_texts=True))


def _most_telling(every: Sequence[StepFigures], most: int) -> Q:
    """Which they are, as a condition."""
    slowest = sorted(every, key=lambda one: -(one.mean_milliseconds or 0))
    failing = sorted((one for one in every if one.failed), key=lambda one: (-one.failed, -(one.ratio or 0)))
    only = Q(pk__in=[])
    for one in (*slowest[:most], *failing[:most]):
        only |= Q(workflow=one.workflow, step_id=one.step_id)
    return only


def _steps(found: "Any") -> list[StepFigures]:
    sums: dict[Key, Sum] = {}
    for key, one in found:
        sums.setdefault(key, Sum()).add(one)
    return [
        StepFigures(
            workflow=workflow, step_id=step_id, attempts=one.numbers["attempts"], failed=one.numbers["failed"],
            milliseconds=one.numbers["milliseconds"], durations=Histogram(dict(one.durations)),
        )
        for (workflow, step_id), one in sorted(sums.items())
        if one.numbers["attempts"]
    ]  # fmt: skip


def statuses(window: Window, workflow_ids: Ids) -> list[StatusSpan]:
    """When these workflows had which status, the spans that touch the window, by beginning; one query.

    A span that lasts has no `until`; the first and last may reach beyond the window.
    """
    touching = Q(since__lt=window.end) & (Q(until=None) | Q(until__gt=window.start))
    return list(StatusSpan.objects.filter(touching, workflow__in=workflow_ids).order_by("since", "pk"))
