"""Figures: sums are equal at any width, things are kept apart, and queries do not grow."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.models import Run
from runs.monitoring import figures
from runs.monitoring.checking import rebuild
from runs.monitoring.folding import fold
from runs.monitoring.histogram import bucket_of
from runs.monitoring.windows import Window
from tests.factories import make_run, make_scope, make_workflow
from tests.runs.engine.driving import accept, advance, workflow_of
from tests.runs.monitoring.measured import MAIL, SET, WORTH, window
from workflows.models import Workflow
from workflows.services import status

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


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


def test_spans_tell_how_long_a_status_lasted() -> None:
    workflow = workflow_of(SET)
    status.pause(workflow.pk, reason="testing")
    status.resume(workflow.pk)

    spans = figures.statuses(window(), [workflow.pk])

    assert [span.status for span in spans] == ["active", "paused", "active"]
    assert [span.until for span in spans] == [spans[1].since, spans[2].since, None]
    assert spans[1].since == workflow.history.filter(status="paused").latest().status_at
