"""The statements that take and close runs do to the rows just what the ORM's way does."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from runs import statements
from runs.models import Run, StepAttempt, TallyEntry
from runs.monitoring.histogram import bucket_of
from tests.factories import make_run
from tests.runs.engine.driving import accept, workflow_of
from tests.runs.engine.driving import claimed as claim
from tests.runs.statements.compared import OWN, STEP, ending, fields_of
from workflows.services.status import pause

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


def test_taken_run_is_claimed_as_one_by_one() -> None:
    workflow = workflow_of(STEP)
    alone, together = accept(workflow), accept(workflow)
    claimed = claim(str(alone.pk), "me")
    assert claimed is not None

    taken = statements.take("me", 16)

    alone.refresh_from_db(), together.refresh_from_db()
    assert [row.id for row in taken] == [together.pk]
    assert fields_of(alone, but={*OWN, "input"}) == fields_of(together, but={*OWN, "input"})
    assert (taken[0].fence, taken[0].started_at) == (together.fence, together.started_at)
    # PostgreSQL's clock goes on within a statement.
    leases = [run.lease_until - run.started_at for run in (alone, together)]
    assert abs(leases[0] - leases[1]) < timedelta(milliseconds=100)
    assert (together.due_at, together.deadline_at) == (None, None)
    assert taken[0].workflow_name == workflow.name and taken[0].scope_ref == workflow.scope.ref
    assert (taken[0].version_number, taken[0].content_hash) == (1, workflow.published.content_hash)
    statements.note(taken)
    workflow.refresh_from_db()
    assert workflow.last_run_at == together.started_at


def test_only_what_is_instant_due_and_behind_an_open_gate_is_taken_oldest_first() -> None:
    open_, limited, closed = workflow_of(STEP), workflow_of(STEP, max_running=3), workflow_of(STEP)
    now = timezone.now()
    second = accept(open_)
    first = make_run(open_, is_instant=True, due_at=now - timedelta(minutes=1))
    third = accept(open_)
    make_run(open_, is_instant=True, due_at=now + timedelta(hours=1))
    accept(limited)
    late = accept(closed)
    pause(closed.pk, reason="Maintenance")
    Run.objects.filter(pk=late.pk).update(status="pending", due_at=now, held_until=None)

    assert sorted(row.id for row in statements.take("me", 2)) == sorted([first.pk, second.pk])
    assert [row.id for row in statements.take("me", 16)] == [third.pk]
    assert statements.take("me", 16) == []
    assert Run.objects.filter(status="pending").count() == 3


def test_behind_a_backlog_the_newest_get_places_too() -> None:
    workflow = workflow_of(STEP)
    now = timezone.now()
    runs = [
        make_run(workflow, is_instant=True, due_at=now - timedelta(minutes=60 - minute))
        for minute in range(20)
    ]

    taken = {row.id for row in statements.take("me", 8)}

    assert taken == {run.pk for run in [*runs[:6], *runs[-2:]]}


def test_runs_that_were_changed_or_lost_drop_out_alone() -> None:
    workflow = workflow_of(STEP)
    good, stale, wished, gone = (accept(workflow) for _ in range(4))
    taken = {row.id: row for row in statements.take("me", 16)}
    Run.objects.filter(pk=stale.pk).update(fence=7)
    Run.objects.filter(pk=wished.pk).update(wish="cancel")
    Run.objects.filter(pk=gone.pk).update(status="cancelled", lease_until=None)

    closed = statements.close([ending(run, taken[run.pk].fence) for run in (good, stale, wished, gone)])

    assert closed.ids == {good.pk}
    rows = Run.objects.in_bulk()
    assert (rows[good.pk].status, rows[good.pk].output, rows[good.pk].owner) == ("success", '"done"', "")
    assert rows[good.pk].ended_at == closed.moment and rows[good.pk].lease_until is None
    assert [rows[run.pk].status for run in (stale, wished, gone)] == ["running", "running", "cancelled"]
    assert list(StepAttempt.objects.values_list("run_id", flat=True)) == [good.pk]
    entry = TallyEntry.objects.get()
    assert (entry.workflow_id, entry.version, entry.scope_id) == (
        workflow.pk,
        workflow.published_id,
        workflow.scope_id,
    )
    assert (entry.status, entry.runs, entry.saved, entry.run) == ("success", 1, 60_000, None)
    assert entry.bucket == bucket_of(entry.milliseconds)


def test_what_closes_alike_is_one_entry() -> None:
    workflow, other = workflow_of(STEP), workflow_of(STEP)
    runs = [accept(workflow), accept(workflow), accept(workflow), accept(other)]
    taken = {row.id: row for row in statements.take("me", 16)}
    since = timezone.now() - timedelta(hours=2)

    statements.close(
        [
            ending(run, taken[run.pk].fence, started_at=taken[run.pk].started_at, status=status)
            for run, status in zip(runs, ["success", "success", "failed", "success"], strict=True)
        ]
    )

    entries = TallyEntry.objects.order_by("workflow", "status").values_list("workflow", "status", "runs")
    assert sum(n for _workflow, _status, n in entries) == 4
    assert {(pk, status) for pk, status, _n in entries} == {
        (workflow.pk, "success"), (workflow.pk, "failed"), (other.pk, "success"),
    }  # fmt: skip
    assert all(entry.at >= since and entry.at.minute % 15 == 0 for entry in TallyEntry.objects.all())


def test_closing_tells_which_workflows_drain() -> None:
    draining, other = workflow_of(STEP), workflow_of(STEP)
    runs = [accept(draining), accept(other)]
    taken = {row.id: row for row in statements.take("me", 16)}
    pause(draining.pk, reason="Maintenance", in_flight="finish")

    closed = statements.close([ending(run, taken[run.pk].fence) for run in runs])

    assert list(closed.draining) == [draining.pk]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps what it prepared by itself")
def test_postgresql_plans_a_hot_statement_once_and_not_every_time() -> None:
    for _ in range(7):
        statements.receiver("nowhere")
        statements.take("me", 1)

    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans FROM pg_prepared_statements")
        kept = [plans for (plans,) in cursor.fetchall()]
    assert len(kept) == 2
    assert all(kept)
