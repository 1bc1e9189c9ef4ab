"""The kinds that act on the run alone: set, decision, for_each, record_value, start_workflow, finish."""

from decimal import Decimal
from typing import Any

import pytest

from tests.workflows.steps.contexts import FakeContext, perform
from workflows.steps.base import AwaitRun, Branch, Done, Finish, Loop, RecordedValue, StepError


def test_set_gives_its_values() -> None:
    context = FakeContext({"trigger": {"data": {"n": 1}}})

    assert perform(
        context, "set", values={"a": "{{ trigger.data.n }}", "b": ["x{{ trigger.data.n }}"]}
    ) == Done({"a": 1, "b": ["x1"]})


def branch(name: str, left: Any) -> dict[str, Any]:
    inner = {"id": f"in_{name}", "kind": "set"}
    return {"name": name, "if": {"left": left, "op": "is", "right": 1}, "steps": [inner]}


@pytest.mark.parametrize(
    ("value", "name", "steps"),
    [(1, "first", ["in_first"]), (2, "second", ["in_second"]), (3, None, ["other"])],
)
def test_decision_takes_the_first_branch_that_holds(value: int, name: str | None, steps: list[str]) -> None:
    context = FakeContext({"a": 1 if value == 1 else 0, "b": 1 if value <= 2 else 0})
    branches = [branch("first", "{{ a }}"), branch("second", "{{ b }}")]

    outcome = perform(context, "decision", branches=branches, otherwise=[{"id": "other", "kind": "set"}])

    assert isinstance(outcome, Branch)
    assert (outcome.output, [step.id for step in outcome.steps]) == ({"branch": name}, steps)


def test_decision_names_branches_without_name_by_number() -> None:
    nameless = {"if": {"all": []}, "steps": []}

    assert perform(FakeContext(), "decision", branches=[{"if": {"any": []}}, nameless]) == Branch(
        [], {"branch": "2"}
    )


def test_decision_hands_on_what_cannot_be_compared() -> None:
    with pytest.raises(StepError, match="cannot be compared"):
        perform(FakeContext({"a": "one"}), "decision", branches=[branch("x", "{{ a }}")])


def test_for_each_gives_items_and_steps() -> None:
    outcome = perform(
        FakeContext({"a": [1, {"b": 2}]}), "for_each", items="{{ a }}", steps=[{"id": "in", "kind": "set"}]
    )

    assert isinstance(outcome, Loop)
    assert (outcome.items, [step.id for step in outcome.steps]) == ([1, {"b": 2}], ["in"])


def test_for_each_takes_a_list_as_it_is_written() -> None:
    outcome = perform(FakeContext({"a": 5}), "for_each", items=["{{ a }}", "x"])

    assert outcome == Loop([5, "x"], [])


@pytest.mark.parametrize(
    ("items", "code"), [("text", "not_a_list"), ({"a": 1}, "not_a_list"), ([0] * 1_001, "too_many_items")]
)
def test_for_each_refuses(items: Any, code: str) -> None:
    with pytest.raises(StepError) as raised:
        perform(FakeContext({"a": items}), "for_each", items="{{ a }}")

    assert (raised.value.code, raised.value.permanent) == (code, True)


def test_for_each_runs_a_thousand_items_and_none() -> None:
    assert perform(FakeContext({"a": [0] * 1_000}), "for_each", items="{{ a }}") == Loop([0] * 1_000, [])
    assert perform(FakeContext({"a": []}), "for_each", items="{{ a }}") == Loop([], [])


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        ("12.50", "12.50"),
        (3, "3"),
        (0.1, "0.1"),
        ("-1e3", "-1E+3"),
        (" 7 ", "7"),
        ("999999999999.999999", "999999999999.999999"),
    ],
)
def test_record_value_keeps_values_exact(value: Any, exact: str) -> None:
    outcome = perform(FakeContext({"n": "lead"}), "record_value", name="{{ n }}", value=value, unit="AUD")

    assert isinstance(outcome, Done)
    assert outcome.values == (RecordedValue("lead", Decimal(exact), "AUD"),)
    assert outcome.output == {"name": "lead", "value": exact, "unit": "AUD"}


@pytest.mark.parametrize(
    "value", ["", "much", "NaN", "Infinity", "1e12", "0.1234567", "9" * 50, "1,5", True, None, [1]]
)
def test_record_value_refuses(value: Any) -> None:
    with pytest.raises(StepError) as raised:
        perform(FakeContext({"v": value}), "record_value", name="n", value="{{ v }}")

    assert raised.value.code == "bad_value"


def test_start_workflow_starts_and_waits_if_asked() -> None:
    context = FakeContext({"name": "Other", "a": [1]})

    assert perform(context, "start_workflow", workflow="{{ name }}", payload={"x": "{{ a }}"}) == Done(
        {"run": "run-1"}
    )
    assert perform(context, "start_workflow", workflow="Other", wait=True) == AwaitRun("run-1")
    assert context.started == [("Other", {"x": [1]}), ("Other", None)]


def test_start_workflow_refuses_an_empty_name() -> None:
    with pytest.raises(StepError) as raised:
        perform(FakeContext({"name": " "}), "start_workflow", workflow="{{ name }}")

    assert raised.value.code == "unknown_workflow"


def test_finish_ends_the_run_with_its_message() -> None:
    outcome = perform(FakeContext({"a": "x"}), "finish", status="failed", message="No {{ a }}")

    assert outcome == Finish("failed", "No x")
    assert perform(FakeContext(), "finish") == Finish("success", "")
