"""`manage.py runs`: lists, one run, and the verbs on runs."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from runs.models import Run, StepAttempt
from tests.factories import make_run, make_scope, workspace
from tests.workflows.commands.terminal import runs
from tests.workflows.services.material import active
from workflows import services
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

SHAPE = {
    "id", "workflow", "workflow_name", "version", "status", "reason", "trigger", "trigger_id", "test",
    "delivery_id", "replay_of", "received_at", "started_at", "ended_at", "due_at", "error", "error_code",
}  # fmt: skip


@pytest.fixture
def workflow(db: None) -> Workflow:
    workspace()
    return active()


def closed(workflow: Workflow, **changes) -> Run:
    now = timezone.now()
    given = {"status": "success", "due_at": None, "started_at": now, "ended_at": now}
    return make_run(workflow, **{**given, **changes})


def listed(*argv) -> list[str]:
    return [row["id"] for row in runs("list", *argv).document["runs"]]


def test_list_gives_the_promised_shape_newest_first(workflow: Workflow) -> None:
    first, second = closed(workflow), make_run(workflow, delivery_id="d-1")

    result = runs("list")

    assert [row["id"] for row in result.document["runs"]] == [str(second.pk), str(first.pk)]
    row = result.document["runs"][0]
    assert row.keys() == SHAPE
    assert (row["workflow"], row["workflow_name"], row["version"]) == (workflow.pk, "Lead", 1)
    assert (row["status"], row["delivery_id"], row["started_at"], row["error"]) == (
        "pending",
        "d-1",
        None,
        None,
    )
    assert result.document["next"] is None


def test_list_filters(workflow: Workflow) -> None:
    other = active("Other")
    old = closed(workflow, received_at=timezone.now() - timedelta(days=2))
    failed = closed(workflow, status="failed")
    foreign = make_run(other)

    assert listed("--workflow", "Lead") == [str(failed.pk), str(old.pk)]
    assert listed("--status", "failed,pending") == [str(foreign.pk), str(failed.pk)]
    since = (timezone.now() - timedelta(days=1)).isoformat()
    assert listed("--since", since) == [str(foreign.pk), str(failed.pk)]


def test_list_of_a_scope_includes_inner_ones(workflow: Workflow) -> None:
    hub = make_scope("hub:sydney")
    services.move(active("Inner").pk, scope=hub)
    inside = make_run(Workflow.objects.get(name="Inner"))
    make_run(workflow)

    assert listed("--scope", "hub:sydney") == [str(inside.pk)]


def test_list_goes_on_at_its_cursor(workflow: Workflow) -> None:
    made = [str(make_run(workflow).pk) for _number in range(5)]

    first = runs("list", "--limit", "2").document
    second = runs("list", "--limit", "2", "--cursor", first["next"]).document
    third = runs("list", "--limit", "2", "--cursor", second["next"]).document

    found = [row["id"] for page in (first, second, third) for row in page["runs"]]
    assert found == made[::-1]
    assert third["next"] is None
    assert len(listed("--limit", "0")) == 5


def test_list_pages_never_shift_when_runs_come_in(workflow: Workflow) -> None:
    made = [str(make_run(workflow).pk) for _number in range(3)]
    first = runs("list", "--limit", "2").document
    make_run(workflow)

    second = runs("list", "--limit", "2", "--cursor", first["next"]).document

    assert [row["id"] for row in second["runs"]] == [made[0]]


@pytest.mark.parametrize("cursor", ["garbage", "WyJ4Il0", "bnVsbA"])
def test_list_refuses_a_foreign_cursor(workflow: Workflow, cursor: str) -> None:
    result = runs("list", "--cursor", cursor)

    assert (result.code, result.error["code"]) == (1, "invalid_cursor")


@pytest.mark.parametrize("count", [1, 12])
def test_list_needs_the_same_queries_for_any_number(workflow, count: int, django_assert_num_queries) -> None:
    for number in range(count):
        make_run(active(f"Workflow {number}"))

    with django_assert_num_queries(1):
        runs("list", "--limit", "0")


def test_list_with_an_unknown_status_is_wrong_usage() -> None:
    assert runs("list", "--status", "asleep").code == 2


def test_show_adds_input_output_and_steps_with_attempts(workflow: Workflow) -> None:
    given = {"data": {"a": 1}, "headers": {}, "query": {}, "received_at": "2026-11-23T09:00:00.000000Z"}
    run = closed(workflow, input=json.dumps(given), output='{"done": true}')
    now = timezone.now()
    common = {"run": run, "kind": "set", "started_at": now, "ended_at": now}
    StepAttempt.objects.create(step_id="a", status="failed", number=1, error="No answer.", **common)
    StepAttempt.objects.create(step_id="b", item="0", status="success", output="[1, 2]", **common)
    StepAttempt.objects.create(
        step_id="a", status="success", number=2, input='{"x": 1}', output='"cut', **common
    )

    row = runs("show", run.pk).document

    assert row.keys() == SHAPE | {"input", "output", "steps"}
    assert (row["input"], row["output"]) == (given, {"done": True})
    assert [(step["id"], step["item"], step["kind"], step["status"]) for step in row["steps"]] == [
        ("a", None, "set", "success"),
        ("b", "0", "set", "success"),
    ]
    attempts = row["steps"][0]["attempts"]
    assert [(one["n"], one["status"], one["error"]) for one in attempts] == [
        (1, "failed", "No answer."),
        (2, "success", None),
    ]
    assert (attempts[1]["input"], attempts[1]["output"]) == ({"x": 1}, '"cut')
    assert row["steps"][1]["attempts"][0]["output"] == [1, 2]


@pytest.mark.parametrize(
    "argv", [["decide"], ["decide", "x"], ["decide", "x", "--as", "maybe"], ["cancel"], []]
)
def test_wrong_usage_ends_with_two(argv: list[str]) -> None:
    result = runs(*argv)

    assert (result.code, result.error["code"]) == (2, "usage")


def test_lines_for_people(workflow: Workflow) -> None:
    run = closed(workflow, status="failed", error="No answer.")

    listed_line = runs("list", as_json=False).out
    shown = runs("show", run.pk, as_json=False).out.splitlines()

    assert listed_line.startswith(f"{run.pk}  failed")
    assert listed_line.rstrip().endswith("Lead  No answer.")
    assert "error: No answer." in shown
