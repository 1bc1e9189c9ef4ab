"""A run walks its steps: branches, loops, waits, children, and limits of what it may hold."""

import json
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from runs.models import RecordedValue, Run
from tests.runs.engine.driving import accept, advance, advance_due, attempts, make_due, sink, workflow_of

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

SET = {"id": "lead", "kind": "set", "values": {"score": "{{ trigger.body.score }}"}}
HOT = {
    "id": "hot",
    "kind": "decision",
    "branches": [
        {
            "name": "hot",
            "if": {"left": "{{ steps.lead.score }}", "op": ">=", "right": 70},
            "steps": [{"id": "yes", "kind": "set", "values": {"who": "{{ steps.lead.score }}"}}],
        }
    ],
    "otherwise": [{"id": "no", "kind": "set", "values": {"who": "nobody"}}],
}


@pytest.mark.parametrize(("score", "branch", "inner"), [(90, "hot", "yes"), (10, None, "no")])
def test_decision_runs_the_branch_whose_condition_holds(score: int, branch: str | None, inner: str) -> None:
    run = advance(accept(workflow_of(SET, HOT), {"score": score}))

    assert run.status == "success"
    assert [a[0] for a in attempts(run)] == ["lead", "hot", inner]
    assert json.loads(run.step_attempts.get(step_id="hot").output) == {"branch": branch}
    assert json.loads(run.step_attempts.get(step_id="lead").output) == {"score": score}


def test_for_each_runs_its_steps_for_every_item_in_order() -> None:
    loop = {
        "id": "each",
        "kind": "for_each",
        "items": "{{ trigger.body.names }}",
        "steps": [{"id": "greet", "kind": "set", "values": {"text": "Hello {{ item }}"}}],
    }
    run = advance(accept(workflow_of(loop), {"names": ["Ada", "Ken"]}))

    assert run.status == "success"
    assert attempts(run) == [
        ("each", "", 1, "success"),
        ("greet", "0", 1, "success"),
        ("greet", "1", 1, "success"),
    ]
    assert json.loads(run.step_attempts.get(item="1").output) == {"text": "Hello Ken"}


def test_condition_that_does_not_hold_skips_the_step() -> None:
    step = {
        "id": "maybe",
        "kind": "set",
        "values": {"a": 1},
        "if": {"left": "{{ trigger.body.go }}", "op": "is", "right": True},
    }
    run = advance(accept(workflow_of(step), {"go": False}))

    assert run.status == "success"
    assert attempts(run) == [("maybe", "", 1, "skipped")]


def test_disabled_step_leaves_no_attempt() -> None:
    run = advance(accept(workflow_of({**SET, "enabled": False}), {"score": 1}))

    assert run.status == "success"
    assert attempts(run) == []


def test_missing_name_fails_the_run_in_plain_words() -> None:
    run = advance(accept(workflow_of(SET), {}))

    assert run.status == "failed"
    assert run.error_step == "lead"
    assert "score" in run.error
    assert attempts(run) == [("lead", "", 1, "failed")]


def test_finish_ends_the_run_with_its_message() -> None:
    steps = (
        {"id": "end", "kind": "finish", "status": "failed", "message": "No budget"},
        {**SET, "id": "late"},
    )
    run = advance(accept(workflow_of(*steps), {"score": 1}))

    assert (run.status, run.error, run.error_step) == ("failed", "No budget", "end")
    assert [a[0] for a in attempts(run)] == ["end"]


def test_delay_waits_as_a_row_and_then_goes_on() -> None:
    run = advance(accept(workflow_of({"id": "nap", "kind": "delay", "for": "PT1H"}, SET), {"score": 3}))

    assert (run.status, run.reason) == ("waiting", "delay")
    assert timedelta(minutes=59) < run.due_at - timezone.now() < timedelta(minutes=61)
    assert attempts(run) == [("nap", "", 1, "waiting")]

    assert advance(run).status == "waiting", "it is not due yet"
    run = advance(make_due(run))
    assert run.status == "success"
    assert attempts(run) == [("nap", "", 1, "success"), ("lead", "", 1, "success")]


def test_record_value_is_stored_once() -> None:
    step = {"id": "worth", "kind": "record_value", "name": "lead", "value": "12.50", "unit": "AUD"}
    run = advance(accept(workflow_of(step)))

    value = RecordedValue.objects.get(run=run)
    assert (value.name, str(value.value.normalize()), value.unit) == ("lead", "12.5", "AUD")


def test_child_run_is_started_once_and_waited_for() -> None:
    child = workflow_of({"id": "done", "kind": "set", "values": {"a": 1}})
    start = {"id": "sub", "kind": "start_workflow", "workflow": child.name, "payload": {"x": 1}, "wait": True}
    run = advance(accept(workflow_of(start)))

    assert (run.status, run.reason) == ("waiting", "child")
    inner = Run.objects.get(parent=run)
    assert (inner.workflow, inner.depth, inner.trigger_kind) == (child, 1, "workflow")

    advance(inner)
    run = Run.objects.get(pk=run.pk)
    assert run.due_at <= timezone.now(), "the child's end wakes the parent"
    advance_due()
    run = Run.objects.get(pk=run.pk)
    assert run.status == "success"
    assert json.loads(run.step_attempts.get().output)["status"] == "success"
    assert Run.objects.filter(parent=run).count() == 1


def test_workflows_that_start_each_other_are_stopped_by_depth() -> None:
    workflow = workflow_of({"id": "again", "kind": "start_workflow", "workflow": "Loop"})
    workflow.name = "Loop"
    workflow.save()
    accept(workflow)

    advance_due()

    runs = list(Run.objects.order_by("depth").values_list("depth", "status", "error_code"))
    assert [depth for depth, _, _ in runs] == list(range(9))
    assert runs[-1] == (8, "failed", "too_deep")


def test_run_that_takes_too_long_fails_at_its_next_boundary() -> None:
    run = advance(accept(workflow_of({"id": "nap", "kind": "delay", "for": "P3D"}, run_timeout="PT1H")))

    assert run.due_at == run.deadline_at, "it wakes at the time-out, not at the end of the delay"
    past = timezone.now() - timedelta(seconds=1)
    Run.objects.filter(pk=run.pk).update(due_at=past, deadline_at=past)
    run = advance(run)
    assert (run.status, run.error_code) == ("failed", "run_timeout")


@override_settings(STEP_OUTPUT_LIMIT=1000)
def test_large_output_is_cut_and_marked() -> None:
    run = advance(
        accept(
            workflow_of({"id": "big", "kind": "set", "values": {"a": "{{ trigger.body.a }}"}}),
            {"a": "x" * 5000},
        )
    )

    output = json.loads(run.step_attempts.get().output)
    assert output["cut by signalbox"] is True
    assert output["size"] > 5000


@override_settings(RUN_CONTEXT_LIMIT=3000)
def test_run_whose_data_outgrows_the_limit_fails() -> None:
    steps = [{"id": f"s{n}", "kind": "set", "values": {"a": "{{ trigger.body.a }}"}} for n in range(4)]
    run = advance(accept(workflow_of(*steps), {"a": "x" * 1000}))

    assert (run.status, run.error_code) == ("failed", "context_too_large")


def test_test_run_simulates_what_acts_outside_and_waits_for_nothing() -> None:
    with sink() as target:
        steps = (
            {"id": "nap", "kind": "delay", "for": "P3D"},
            {"id": "call", "kind": "http_request", "method": "POST", "url": target.url},
        )
        workflow = workflow_of(*steps)
        run = advance(accept(workflow, is_test=True, simulates=True))

    assert run.status == "success"
    assert target.seen == []
    assert run.step_attempts.get(step_id="call").is_simulated
    workflow.refresh_from_db()
    assert workflow.last_run_at is None
    assert workflow.published.test_outcome == "success"
