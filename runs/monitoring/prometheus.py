"""What Prometheus is told: runs by outcome, the queue, processes, schedules, webhook answers. Eight queries."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Min, Sum

from config.clock import stamp
from runs.engine.heartbeat import ALIVE
from runs.models import (
    CLOSED,
    OPEN,
    AnswerCount,
    Heartbeat,
    Level,
    Run,
    RunStatus,
    Schedule,
    ScopeTally,
    TallyEntry,
)
from runs.monitoring.exposition import Metric
from runs.statements.snapshot import snapshot
from workflows.models import Status, Workflow

NOTHING: Final = timedelta(0)
Samples = dict[tuple[tuple[str, str], ...], float]


def metrics() -> Iterator[Metric]:
    """Everything, as of now."""
    moment = stamp()
    yield Metric("signalbox_runs_total", "counter", "Closed production runs by outcome.", _outcomes())
    yield Metric("signalbox_runs_open", "gauge", "Runs that are not closed, by status.", _open())
    yield Metric(
        "signalbox_queue_oldest_seconds", "gauge",
        "How long the oldest run that may start has been waiting for a worker.", {(): _oldest(moment)},
    )  # fmt: skip
    yield Metric("signalbox_workflows", "gauge", "Workflows by status.", _workflows())
    beats = Heartbeat.objects.order_by("name").values_list("name", "kind", "beat_at")
    ages: Samples = {
        (("process", name), ("kind", kind)): (moment - beat_at).total_seconds()
        for name, kind, beat_at in beats
    }
    alive = dict.fromkeys(("worker", "scheduler"), 0)
    for (_name, (_word, kind)), age in ages.items():
        alive[kind] = alive.get(kind, 0) + (age < ALIVE.total_seconds())
    yield Metric(
        "signalbox_processes_alive", "gauge", "Processes whose heartbeat is fresh, by kind.",
        {(("kind", kind),): n for kind, n in alive.items()},
    )  # fmt: skip
    yield Metric("signalbox_heartbeat_age_seconds", "gauge", "Since each process beat last.", ages)
    yield Metric(
        "signalbox_schedule_lag_seconds", "gauge",
        "By how much the schedule that is latest is late; 0 when none is.", {(): _lag(moment)},
    )  # fmt: skip
    answers = AnswerCount.objects.order_by("code").values_list("code", "answers")
    yield Metric(
        "signalbox_webhook_answers_total", "counter", "Webhook deliveries by the status of their answer.",
        {(("code", str(code)),): n for code, n in answers},
    )  # fmt: skip


def _outcomes() -> Samples:
    """From tallies of months, which are never removed, and what is not folded yet: of one moment, so they never fall."""
    with snapshot():
        months = ScopeTally.objects.filter(level=Level.MONTH)
        found = months.aggregate(**{status: Sum(status) for status in CLOSED})
        pending = TallyEntry.objects.order_by().values_list("status").annotate(n=Sum("runs"))
        fresh: dict[str, int] = dict(pending)
    return {(("outcome", status),): float((found[status] or 0) + fresh.get(status, 0)) for status in CLOSED}


def _open() -> Samples:
    rows = Run.objects.filter(status__in=OPEN).order_by().values_list("status").annotate(n=Count("pk"))
    counts: dict[str, int] = dict(rows)
    return {(("status", status),): float(counts.get(status, 0)) for status in OPEN}


def _oldest(moment: datetime) -> float:
    due = Run.objects.filter(status=RunStatus.PENDING, due_at__lte=moment, workflow__status=Status.ACTIVE)
    oldest = due.aggregate(at=Min("due_at"))["at"]
    return max(moment - oldest, NOTHING).total_seconds() if oldest else 0.0


def _workflows() -> Samples:
    rows = Workflow.objects.standing().order_by().values_list("status").annotate(n=Count("pk"))
    counts: dict[str, int] = dict(rows)
    return {(("status", status),): float(counts.get(status, 0)) for status in Status.values}


def _lag(moment: datetime) -> float:
    armed = Schedule.objects.filter(is_armed=True, set_aside="", trigger__workflow__status=Status.ACTIVE)
    soonest = armed.aggregate(at=Min("next_at"))["at"]
    return max(moment - soonest, NOTHING).total_seconds() if soonest else 0.0
