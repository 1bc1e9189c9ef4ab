"""What is done to one run by plain statements is what the long way does."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from config.clock import stamp
from runs import statements
from runs.engine import claim as claiming
from runs.engine import settling
from runs.models import AttemptStatus, Run, RunStatus, StepAttempt, TallyEntry
from tests.factories import make_run, make_workflow
from tests.runs.engine.driving import accept, advance, claimed, make_due, workflow_of
from workflows import services
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

SET = {"id": "one", "kind": "set", "values": {"a": "{{ trigger.body.n }}"}}
NAP = {"id": "nap", "kind": "delay", "for": "PT1H"}
END = {"id": "end", "kind": "finish", "status": "failed", "message": "No stock."}
LONGEST = timedelta(days=3)
OWN = {"id", "workflow_id", "version_id", "scope_id", "correlation", "input"}
TIMES = {"received_at", "due_at", "started_at", "ended_at", "lease_until", "deadline_at"}


def fields(row: Any, *but: str) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in but
    }


def test_found_run_is_the_one_that_the_orm_reads() -> None:
    workflow = make_workflow(name="Leads", status="active")
    parent = make_run(workflow)
    run = make_run(
        workflow,
        parent=parent,
        due_at=stamp(),
        held_until=stamp(),
        passes_gate=True,
        deaths=1,
        input='{"é":"😀"}',
    )

    found = statements.find(str(run.pk))

    assert found is not None
    stored = Run.objects.get(pk=run.pk)
    assert fields(found.run) == fields(stored)
    assert not found.run._state.adding
    assert found.run.workflow == workflow
    version = workflow.published
    assert version is not None
    assert (found.workflow_name, found.scope_ref, found.version_number, found.content_hash) == (
        "Leads", workflow.scope.ref, version.number, version.content_hash,
    )  # fmt: skip


def test_closed_and_unknown_runs_are_not_found_and_one_without_a_version_is() -> None:
    workflow = make_workflow(status="paused")
    closed = make_run(workflow, status="success", ended_at=stamp())
    held = make_run(workflow, status="held", version=None)
    assert statements.find(str(closed.pk)) is None
    assert statements.find("0" * 32) is None
    found = statements.find(str(held.pk))
    assert found is not None
    assert (found.version_number, found.content_hash) == (0, "")


def both_ways(workflow: Workflow) -> tuple[Run, Run]:
    """A run that was advanced the short way, and one the long way."""
    short = advance(accept(workflow, {"n": 1}))
    with (
        mock.patch.object(claiming, "_claim_at_once", lambda *_given: None),
        mock.patch.object(settling, "_closed_at_once", lambda *_given: None),
    ):
        return short, advance(accept(workflow, {"n": 1}))


@pytest.mark.parametrize(
    "steps",
    [
        [SET],
        [SET, END],
        [SET, {**NAP, "for": None, "until": "2030-01-01T00:00:00Z"}],
        [{**SET, "values": {"a": "{{ trigger.nothing }}"}}],
    ],
)
def test_both_ways_leave_the_same(steps: list[dict[str, Any]]) -> None:
    short, long = both_ways(workflow_of(*steps))

    assert short.status != RunStatus.PENDING
    assert fields(short, *OWN, *TIMES) == fields(long, *OWN, *TIMES)
    assert [getattr(short, name) is None for name in sorted(TIMES)] == [
        getattr(long, name) is None for name in sorted(TIMES)
    ]
    attempts = [[fields(row, "id", "run_id", "started_at", "ended_at", "due_at") for row in run.step_attempts.all()]
                for run in (short, long)]  # fmt: skip
    assert attempts[0] == attempts[1]
    entries = TallyEntry.objects.order_by("id")
    assert [entry.run_id for entry in entries] == ([] if short.is_open else [short.pk, long.pk])
    told = [fields(entry, "id", "run_id", "milliseconds", "bucket") for entry in entries]
    assert told[:1] == told[1:]


def test_what_waited_goes_on_by_the_short_way_and_keeps_its_start_and_deadline() -> None:
    run = make_due(advance(accept(workflow_of(NAP, SET), {"n": 1})))
    with mock.patch.object(claiming, "_claim_in", side_effect=AssertionError):
        ended = advance(run)
    assert ended.status == RunStatus.SUCCESS
    assert (ended.started_at, ended.deadline_at, ended.fence, ended.attempts) == (
        run.started_at,
        run.deadline_at,
        2,
        2,
    )


CHANGES: dict[str, dict[str, Any]] = {
    "claimed by another": {"fence": 1},
    "asked to end": {"wish": "cancel"},
    "not due": {"due_at": None},
    "held meanwhile": {"status": "held"},
}


@pytest.mark.parametrize("change", [*CHANGES, "paused"])
def test_nothing_begins_that_was_changed_since_it_was_read(change: str) -> None:
    workflow = workflow_of(SET, NAP)
    run = accept(workflow)
    if change == "paused":
        services.pause(workflow.pk, reason="CRM outage")
    else:
        Run.objects.filter(pk=run.pk).update(**CHANGES[change])
    before = Run.objects.filter(pk=run.pk).values().get()

    assert statements.begin(run, "w", LONGEST) is None

    assert Run.objects.filter(pk=run.pk).values().get() == before
    assert Workflow.objects.get(pk=workflow.pk).last_run_at is None


def test_begun_run_has_its_stamps_and_its_workflow_knows() -> None:
    run = accept(workflow_of(SET, NAP))
    before = stamp()
    begun = statements.begin(run, "w", LONGEST)
    assert begun is not None
    stored = Run.objects.get(pk=run.pk)
    assert before <= begun.moment <= stamp()
    assert (stored.started_at, stored.deadline_at) == (begun.started_at, begun.deadline_at)
    assert abs(begun.deadline_at - begun.moment - LONGEST) < timedelta(seconds=1)
    assert (stored.status, stored.owner, stored.fence, stored.due_at) == ("running", "w", 1, None)
    assert Workflow.objects.get(pk=run.workflow_id).last_run_at == begun.moment


@pytest.mark.parametrize("settings", [{"max_running": 3}, {"starts_per_minute": 5}])
def test_limits_are_kept_by_the_long_way(settings: dict[str, int]) -> None:
    run = accept(workflow_of(SET, **settings), {"n": 1})
    with mock.patch.object(statements, "begin", side_effect=AssertionError):
        assert advance(run).status == RunStatus.SUCCESS


def test_run_that_is_not_due_costs_one_look() -> None:
    run = advance(accept(workflow_of(NAP)))
    with CaptureQueriesContext(connection) as captured:
        assert claimed(str(run.pk), "w") is None
    # On PostgreSQL the look goes past Django's cursor, and brings the clock.
    assert len(captured) == (0 if connection.vendor == "postgresql" else 1)


def test_mark_tells_the_wish_of_a_claim_that_holds_and_nothing_of_one_that_was_lost() -> None:
    run = make_run(make_workflow(status="active"), status="running", fence=4, deaths=2, wish="hold")
    assert statements.mark(run.pk, 3, 0) is None
    assert statements.mark(run.pk, 4, 0) == "hold"
    assert Run.objects.get(pk=run.pk).deaths == 0
    Run.objects.filter(pk=run.pk).update(status="held")
    assert statements.mark(run.pk, 4, 0) is None


def test_attempt_is_stored_once_and_then_written_anew() -> None:
    run = make_run(make_workflow(status="active"))
    attempt = StepAttempt(
        run=run, step_id="one", kind="set", status=AttemptStatus.STARTED, started_at=stamp()
    )
    statements.store(attempt)
    attempt.status, attempt.output, attempt.ended_at = AttemptStatus.SUCCESS, '{"é":1}', stamp()
    statements.store(attempt)

    assert fields(StepAttempt.objects.get()) == fields(attempt)
    StepAttempt.objects.all().delete()
    with pytest.raises(DatabaseError):
        statements.store(attempt)
