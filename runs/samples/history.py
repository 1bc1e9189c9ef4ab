"""Some hours of history for the samples: executed by the real engine, then dated back and marked as sample data."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from config.clock import stamp
from config.ids import id_at
from runs.intake.json_text import to_text
from runs.models import Run, RunStatus, StepAttempt
from runs.monitoring import ledger
from workflows.definition.compiled import compile_definition
from workflows.models import Workflow

MARK = "sample data"
LONGEST_WAIT = 45.0
NAMES = ("ada", "grace", "alan", "edsger", "barbara", "donald", "margaret", "ken")


def make() -> int:
    """Enter, let the workers execute, and date back; gives the number of runs. Needs a worker that is alive."""
    moment = stamp()
    ids = [run.pk for run in _enter(moment)]
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline and _unfinished(ids):
        time.sleep(0.1)
    for run_id in ids:
        _date_back(run_id)
    return len(ids)


def _unfinished(ids: list[UUID]) -> bool:
    runs = Run.objects.filter(pk__in=ids)
    return (
        runs.filter(status__in=(RunStatus.PENDING, RunStatus.RUNNING)).exists()
        or runs.filter(status=RunStatus.WAITING, reason="retry").exists()
    )


def _enter(moment: datetime) -> list[Run]:
    with transaction.atomic():
        return Run.objects.bulk_create(_occurrences(moment))


def _occurrences(moment: datetime) -> Iterator[Run]:
    by_name = {w.name: w for w in Workflow.objects.select_related("scope", "published")}
    for number in range(24):
        at = moment - timedelta(minutes=15 * number + 7)
        name = NAMES[number % len(NAMES)]
        data = {"email": f"{name}@example.test", "score": 35 + number * 23 % 65, "consent": True}
        yield _run(by_name["Lead qualification"], "event", "captured", data, at)
    for number in range(30):
        at = moment - timedelta(minutes=11 * number + 5)
        yield _run(by_name["Order sync"], "schedule", "every_minute", {}, at.replace(second=0, microsecond=0))
    for number in range(5):
        data = {"email": f"{NAMES[number]}@example.test", "name": NAMES[number].title()}
        yield _run(
            by_name["Welcome series"],
            "event",
            "signed_up",
            data,
            moment - timedelta(minutes=50 * number + 20),
        )


def _run(workflow: Workflow, kind: str, trigger_id: str, data: dict[str, object], at: datetime) -> Run:
    return Run(
        id=id_at(at),
        workflow=workflow,
        version=workflow.published,
        scope=workflow.scope,
        trigger_kind=kind,
        trigger_id=trigger_id,
        correlation=MARK,
        input=to_text({"data": data, "received_at": at.isoformat()}),
        received_at=at,
        due_at=at,
    )


def _date_back(run_id: UUID) -> None:
    """Move everything that the engine just stamped to where the run belongs, and what was counted with it."""
    with transaction.atomic():
        rows = Run.objects.filter(pk=run_id)
        run = _locked(run_id)
        if run.started_at is None or run.version is None:
            return
        shift = run.started_at - run.received_at - timedelta(milliseconds=40)
        saved = ledger.saved_by(compile_definition(run.version.definition), run.status)
        if not run.is_open:
            ledger.take_back(run, saved=saved)
        rows.update(started_at=F("started_at") - shift, deadline_at=F("deadline_at") - shift)
        rows.filter(ended_at__isnull=False).update(ended_at=F("ended_at") - shift, reason=MARK)
        rows.filter(status=RunStatus.WAITING).update(due_at=F("due_at") - shift)
        if not run.is_open:
            ledger.note(rows.get(), saved=saved)
        attempts = StepAttempt.objects.filter(run=run)
        attempts.update(started_at=F("started_at") - shift)
        attempts.filter(ended_at__isnull=False).update(ended_at=F("ended_at") - shift)
        attempts.filter(due_at__isnull=False).update(due_at=F("due_at") - shift)


def _locked(run_id: UUID) -> Run:
    rows = Run.objects.select_related("version")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=run_id)
