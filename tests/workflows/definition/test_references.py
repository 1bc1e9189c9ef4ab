"""Which names a template may use where: what comes before, what is known, what stands apart."""

from typing import Any

import pytest

from tests.workflows.definition.documents import always, checked, document, found, set_step


def uses(id_: str, *names: str, **changes: Any) -> dict[str, Any]:
    return set_step(id_, values={name: "{{ " + name + " }}" for name in names}, **changes)


def unknown(*steps: dict[str, Any], **changes: Any) -> list[str]:
    return [path for code, path in found(document(*steps, **changes)) if code == "unknown_reference"]


@pytest.mark.parametrize(
    "name",
    [
        "trigger.data.a.b",
        "trigger.body[0]",
        "trigger.headers.host",
        "trigger.query.q",
        "trigger.received_at",
        "trigger.kind",
        "trigger.id",
        "trigger",
        "workflow.id",
        "workflow.name",
        "workflow.version",
        "run.id",
        "run.started_at",
        "scope",
        "steps",
        "steps.first",
        "steps.first.a.b",
        "steps['first']",
    ],
)
def test_check_knows_the_names_of_every_run(name: str) -> None:
    assert unknown(set_step("first"), uses("second", name)) == []


@pytest.mark.parametrize(
    "name",
    [
        "steps.second",
        "steps.third",
        "steps.nowhere.x",
        "item",
        "item.x",
        "triger.data",
        "trigger.bodi",
        "run.name",
        "workflow.x",
    ],
)
def test_check_finds_names_that_are_not_there(name: str) -> None:
    steps = (set_step("first"), uses("second", name), set_step("third"))

    assert unknown(*steps) == [f"steps.1.values.{name}"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("steps.third", "The step “third” does not come before this one."),
        ("steps.gone", "There is no step “gone”."),
        ("steps.off", "The step “off” is switched off."),
        ("item", "“item” is there only inside a loop."),
        ("trigger.bodi", "There is no “trigger.bodi”."),
        ("other", "There is no “other”; names begin with trigger, steps, item, workflow, run or scope."),
    ],
)
def test_check_says_what_is_wrong_with_a_name(name: str, sentence: str) -> None:
    result = checked(document(set_step("off", enabled=False), uses("second", name), set_step("third")))

    assert [finding.message for finding in result.errors] == [sentence]


def test_check_finds_unknown_names_before_default_too() -> None:
    step = set_step("a", values={"x": "{{ steps.typo.y | default: 1 }}"})

    assert unknown(step) == ["steps.0.values.x"]


def test_check_lets_later_steps_use_what_a_branch_gave() -> None:
    decision = {
        "id": "d",
        "kind": "decision",
        "branches": [always(set_step("in_branch"), uses("next", "steps.in_branch"))],
    }

    assert unknown(decision, uses("after", "steps.in_branch", "steps.d.branch")) == []


def test_check_keeps_branches_apart() -> None:
    branches = [always(set_step("left")), always(uses("right", "steps.left"))]
    decision = {
        "id": "d",
        "kind": "decision",
        "branches": branches,
        "otherwise": [uses("else", "steps.left", "steps.right")],
    }

    assert unknown(decision) == [
        "steps.0.branches.1.steps.0.values.steps.left",
        "steps.0.otherwise.0.values.steps.left",
        "steps.0.otherwise.0.values.steps.right",
    ]


def test_check_keeps_the_outputs_of_a_loop_inside_it() -> None:
    inner = [uses("one", "item", "item.x"), uses("two", "steps.one")]
    loop = {"id": "l", "kind": "for_each", "items": "{{ trigger.data }}", "steps": inner}

    assert unknown(loop, uses("after", "steps.l.count")) == []
    assert unknown(loop, uses("after", "steps.one")) == ["steps.1.values.steps.one"]


def test_check_gives_item_to_all_that_stands_in_a_loop() -> None:
    decision = {"id": "d", "kind": "decision", "branches": [always(uses("deep", "item"))]}
    loop = {"id": "l", "kind": "for_each", "items": "{{ trigger.data }}", "steps": [decision]}

    assert unknown(loop) == []
    assert unknown({**loop, "items": "{{ item }}"}) == ["steps.0.items"]


def test_check_lets_failure_steps_use_the_step_that_failed() -> None:
    rescue = uses("rescue", "steps.call.error", "steps.first")
    call = {"id": "call", "kind": "notify", "text": "x", "on_failure": {"steps": [rescue]}}
    connections = {"connections": {}}

    codes = found(
        document(set_step("first"), call, uses("after", "steps.call", "steps.rescue")), **connections
    )

    assert [path for code, path in codes if code == "unknown_reference"] == []


def test_check_looks_into_every_string_and_condition() -> None:
    condition = {"any": [{"not": {"left": "{{ steps.x }}", "op": "in", "right": ["{{ steps.y }}"]}}]}
    step = {
        "id": "a",
        "kind": "http_request",
        "url": "https://example.com/{{ steps.z }}",
        "json": [{"k": "{{ q }}"}],
        "if": condition,
    }
    decision = {"id": "d", "kind": "decision", "branches": [{"if": condition, "steps": [set_step("s")]}]}

    assert unknown(step, decision) == [
        "steps.0.url",
        "steps.0.json.0.k",
        "steps.0.if.any.0.not.left",
        "steps.0.if.any.0.not.right.0",
        "steps.1.branches.0.if.any.0.not.left",
        "steps.1.branches.0.if.any.0.not.right.0",
    ]


def test_check_gives_the_conditions_of_triggers_the_trigger_alone() -> None:
    where = {
        "all": [
            {"left": "{{ trigger.data.x }}", "op": "is", "right": "{{ steps.a }}"},
            {"left": "{{ run.id }}", "op": "exists"},
        ]
    }
    trigger = {"id": "t", "kind": "event", "event": "a.b", "where": where}

    result = checked(document(set_step("a"), triggers=[trigger]))

    assert [(finding.path, finding.message) for finding in result.errors] == [
        ("triggers.0.where.all.0.right", "A trigger can use only “trigger”."),
        ("triggers.0.where.all.1.left", "A trigger can use only “trigger”."),
    ]


def test_check_finds_templates_that_cannot_be_read() -> None:
    step = set_step("a", values={"x": "{{ open", "y": ["{% for a in b %}"], "z": "fine"})

    assert found(document(step)) == [
        ("template_refused", "steps.0.values.x"),
        ("template_refused", "steps.0.values.y.0"),
    ]


def test_check_leaves_steps_alone_that_are_switched_off() -> None:
    loop = {"id": "l", "kind": "for_each", "enabled": False, "steps": [uses("a", "steps.nowhere")]}

    assert found(document(loop, {"id": "n", "kind": "notify", "enabled": False}, set_step("b"))) == []
