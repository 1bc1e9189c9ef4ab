"""Filters of runs by their end: when, how long, on which day and hour, and why."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from config.ids import id_at
from runs.models import Run
from tests.factories import make_run, make_scope, make_workflow
from tests.runs.views.listed_runs import LIST, ids, shown
from tests.runs.views.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.stack]
# A Monday; clocks in Berlin change on Sunday 25 October 2026.
NOON = datetime(2026, 10, 26, 12, 0, tzinfo=UTC)


def ended(workflow, at: datetime, *, took: timedelta = timedelta(seconds=1), **changes) -> Run:
    started = at - took
    fields = {"status": "success", "received_at": started, "started_at": started, "ended_at": at, **changes}
    return make_run(workflow, id=id_at(started), **fields)


def test_ends_are_taken_from_the_first_moment_on_and_before_the_last(viewer: Client) -> None:
    workflow = make_workflow()
    before, first, last, after = (
        ended(workflow, NOON + timedelta(microseconds=offset)) for offset in (-1, 0, 899_999_999, 900_000_000)
    )

    rows = shown(viewer.get(f"{LIST}?ended_from=2026-10-26T12:00Z&ended_to=2026-10-26T12:15Z"))

    assert sorted(rows) == sorted(ids(first, last))
    assert not {str(before.pk), str(after.pk)} & set(rows)


def test_a_run_of_many_days_is_found_by_its_end(viewer: Client) -> None:
    long_one = ended(make_workflow(), NOON, took=timedelta(days=20))

    assert shown(viewer.get(f"{LIST}?ended_from=2026-10-26&ended_to=2026-10-26")) == ids(long_one)


def test_a_clock_that_was_set_back_hides_nothing(viewer: Client) -> None:
    ahead = make_run(
        make_workflow(), id=id_at(NOON + timedelta(hours=2)), status="success", started_at=NOON, ended_at=NOON
    )

    assert shown(viewer.get(f"{LIST}?ended_to=2026-10-26T12:15Z")) == ids(ahead)


@pytest.mark.parametrize(
    ("query", "took"),
    [
        ("duration_from=240&duration_to=256", [240, 255]),
        ("duration_to=240", [239]),
        ("duration_from=256", [256]),
    ],
)
def test_durations_are_taken_from_the_first_millisecond_on(
    viewer: Client, query: str, took: list[int]
) -> None:
    workflow = make_workflow()
    for number, milliseconds in enumerate((239, 240, 255, 256)):
        span = timedelta(milliseconds=milliseconds, microseconds=999)
        ended(workflow, NOON + timedelta(seconds=number), took=span)
    ended(workflow, NOON + timedelta(seconds=9), status="skipped", started_at=None)

    rows = Run.objects.filter(pk__in=shown(viewer.get(f"{LIST}?{query}")))

    assert sorted((run.ended_at - run.started_at) // timedelta(milliseconds=1) for run in rows) == took


def test_reason_day_and_hours_are_those_of_the_end(viewer: Client, settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    workflow = make_workflow()
    monday = ended(workflow, datetime(2026, 10, 26, 8, 30, tzinfo=UTC), status="skipped", reason="overlap")
    summer = ended(workflow, datetime(2026, 10, 19, 7, 59, tzinfo=UTC))
    sunday = ended(workflow, datetime(2026, 10, 25, 22, 59, tzinfo=UTC))

    found = {
        query: sorted(shown(viewer.get(f"{LIST}?{query}")))
        for query in ("weekday=1&hour=9", "weekday=7", "hour=9-23", "reason=overlap", "reason=paused")
    }

    assert found == {
        "weekday=1&hour=9": sorted(ids(monday, summer)),
        "weekday=7": ids(sunday),
        "hour=9-23": sorted(ids(monday, summer, sunday)),
        "reason=overlap": ids(monday),
        "reason=paused": [],
    }


def test_chips_say_what_filters(viewer: Client) -> None:
    page = text_of(
        viewer.get(f"{LIST}?ended_from=2026-10-26T12:00Z&duration_to=1500&reason=overlap&weekday=1&hour=9-11")
    )

    for said in (
        "Ended from",
        "26 Oct 2026, 12:00 UTC",
        "Took less than",
        "1.5 s",
        "overlap",
        "Monday",
        "09:00 to 12:00",
    ):
        assert said in page


@pytest.mark.parametrize(
    "query", ["hour=24", "hour=11-9", "hour=x", "weekday=8", "duration_from=-1", "ended_to=soon"]
)
def test_what_is_not_understood_is_said_and_filters_nothing(viewer: Client, query: str) -> None:
    run = ended(make_workflow(), NOON)

    page = viewer.get(f"{LIST}?{query}")

    assert shown(page) == ids(run)
    assert "1 filter was not understood" in text_of(page)


def test_scope_means_where_a_run_was_accepted(viewer: Client) -> None:
    old, new = make_scope("hub:old"), make_scope("hub:new")
    workflow = make_workflow(scope=old)
    run = ended(workflow, NOON)
    workflow.scope = new
    workflow.save()

    assert shown(viewer.get(f"{LIST}?scope=hub:old")) == ids(run)
    assert shown(viewer.get(f"{LIST}?scope=hub:new")) == []
