"""The 24 hours after a workflow's last start: what came by which trigger, what ran each hour, which steps acted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from statistics import median
from typing import Any, Final, NamedTuple

from django.db.models import Count, Q
from django.utils import timezone

from config.ids import id_at
from runs.models import AttemptStatus, Run, RunStatus, StepAttempt
from runs.run_filters import SLACK
from workflows.models import Workflow
from workflows.models.status_span import StatusSpan
from workflows.steps.base import kinds

HOURS: Final = 24
HOUR: Final = timedelta(hours=1)
MOST: Final = 10_000
"""So many occurrences are read; a panel that would count more says so."""
STEPS: Final = 50
# product.md, section 5.
SPIKE_TIMES, SPIKE_LEAST = 3, 20
# What became a run; the rest was held or skipped.
RAN: Final = tuple(status for status in RunStatus if status not in (RunStatus.HELD, RunStatus.SKIPPED))


class Row(NamedTuple):
    """What is read of one occurrence."""

    trigger_kind: str
    trigger_id: str
    status: str
    received_at: datetime


@dataclass(frozen=True)
class Hour:
    """One hour since the start. `usual`: the median of the hours before it; None in the first."""

    number: int
    start: datetime
    end: datetime
    runs: int
    failed: int
    usual: float | None
    has_begun: bool
    is_over: bool

    @property
    def is_spike(self) -> bool:
        """Over three times the median of the hours so far, and at least 20 runs."""
        return self.usual is not None and self.runs >= SPIKE_LEAST and self.runs > SPIKE_TIMES * self.usual


@dataclass(frozen=True)
class Came:
    """The occurrences of one trigger."""

    kind: str
    trigger_id: str
    count: int
    ran: int
    held: int
    skipped: int


@dataclass(frozen=True)
class Acted:
    """A step that acts outside: how often it did, and how often it failed for good."""

    step_id: str
    label: Any
    done: int
    failed: int


@dataclass(frozen=True)
class FirstDay:
    """The panel. `paused` are the stretches in which the workflow was Paused. `is_cut`: more came than was read."""

    since: datetime
    until: datetime
    now: datetime
    rows: Sequence[Row]
    steps: list[Acted]
    paused: list[tuple[datetime, datetime]]
    is_cut: bool

    @cached_property
    def hours(self) -> list[Hour]:
        """All 24, those to come too."""
        ran, failed = (
            Counter(map(self._place, self._ran())),
            Counter(self._place(row) for row in self.rows if row.status == RunStatus.FAILED),
        )
        return [self._hour(number, ran, failed) for number in range(HOURS)]

    def _hour(self, number: int, ran: Counter[int], failed: Counter[int]) -> Hour:
        start = self.since + number * HOUR
        before = [ran[earlier] for earlier in range(number)]
        usual = median(before) if before else None
        begun, over = start <= self.now, start + HOUR <= self.now
        return Hour(number, start, start + HOUR, ran[number], failed[number], usual, begun, over)

    def _ran(self) -> list[Row]:
        return [row for row in self.rows if row.status in RAN]

    def _place(self, row: Row) -> int:
        return (row.received_at - self.since) // HOUR

    @property
    def spikes(self) -> list[Hour]:
        return [hour for hour in self.hours if hour.is_spike]

    @property
    def runs(self) -> int:
        return sum(hour.runs for hour in self.hours)

    @property
    def failed(self) -> int:
        return sum(hour.failed for hour in self.hours)

    @cached_property
    def triggers(self) -> list[Came]:
        """By trigger, the busiest first."""
        found: dict[tuple[str, str], Counter[str]] = {}
        for row in self.rows:
            found.setdefault((row.trigger_kind, row.trigger_id), Counter())[row.status] += 1
        came = [_came(kind, trigger_id, counts) for (kind, trigger_id), counts in found.items()]
        return sorted(came, key=lambda one: -one.count)


def _came(kind: str, trigger_id: str, counts: Counter[str]) -> Came:
    held, skipped = counts[RunStatus.HELD], counts[RunStatus.SKIPPED]
    return Came(kind, trigger_id, counts.total(), counts.total() - held - skipped, held, skipped)


def first_day(workflow: Workflow) -> FirstDay | None:
    """The panel for 24 hours after each start; None before the first one and afterwards. Three queries, bounded."""
    since, now = workflow.started_at, timezone.now()
    if since is None or now - since > HOURS * HOUR:
        return None
    until = since + HOURS * HOUR
    came = _occurrences(workflow, since, until)
    rows = [Row(*values) for values in came.values_list(*Row._fields)[: MOST + 1]]
    return FirstDay(
        since=since,
        until=until,
        now=now,
        rows=rows[:MOST],
        steps=_acted(came),
        paused=_paused(workflow, since, now),
        is_cut=len(rows) > MOST,
    )


def _occurrences(workflow: Workflow, since: datetime, until: datetime) -> Any:
    """Through the index by workflow and id: a row is made when it is received, or later."""
    rows = Run.objects.filter(workflow=workflow, is_test=False, pk__gte=id_at(since - SLACK))
    return rows.filter(received_at__gte=since, received_at__lt=until).order_by("pk")


def _acted(came: Any) -> list[Acted]:
    outside = {name: kind.label for name, kind in kinds().items() if kind.acts_outside}
    attempts = StepAttempt.objects.filter(
        run__in=came.values("pk")[:MOST], kind__in=outside, is_simulated=False
    )
    done = Count("pk", filter=Q(status=AttemptStatus.SUCCESS))
    failed = Count("pk", filter=Q(status=AttemptStatus.FAILED, is_final=True))
    rows = attempts.order_by().values("step_id", "kind").annotate(done=done, failed=failed)
    found = rows.filter(Q(done__gt=0) | Q(failed__gt=0)).order_by("-done", "step_id")[:STEPS]
    return [Acted(row["step_id"], outside[row["kind"]], row["done"], row["failed"]) for row in found]


def _paused(workflow: Workflow, since: datetime, now: datetime) -> list[tuple[datetime, datetime]]:
    spans = StatusSpan.objects.filter(workflow=workflow, status="paused").filter(
        Q(until=None) | Q(until__gt=since)
    )
    return [(max(span.since, since), span.until or now) for span in spans.order_by("since")]
