"""Due instants of a schedule and what is recorded of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from audit.chain import instant
from runs.intake.occurrences import OUTAGE, PAUSED, SCHEDULE, Occurrence
from runs.intake.storing import stored_input
from runs.models import Run, RunStatus, Schedule, Tick
from runs.monitoring import ledger
from workflows.lifecycle import Status
from workflows.models import Trigger, Workflow
from workflows.triggers.timetable import Timetable

TICKS_AT_ONCE = 500
LATE = timedelta(minutes=1)


@dataclass(frozen=True)
class Due:
    """Due instants, oldest first, and the one that follows. `is_all`: the last of them is the newest due."""

    ticks: list[datetime]
    following: datetime | None
    is_all: bool


def due_ticks(timetable: Timetable, row: Schedule, now: datetime, *, most: int) -> Due:
    """The instants from the schedule's `next_at` until `now`, at most so many; `next_at` must be due."""
    assert row.next_at is not None
    ticks = [row.next_at]
    while True:
        following = timetable.next_after(ticks[-1], anchor=row.anchor)
        if following is None or following > now:
            return Due(ticks, following, is_all=True)
        if len(ticks) == most:
            return Due(ticks, following, is_all=False)
        ticks.append(following)


def is_late(tick: datetime, now: datetime) -> bool:
    """Whether a due instant was missed: more than a minute ago."""
    return now - tick > LATE


def why_missed(tick: datetime, workflow: Workflow) -> str:
    """Why a due instant that nobody saw to in its time is skipped: the workflow was closed then, or an outage."""
    closed_since = None if workflow.status == Status.ACTIVE else workflow.paused_at or workflow.status_at
    return PAUSED if closed_since is not None and tick >= closed_since else OUTAGE


def tick_input(tick: datetime) -> dict[str, object]:
    """What the run of a due instant is given."""
    return {"data": {"due_at": instant(tick)}}


def occurrence_of(trigger: Trigger, tick: datetime, now: datetime) -> Occurrence:
    """A due instant as a firing of its trigger, noticed `now`."""
    return Occurrence(
        kind=SCHEDULE,
        trigger_id=trigger.trigger_id,
        input=tick_input(tick),
        received_at=tick,
        due_at=tick,
        recorded_at=now,
    )


def recorded(trigger: Trigger, ticks: Sequence[datetime]) -> set[datetime]:
    """Which of these instants have their occurrence already."""
    known = Tick.objects.filter(trigger=trigger, due_at__in=ticks)
    return set(known.values_list("due_at", flat=True))


def recorded_ahead(now: datetime) -> int:
    """How many schedules rest because their coming due instants were recorded by a clock that stood ahead."""
    ahead = Tick.objects.filter(due_at__gt=now + LATE, trigger__schedule__is_armed=True)
    return ahead.order_by().values("trigger").distinct().count()


def record_skipped(trigger: Trigger, skipped: Sequence[tuple[datetime, str]], now: datetime) -> int:
    """Record due instants, each with its reason, as Skipped occurrences; returns how many were new."""
    known = recorded(trigger, [tick for tick, _reason in skipped])
    runs = [_skipped_run(trigger, tick, reason, now) for tick, reason in skipped if tick not in known]
    Run.objects.bulk_create(runs)
    ledger.note_all(runs)
    Tick.objects.bulk_create(Tick(trigger=trigger, due_at=run.received_at, run_id=run.pk) for run in runs)
    return len(runs)


def _skipped_run(trigger: Trigger, tick: datetime, reason: str, now: datetime) -> Run:
    return Run(
        workflow_id=trigger.workflow_id,
        scope_id=trigger.workflow.scope_id,
        status=RunStatus.SKIPPED,
        reason=reason,
        trigger_kind=SCHEDULE,
        trigger_id=trigger.trigger_id,
        correlation=uuid4().hex,
        input=stored_input(tick_input(tick), tick, redact=()),
        received_at=tick,
        due_at=tick,
        ended_at=now,
    )
