"""Rows as a year of use leaves them, entered beside the engine: closed runs of all ages, some open ones among them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from itertools import islice

from django.core.management import call_command
from django.db import transaction

from config.clock import stamp
from config.ids import new_id
from runs.models import AttemptStatus, RecordedValue, Run, RunStatus, StepAttempt

TOGETHER = 2_000
ROUND = 100
# Of each hundred: how many, how they ended, after how many days at least and at most they are old, and whether they stay.
KINDS = (
    (1, RunStatus.WAITING, 400, 400, True),
    (1, RunStatus.SUCCESS, 400, 400, True),  # for which the one before waits
    (1, RunStatus.NEEDS_DECISION, 400, 400, True),
    (10, RunStatus.SUCCESS, 10, 80, True),
    (10, RunStatus.FAILED, 100, 300, True),
    (10, RunStatus.FAILED, 367, 390, False),
    (5, RunStatus.CANCELLED, 367, 390, False),
    (5, RunStatus.SKIPPED, 367, 390, False),
    (57, RunStatus.SUCCESS, 91, 390, False),
)


def enter(template: Run, count: int) -> Counter[bool]:
    """So many rows like a closed run, and the figures that count them; how many are to stay (True) and to go."""
    moment, told, rows = stamp(), Counter[bool](), _rows(template, count)
    while some := list(islice(rows, TOGETHER)):
        with transaction.atomic():
            Run.objects.bulk_create([run for run, _stays in some], batch_size=500)
            begun = [run for run, _stays in some if run.started_at][::5]
            StepAttempt.objects.bulk_create([_attempt(run, moment) for run in begun], batch_size=500)
            RecordedValue.objects.bulk_create([_value(run) for run in begun if run.ended_at], batch_size=500)
        told += Counter(stays for _run, stays in some)
    # The engine did not close these, so nothing counted them.
    call_command("metrics", "rebuild", stdout=StringIO())
    return told


def _rows(template: Run, count: int) -> Iterator[tuple[Run, bool]]:
    moment, before = stamp(), None
    for number in range(count):
        place, (status, youngest, oldest, stays) = _kind(number % ROUND)
        age = timedelta(days=youngest + (number // ROUND * 7 + place * 3) % (oldest - youngest + 1))
        run = _run(template, status, moment, moment - age)
        if place == 1:
            run.parent = before
        before = run
        yield run, stays


def _kind(place: int) -> tuple[int, tuple[RunStatus, int, int, bool]]:
    left = place
    for many, *kind in KINDS:
        if left < many:
            return place, tuple(kind)  # type: ignore[return-value]
        left -= many
    raise AssertionError("the shares of a hundred")


def _run(template: Run, status: RunStatus, now: datetime, at: datetime) -> Run:
    is_open = status in (RunStatus.WAITING, RunStatus.NEEDS_DECISION)
    begun = status != RunStatus.SKIPPED
    return Run(
        id=new_id(),
        workflow_id=template.workflow_id,
        version_id=template.version_id if begun else None,
        scope_id=template.scope_id,
        status=status,
        reason={
            RunStatus.WAITING: "delay",
            RunStatus.NEEDS_DECISION: "crash",
            RunStatus.SKIPPED: "paused",
        }.get(status, ""),
        # Nobody sent a webhook for these, which the oracle would ask.
        trigger_kind="event",
        input=template.input,
        output=template.output,
        received_at=at,
        started_at=at if begun else None,
        ended_at=None if is_open else at + timedelta(seconds=3),
        due_at=now + timedelta(days=20) if status == RunStatus.WAITING else None,
        deadline_at=now + timedelta(days=29) if is_open else None,
    )


def _attempt(run: Run, moment: datetime) -> StepAttempt:
    return StepAttempt(
        run=run,
        step_id="keep",
        kind="set",
        status=AttemptStatus.SUCCESS,
        started_at=run.started_at or moment,
        ended_at=run.started_at,
        output=run.output,
    )


def _value(run: Run) -> RecordedValue:
    return RecordedValue(run=run, step_id="worth", name="order", value="12.5", unit="EUR")
