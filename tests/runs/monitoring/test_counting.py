"""Figures: each way a run can end is counted once, folded or not."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from runs import services
from runs.engine import batch, sweeper
from runs.models import Run, TallyEntry
from runs.monitoring import figures
from runs.monitoring.checking import verify
from runs.monitoring.folding import fold
from runs.monitoring.histogram import Histogram
from tests.runs.engine.driving import accept, advance, make_due, workflow_of
from tests.runs.monitoring.measured import MAIL, SET, WORTH, window
from workflows.services import status

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

FAIL = {"id": "end", "kind": "finish", "status": "failed", "message": "No"}
NAP = {"id": "nap", "kind": "delay", "for": "PT5H"}


def succeed_together() -> Run:
    run = accept(workflow_of(SET, minutes_saved_per_run=4))
    batch.advance_waiting()
    return run


def succeed_alone() -> Run:
    return advance(accept(workflow_of(WORTH, MAIL, minutes_saved_per_run=0.5)))


def fail() -> Run:
    return advance(accept(workflow_of(MAIL, FAIL)))


def fail_together() -> Run:
    run = accept(workflow_of(SET, FAIL))
    batch.advance_waiting()
    return run


def skip_as_paused() -> Run:
    workflow = workflow_of(SET)
    status.pause(workflow.pk, reason="testing", triggers="skip")
    return accept(workflow)


def skip_as_expired() -> Run:
    workflow = workflow_of(SET)
    status.pause(workflow.pk, reason="testing")
    run = accept(workflow)
    Run.objects.filter(pk=run.pk).update(held_until=timezone.now() - timedelta(1))
    sweeper.expire_held()
    return run


def stop_with_one_waiting() -> Run:
    workflow = workflow_of(NAP)
    run = advance(accept(workflow))
    status.stop(workflow.pk, reason="testing")
    return run


def discard_held() -> Run:
    workflow = workflow_of(SET)
    status.pause(workflow.pk, reason="testing")
    run = accept(workflow)
    services.discard(run.pk)
    return run


def kill_waiting() -> Run:
    run = advance(accept(workflow_of(MAIL, NAP)))
    services.kill(run.pk)
    return run


WAYS = [
    (succeed_together, "success"), (succeed_alone, "success"), (fail, "failed"), (fail_together, "failed"),
    (skip_as_paused, "skipped"), (skip_as_expired, "skipped"), (stop_with_one_waiting, "cancelled"),
    (discard_held, "skipped"), (kill_waiting, "cancelled"),
]  # fmt: skip


@pytest.mark.parametrize("is_folded", [False, True], ids=["entry", "folded"])
@pytest.mark.parametrize(("way", "outcome"), WAYS, ids=[way.__name__ for way, _outcome in WAYS])
def test_end_is_counted_once(way: Callable[[], Run], outcome: str, is_folded: bool) -> None:
    run = way()
    run.refresh_from_db()
    if is_folded:
        fold()

    found = figures.totals(window())

    assert run.status == outcome
    assert (getattr(found, outcome), found.total) == (1, 1)
    assert found.durations.count == found.finished
    assert found.skipped_reasons == ({run.reason: 1} if outcome == "skipped" else {})
    assert verify().differences == []


@pytest.mark.parametrize("is_folded", [False, True], ids=["entry", "folded"])
def test_values_minutes_and_attempts_are_counted_with_their_run(is_folded: bool) -> None:
    run = succeed_alone()
    if is_folded:
        fold()

    found = figures.totals(window())
    (step,) = figures.steps(window())

    run.refresh_from_db()
    assert (found.minutes, found.values) == (0.5, {"AUD": Decimal("12.5")})
    assert found.milliseconds == (run.ended_at - run.started_at) // timedelta(milliseconds=1)
    assert (step.workflow, step.step_id, step.attempts, step.failed) == (run.workflow_id, "mail", 1, 0)
    assert step.durations.count == 1


def test_tests_and_open_runs_are_not_counted() -> None:
    workflow = workflow_of(SET)
    services.test(workflow.pk, {})
    advance(Run.objects.get())
    accept(workflow)

    assert figures.totals(window()) == figures.Figures()
    assert not TallyEntry.objects.exists()
    assert verify().is_exact


def test_run_counts_in_the_bucket_of_its_end() -> None:
    run = advance(accept(workflow_of(SET)))
    fold()

    by_bucket = {start: found.total for start, found in figures.series(window()) if found.total}

    assert list(by_bucket.values()) == [1]
    (start,) = by_bucket
    assert start <= run.ended_at < start + timedelta(minutes=15)
    assert len(figures.series(window())) == 96


def test_waiting_run_is_counted_as_it_ends_with_all_its_time() -> None:
    run = advance(accept(workflow_of(NAP)))
    Run.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(hours=5))
    assert figures.totals(window()).total == 0

    advance(make_due(run))

    (bucket,) = figures.totals(window()).durations.counts
    assert abs(Histogram({bucket: 1}).percentile(50) - 5 * 3_600_000) < 0.05 * 5 * 3_600_000


def test_fold_leaves_every_figure_as_it_was() -> None:
    for way, _outcome in WAYS:
        way()
    before = (figures.totals(window()), figures.series(window()), figures.steps(window("7d")))

    fold()

    assert not TallyEntry.objects.exists()
    assert (figures.totals(window()), figures.series(window()), figures.steps(window("7d"))) == before
    assert verify().is_exact
