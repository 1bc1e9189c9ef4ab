"""The hot statements do to the rows just what the ORM's way does."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from config.ids import new_id
from runs import statements
from runs.intake import starting
from runs.models import Delivery, Run, StepAttempt, TallyEntry
from runs.monitoring.histogram import bucket_of
from runs.statements import Ending, Entry, NewRun
from tests.factories import make_run, make_version, make_workflow
from tests.runs.engine.driving import accept, workflow_of
from tests.runs.engine.driving import claimed as claim
from workflows.models import Status, Workflow
from workflows.services.status import pause, stop

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

STEP = {"id": "one", "kind": "set", "values": {"a": 1}}
OWN = {"id", "correlation", "received_at", "due_at", "started_at", "ended_at", "lease_until", "deadline_at"}


def fields_of(run: Run, *, but: set[str] = OWN) -> dict[str, Any]:
    names = [field.attname for field in Run._meta.concrete_fields]
    return {name: getattr(run, name) for name in names if name not in but}


def new_run(workflow: Workflow, **changes: Any) -> NewRun:
    values: dict[str, Any] = {
        "id": new_id(),
        "workflow_pk": workflow.pk,
        "version_pk": workflow.published_id,
        "trigger_pk": workflow.triggers.get(trigger_id="hook").pk,
        "trigger_kind": "webhook",
        "trigger_id": "hook",
        "delivery_id": "",
        "correlation": uuid4().hex,
        "input": '{"body":{}}',
        "received_at": timezone.now(),
        "is_instant": True,
    }
    return NewRun(**{**values, **changes})


def test_entered_run_is_the_one_that_the_long_way_enters(monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = workflow_of(STEP)
    short = accept(workflow, {"é": ["😀", None, 1.5]}, delivery_id="d1")
    monkeypatch.setattr(starting, "enter", lambda *_given: None)
    long = accept(workflow, {"é": ["😀", None, 1.5]}, delivery_id="d2")

    assert fields_of(short, but={*OWN, "delivery_id", "input"}) == fields_of(
        long, but={*OWN, "delivery_id", "input"}
    )
    assert short.input.split('"received_at"')[0] == long.input.split('"received_at"')[0]
    assert short.due_at == short.received_at
    rows = Delivery.objects.order_by("delivery_id").values_list(
        "run_id", "answer_status", "trigger__trigger_id"
    )
    assert list(rows) == [(short.pk, "pending", "hook"), (long.pk, "pending", "hook")]


def test_delivery_id_that_is_known_enters_nothing() -> None:
    workflow = workflow_of(STEP)
    first = new_run(workflow, delivery_id="d1")
    assert statements.enter(first) is Entry.ENTERED
    assert statements.enter(new_run(workflow, delivery_id="d1")) is Entry.REFUSED
    assert list(Run.objects.values_list("pk", flat=True)) == [first.id]
    assert Delivery.objects.get().run_id == first.id


@pytest.mark.parametrize("delivery_id", ["", "d1"])
@pytest.mark.parametrize("change", ["paused", "stopped", "published anew"])
def test_nothing_is_entered_where_the_workflow_does_not_stand_as_it_was_read(
    change: str, delivery_id: str
) -> None:
    workflow = workflow_of(STEP)
    run = new_run(workflow, delivery_id=delivery_id)
    if change == "paused":
        pause(workflow.pk, reason="Maintenance")
    elif change == "stopped":
        stop(workflow.pk, reason="No longer needed")
    else:
        workflow.published.state = "superseded"
        workflow.published.save()
        workflow.published = make_version(workflow)
        workflow.save()

    assert statements.enter(run) is Entry.REFUSED
    assert (Run.objects.count(), Delivery.objects.count()) == (0, 0)


def test_receiver_tells_how_the_workflow_stands_and_nobody_else_takes_deliveries() -> None:
    workflow = workflow_of(STEP)
    trigger = workflow.triggers.get(trigger_id="hook")
    trigger.secret, trigger.previous_secret = "new", "old"
    trigger.previous_until = timezone.now() + timedelta(hours=1)
    trigger.save()

    found = statements.receiver(trigger.address)

    assert found is not None
    assert (found.trigger_pk, found.trigger_id, found.workflow_pk) == (trigger.pk, "hook", workflow.pk)
    assert (found.status, found.version_pk) == (Status.ACTIVE, workflow.published_id)
    assert found.content_hash == workflow.published.content_hash
    assert found.sealed_secrets == ["new", "old"]
    assert replace(found, moment=timezone.now() + timedelta(hours=2)).sealed_secrets == ["new"]
    assert abs(found.moment - timezone.now()) < timedelta(seconds=5)
    assert statements.receiver("nobody") is None
    assert statements.receiver(make_workflow(status="draft").triggers.get(trigger_id="hook").address) is None
    assert statements.receiver(workflow.triggers.get(trigger_id="by_hand").address) is None


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


def ending(run: Run, fence: int, **changes: Any) -> Ending:
    attempt = StepAttempt(
        run_id=run.pk, step_id="one", kind="set", status="success", fence=fence, started_at=timezone.now()
    )
    values: dict[str, Any] = {
        "id": run.pk,
        "fence": fence,
        "workflow_pk": run.workflow_id,
        "version_pk": run.version_id,
        "scope_pk": run.scope_id,
        "trigger_kind": run.trigger_kind,
        "started_at": timezone.now() - timedelta(seconds=2),
        "saved": 60_000,
        "status": "success",
        "reason": "",
        "error": "",
        "error_code": "",
        "error_step": "",
        "output": '"done"',
        "attempts": [attempt],
    }
    return Ending(**{**values, **changes})


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
