"""Instant runs, many at once: they end just as they would one by one."""

import threading
from collections.abc import Sequence
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection

from audit.models import AuditEvent
from runs import services, statements
from runs.engine import batch, lane
from runs.models import RecordedValue, Run, StepAttempt
from tests.runs.engine.driving import accept, advance, lose_worker, workflow_of
from workflows.services.status import pause

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

SET = {
    "id": "one",
    "kind": "set",
    "values": {"n": "{{ trigger.body.n }}", "of": "{{ workflow.version }} {{ scope }}"},
}
HOT = {
    "id": "hot",
    "kind": "decision",
    "branches": [
        {
            "name": "hot",
            "if": {"left": "{{ steps.one.n }}", "op": ">=", "right": 5},
            "steps": [{"id": "grade", "kind": "set", "values": {"grade": "hot"}}],
        }
    ],
    "otherwise": [{"id": "cold", "kind": "set", "values": {"grade": "cold"}}],
}
EACH = {
    "id": "each",
    "kind": "for_each",
    "items": "{{ trigger.body.items }}",
    "steps": [{"id": "double", "kind": "set", "values": {"twice": "{{ item | times: 2 }}"}}],
}
SKIPPED = {"id": "never", "kind": "set", "values": {}, "if": {"left": 1, "op": "is", "right": 2}}
MISSING = {"id": "broken", "kind": "set", "values": {"a": "{{ trigger.body.absent }}"}}
WORTH = {"id": "worth", "kind": "record_value", "name": "lead", "value": "12.50", "unit": "AUD"}
FINISH = {"id": "end", "kind": "finish", "status": "success", "message": "{{ steps.one.of }} é 😀"}
GIVE_UP = {"id": "end", "kind": "finish", "status": "failed", "message": "Enough\nof it"}

OWN = {
    "id",
    "workflow_id",
    "version_id",
    "correlation",
    "received_at",
    "started_at",
    "ended_at",
    "input",
    "output",
}
BODY = {"n": 7, "items": [1, 2, 3]}


def outcome_of(run: Run) -> dict[str, Any]:
    run.refresh_from_db()
    names = [field.attname for field in Run._meta.concrete_fields]
    return {name: getattr(run, name) for name in names if name not in {*OWN, "deadline_at"}}


def journal_of(run: Run) -> list[tuple[Any, ...]]:
    names = (
        "step_id",
        "item",
        "kind",
        "number",
        "status",
        "fence",
        "input",
        "error",
        "error_code",
        "is_final",
    )
    return list(StepAttempt.objects.filter(run=run).order_by("id").values_list(*names))


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [SET, HOT, FINISH],
        [EACH],
        [SKIPPED, SET],
        [SET, MISSING, HOT],
        [SET, GIVE_UP],
        [SET, WORTH, FINISH],
    ],
    ids=["none", "decision", "loop", "skipped", "failed", "given up", "value"],
)
def test_batch_ends_runs_as_one_by_one(steps: list[dict[str, Any]]) -> None:
    alone = accept(workflow_of(*steps), BODY)
    advance(alone)
    together = accept(workflow_of(*steps), BODY)
    assert together.is_instant

    assert batch.advance_waiting() == 1

    assert outcome_of(together) == outcome_of(alone)
    assert journal_of(together) == journal_of(alone)
    assert together.ended_at >= together.started_at
    values = RecordedValue.objects.filter(run=together).values_list("name", "unit")
    assert list(values) == ([("lead", "AUD")] if WORTH in steps else [])


def test_every_waiting_run_is_ended_once_batch_after_batch() -> None:
    workflow = workflow_of(SET, HOT, FINISH)
    for number in range(40):
        accept(workflow, {"n": number})

    assert lane.drain(threading.Event()) == 40

    assert set(Run.objects.values_list("status", "attempts", "fence")) == {("success", 1, 1)}
    assert StepAttempt.objects.count() == 40 * 4
    assert [StepAttempt.objects.filter(step_id=step).count() for step in ("grade", "cold")] == [35, 5]
    assert batch.advance_waiting() == 0


def test_run_that_a_dead_worker_left_goes_alone() -> None:
    workflow = workflow_of(SET)
    dead, fresh = accept(workflow, BODY), accept(workflow, BODY)
    assert len(statements.take("somebody", 1)) == 1
    lose_worker(dead)

    assert batch.advance_waiting() == 1

    dead.refresh_from_db(), fresh.refresh_from_db()
    assert (dead.status, fresh.status) == ("running", "success")
    dead = advance(dead)
    assert (dead.status, dead.fence, dead.attempts) == ("success", 2, 2)
    assert dead.deadline_at is not None


def test_run_that_loses_its_claim_meanwhile_writes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    workflow = workflow_of(SET, FINISH)
    lost, kept = accept(workflow, BODY), accept(workflow, BODY)
    close = statements.close

    def late(endings: Any) -> Any:
        services.kill(lost.pk)
        return close(endings)

    with mock.patch.object(statements, "close", late):
        assert batch.advance_waiting() == 2

    lost.refresh_from_db(), kept.refresh_from_db()
    assert (lost.status, kept.status) == ("cancelled", "success")
    assert not StepAttempt.objects.filter(run=lost).exists()
    assert f"Run {lost.pk} was taken from this worker" in caplog.text


def test_cancel_that_comes_after_the_last_step_changes_no_end() -> None:
    workflow = workflow_of(SET, FINISH)
    run, other = accept(workflow, BODY), accept(workflow, BODY)
    close = statements.close

    def late(endings: Any) -> Any:
        services.cancel(run.pk)
        return close(endings)

    with mock.patch.object(statements, "close", late):
        batch.advance_waiting()

    run.refresh_from_db(), other.refresh_from_db()
    assert (run.status, other.status) == ("success", "success")


def test_last_run_of_a_pausing_workflow_leaves_the_drained_event() -> None:
    workflow = workflow_of(SET, FINISH)
    accept(workflow, BODY)
    close = statements.close

    def late(endings: Any) -> Any:
        pause(workflow.pk, reason="Maintenance", in_flight="finish")
        return close(endings)

    with mock.patch.object(statements, "close", late):
        batch.advance_waiting()

    events = AuditEvent.objects.order_by("id").values_list("event", flat=True)
    assert list(events)[-2:] == ["Workflow paused", "Workflow drained"]


def test_runs_that_cannot_be_closed_together_are_closed_alone(caplog: pytest.LogCaptureFixture) -> None:
    workflow = workflow_of(SET, FINISH)
    accept(workflow, BODY), accept(workflow, BODY)
    close = statements.close

    def close_one(endings: Sequence[statements.Ending]) -> statements.Closed:
        if len(endings) > 1:
            raise OperationalError("disk I/O error")
        return close(endings)

    with mock.patch.object(statements, "close", close_one):
        assert batch.advance_waiting() == 2

    assert set(Run.objects.values_list("status", flat=True)) == {"success"}
    assert StepAttempt.objects.count() == 4
    assert "2 runs could not be closed together" in caplog.text


def test_version_that_cannot_be_read_fails_its_runs_alone_and_stops_its_workflow() -> None:
    broken, good = workflow_of(SET), workflow_of(SET, FINISH)
    failed, fine = accept(broken, BODY), accept(good, BODY)
    with connection.cursor() as cursor:
        statement = "UPDATE workflows_version SET definition = '{}', content_hash = 'x' WHERE id = %s"
        cursor.execute(statement, [broken.published_id])

    batch.advance_waiting()

    failed.refresh_from_db(), fine.refresh_from_db(), broken.refresh_from_db()
    assert (failed.status, failed.error_code, fine.status) == ("failed", "definition_refused", "success")
    assert (broken.status, broken.cause) == ("not_running", "configuration")
