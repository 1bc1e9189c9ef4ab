"""The background round: what it finds, keeps, tells and closes; and how little it asks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.models import Finding, TallyEntry, Watch
from runs.monitoring.findings import rounds
from tests.factories import make_run
from tests.runs.monitoring.findings.seeding import HOUR, ended_runs, entry, watched, weeks
from workflows.models import Notice, StatusSpan, Workflow
from workflows.services import status as verbs

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

NOON = datetime(2026, 3, 4, 12, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Look at this moment."""

    def look(moment: datetime) -> int:
        monkeypatch.setattr(rounds, "stamp", lambda: moment)
        rounds.watch()
        return rounds.look()

    return look


def standing(workflow: Workflow) -> list[str]:
    return [one.kind for one in Finding.objects.standing().filter(workflow=workflow).order_by("kind")]


def test_nothing_is_found_where_all_is_as_usual(at: Any) -> None:
    workflow = watched(NOON)
    weeks(workflow, NOON)
    ended_runs(workflow, NOON - 0.5 * HOUR, 30)

    assert at(NOON) == 1
    assert standing(workflow) == []


def test_a_workflow_is_looked_at_once_a_quarter_hour(at: Any) -> None:
    weeks(watched(NOON), NOON)

    assert [at(NOON), at(NOON + 5 * QUARTER / 15), at(NOON + QUARTER)] == [1, 0, 1]


def test_failures_are_found_told_once_and_point_to_their_runs(at: Any) -> None:
    workflow = watched(NOON)
    weeks(workflow, NOON)
    ended_runs(workflow, NOON - 0.5 * HOUR, 15)
    ended_runs(workflow, NOON - 0.5 * HOUR, 15, status="failed")

    at(NOON)
    at(NOON + QUARTER)

    finding = Finding.objects.get()
    assert (finding.kind, finding.state, finding.observed) == ("failures", "open", 0.5)
    assert finding.window_from == NOON.replace(minute=0) - HOUR
    notice = Notice.objects.get()
    assert notice.kind == "finding"
    assert "15 of 30 runs failed (50\u00a0%)" in notice.text
    assert notice.path == f"/automations/monitoring/findings/{finding.pk}/"


def test_evidence_is_the_strongest_that_was_seen(at: Any) -> None:
    workflow = watched(NOON)
    weeks(workflow, NOON)
    ended_runs(workflow, NOON - 0.1 * HOUR, 30, status="failed")
    at(NOON)
    ended_runs(workflow, NOON + 5 * QUARTER / 15, 30, status="failed")
    at(NOON + QUARTER)
    strong = Finding.objects.get()

    ended_runs(workflow, NOON + QUARTER + HOUR, 40)
    at(NOON + QUARTER + HOUR)

    later = Finding.objects.get()
    assert strong.score >= later.score - 1e-9
    assert strong.since == later.since < strong.window_to


def test_a_finding_closes_after_a_quiet_hour_and_the_next_is_another(at: Any) -> None:
    workflow = watched(NOON)
    weeks(workflow, NOON)
    ended_runs(workflow, NOON - 0.5 * HOUR, 30, status="failed")
    at(NOON)
    TallyEntry.objects.bulk_create(entry(workflow, NOON + n * QUARTER, 8) for n in range(10))
    for n in range(1, 8):
        at(NOON + n * QUARTER)

    finding = Finding.objects.get()
    assert (finding.state, finding.closed_because) == ("closed", "gone")
    assert Notice.objects.get().closed_at is not None
    ended_runs(workflow, NOON + 9 * QUARTER, 60, status="failed")
    at(NOON + 10 * QUARTER)
    assert Finding.objects.filter(kind="failures").count() == 2


def test_silence_is_found_and_over_with_the_next_run(at: Any) -> None:
    workflow = watched(NOON)
    weeks(workflow, NOON - 3 * HOUR)
    Workflow.objects.update(last_run_at=NOON - 3 * HOUR)

    at(NOON)
    assert standing(workflow) == ["silence"]

    Workflow.objects.update(last_run_at=NOON + QUARTER / 3)
    at(NOON + QUARTER)
    assert standing(workflow) == []


def test_what_waits_is_not_silent(at: Any) -> None:
    workflow = watched(NOON)
    weeks(workflow, NOON - 3 * HOUR)
    Workflow.objects.update(last_run_at=NOON - 3 * HOUR)
    make_run(workflow, status="pending")

    at(NOON)

    assert standing(workflow) == []


def test_pauses_are_neither_learned_nor_silent(at: Any) -> None:
    workflow = watched(NOON)
    weeks(workflow, NOON - 30 * HOUR)
    Workflow.objects.update(last_run_at=NOON - 31 * HOUR)
    workflow.refresh_from_db()
    workflow.activated_at = NOON - HOUR
    workflow.save()
    StatusSpan.objects.update(until=NOON - 30 * HOUR)
    StatusSpan.objects.create(workflow=workflow, status="paused", since=NOON - 30 * HOUR, until=NOON - HOUR)
    StatusSpan.objects.create(workflow=workflow, status="active", since=NOON - HOUR)

    at(NOON)

    assert standing(workflow) == []


def test_a_pause_ends_silence_but_leaves_failures_standing(at: Any) -> None:
    workflow = watched(NOON)
    weeks(workflow, NOON - 3 * HOUR)
    Workflow.objects.update(last_run_at=NOON - 3 * HOUR)
    TallyEntry.objects.bulk_create([entry(workflow, NOON - 3.2 * HOUR, 60, status="failed")])
    at(NOON)
    assert standing(workflow) == ["failures", "silence"]
    verbs.pause(workflow.pk, reason="Known")

    at(NOON + QUARTER)

    assert standing(workflow) == ["failures"]
    assert Finding.objects.get(kind="silence").closed_because == "paused"


def test_stopping_closes_everything(at: Any) -> None:
    workflow = watched(NOON)
    weeks(workflow, NOON)
    ended_runs(workflow, NOON - 0.5 * HOUR, 30, status="failed")
    at(NOON)
    verbs.stop(workflow.pk, reason="Not needed")

    at(NOON + QUARTER)

    assert Finding.objects.get().closed_because == "not_running"


def test_failures_before_the_last_publish_do_not_count(at: Any) -> None:
    workflow = watched(NOON)
    weeks(workflow, NOON)
    ended_runs(workflow, NOON - 0.5 * HOUR, 30, status="failed")
    assert workflow.published is not None
    workflow.published.published_at = NOON - 0.2 * HOUR
    workflow.published.save()

    at(NOON)

    assert standing(workflow) == []


def test_queries_do_not_grow_with_workflows(at: Any) -> None:
    def count(moment: datetime) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            at(moment)
        return len(captured)

    weeks(watched(NOON), NOON)
    one = count(NOON)
    for _ in range(4):
        weeks(watched(NOON), NOON)
    Watch.objects.all().delete()

    assert count(NOON) == one
    assert Watch.objects.count() == 5


def test_what_was_learned_is_learned_once_a_day(at: Any) -> None:
    weeks(watched(NOON), NOON)
    at(NOON)
    first = Watch.objects.get().learned

    at(NOON + QUARTER)
    assert Watch.objects.get().learned == first

    at(NOON + timedelta(days=1))
    assert Watch.objects.get().learned_on == NOON.date() + timedelta(days=1)


def test_two_schedulers_make_one_finding(at: Any) -> None:
    workflow = watched(NOON)
    weeks(workflow, NOON)
    ended_runs(workflow, NOON - 0.5 * HOUR, 30, status="failed")
    at(NOON)
    Watch.objects.update(looked_at=None)

    at(NOON)

    assert Finding.objects.count() == 1
    assert Notice.objects.count() == 1
