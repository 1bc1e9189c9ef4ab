"""Figures: each way a run can end is counted once, folded or not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs import services
from runs.engine import batch, sweeper
from runs.models import Run, TallyEntry
from runs.monitoring import figures
from runs.monitoring.checking import rebuild, verify
from runs.monitoring.folding import fold
from runs.monitoring.histogram import Histogram, bucket_of
from runs.monitoring.windows import Window
from tests.factories import make_run, make_scope, make_workflow
from tests.runs.engine.driving import accept, advance, make_due, workflow_of
from workflows.models import Workflow
from workflows.services import status

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

SET = {"id": "one", "kind": "set", "values": {"x": "1"}}
WORTH = {"id": "worth", "kind": "record_value", "name": "lead", "value": "12.50", "unit": "AUD"}
MAIL = {"id": "mail", "kind": "send_email", "to": "a@example.test", "subject": "s", "text": "t"}
FAIL = {"id": "end", "kind": "finish", "status": "failed", "message": "No"}
NAP = {"id": "nap", "kind": "delay", "for": "PT5H"}


def window(text: str = "24h") -> Window:
    return Window.of(text, timezone.now())


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


def closed(workflow: Workflow, at: datetime, **changes: Any) -> Run:
    values = {"status": "success", "started_at": at - timedelta(seconds=2), "ended_at": at, "due_at": None}
    return make_run(workflow, **values | changes)


@pytest.mark.parametrize("text", ["7d", "30d", "90d", "1y"])
def test_sums_of_coarse_counts_equal_those_of_fine_ones(text: str) -> None:
    workflow, now = make_workflow(), timezone.now()
    for days in range(0, 380, 3):
        closed(
            workflow, now - timedelta(days=days, hours=days % 24), trigger_kind=["webhook", "event"][days % 2]
        )
    rebuild()
    wanted = window(text)
    expected = Run.objects.filter(ended_at__gte=wanted.start, ended_at__lt=wanted.end).count()

    assert figures.totals(wanted).total == expected
    assert figures.totals(wanted, workflows=[workflow.pk]).total == expected
    assert sum(found.total for _start, found in figures.series(wanted)) == expected
    assert figures.by_workflow(wanted)[workflow.pk].total == expected
    assert sum(found.total for found in figures.by_trigger(wanted).values()) == expected
    assert sum(figures.by_hour_of_week(wanted).values()) == expected
    assert figures.totals(wanted).durations.counts == {bucket_of(2000): expected}


def test_figures_keep_workflows_versions_and_scopes_apart() -> None:
    inner, now = make_scope("hub:sydney"), timezone.now()
    one, other = make_workflow(), make_workflow(scope=inner)
    closed(one, now, version=None, status="skipped", reason="paused", started_at=None)
    closed(one, now)
    closed(other, now, status="failed")
    rebuild()

    assert {pk: found.total for pk, found in figures.by_workflow(window()).items()} == {
        one.pk: 2,
        other.pk: 1,
    }
    assert figures.totals(window(), scopes=[inner.pk]).failed == 1
    assert figures.totals(window(), workflows=Workflow.objects.filter(scope=one.scope)).total == 2
    versions = figures.by_version(window(), workflows=[one.pk])
    assert {pk: found.total for pk, found in versions.items()} == {0: 1, one.published_id: 1}


def test_hours_of_the_week_are_those_of_the_zone(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Kathmandu"
    monday = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
    closed(make_workflow(), monday)
    rebuild()

    found = figures.by_hour_of_week(Window.of("7d", monday + timedelta(days=2)))

    assert found == {(1, 2): 1}


QUERIES = [
    (figures.totals, 1), (figures.series, 1), (figures.by_workflow, 1), (figures.by_trigger, 1),
    (figures.by_hour_of_week, 1), (figures.by_version, 1), (figures.steps, 4),
]  # fmt: skip


@pytest.mark.parametrize(("read", "number"), QUERIES, ids=[read.__name__ for read, _number in QUERIES])
def test_queries_do_not_depend_on_how_much_there_is(read: Callable[[Window], object], number: int) -> None:
    workflow = workflow_of(MAIL)
    advance(accept(workflow))
    fold()
    for _ in range(3):
        advance(accept(workflow_of(MAIL, WORTH)))

    with CaptureQueriesContext(connection) as queries:
        read(window("1y"))

    assert len(queries) == number


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


def test_spans_tell_how_long_a_status_lasted() -> None:
    workflow = workflow_of(SET)
    status.pause(workflow.pk, reason="testing")
    status.resume(workflow.pk)

    spans = figures.statuses(window(), [workflow.pk])

    assert [span.status for span in spans] == ["active", "paused", "active"]
    assert [span.until for span in spans] == [spans[1].since, spans[2].since, None]
    assert spans[1].since == workflow.history.filter(status="paused").latest().status_at
