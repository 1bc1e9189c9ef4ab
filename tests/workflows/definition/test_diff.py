"""What differs between two definitions."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.definition.documents import always, document, example, set_step
from workflows.definition.diff import Diff, FieldChange, compare


def sections(diff: Diff) -> list[tuple[str, str, str]]:
    return [(section.kind, section.id, section.change) for section in diff.sections]


def fields(diff: Diff) -> list[tuple[str, Any, Any, str]]:
    return [
        (change.path, change.before, change.after, change.change)
        for section in diff.sections
        for change in section.fields
    ]


def test_compare_of_equals_is_empty() -> None:
    assert compare(example(), example()).is_empty


def test_compare_tells_fields_of_triggers_steps_settings_and_workflow() -> None:
    old, new = example(), example()
    new["description"] = "Other"
    new["triggers"][2]["cron"] = "0 3 * * *"
    crm = new["steps"][1]["branches"][0]["steps"][0]
    crm["json"]["phone"] = "{{ trigger.data.phone }}"
    del crm["timeout"]
    new["settings"]["failure_rule"]["ratio"] = 0.25

    diff = compare(old, new)

    assert sections(diff) == [
        ("workflow", "", "changed"),
        ("trigger", "nightly", "changed"),
        ("step", "crm", "changed"),
        ("settings", "", "changed"),
    ]
    assert fields(diff) == [
        ("description", "Scores a captured lead and hands the good ones to sales.", "Other", "changed"),
        ("cron", "30 2 * * *", "0 3 * * *", "changed"),
        ("json.phone", None, "{{ trigger.data.phone }}", "added"),
        ("timeout", "PT10S", None, "removed"),
        ("failure_rule.ratio", 0.5, 0.25, "changed"),
    ]


def test_compare_tells_what_came_and_went() -> None:
    old = document(set_step("a"), set_step("b"))
    new = document(set_step("a"), set_step("c"), triggers=[{"id": "hook", "kind": "webhook"}])

    diff = compare(old, new)

    assert sections(diff) == [
        ("trigger", "hook", "added"),
        ("trigger", "by_hand", "removed"),
        ("step", "c", "added"),
        ("step", "b", "removed"),
    ]
    assert diff.of("step")[0].fields[0] == FieldChange("id", None, "c", "added")
    assert diff.of("trigger")[0].label == "webhook"


def test_compare_tells_as_few_moves_as_explain_the_order() -> None:
    steps = [set_step(name) for name in "abcde"]
    moved = [steps[0], steps[3], steps[1], steps[2], steps[4]]

    diff = compare(document(*steps), document(*moved))

    assert sections(diff) == [("step", "d", "moved")]
    assert fields(diff) == [("place", "steps.3", "steps.1", "moved")]


def test_compare_knows_a_step_that_moved_into_another_list() -> None:
    decision = {"id": "d", "kind": "decision", "branches": [always(set_step("x"))], "otherwise": []}
    inside = copy.deepcopy(decision)
    inside["otherwise"] = [set_step("a", note="now here")]

    diff = compare(document(decision, set_step("a")), document(inside))

    assert sections(diff) == [("step", "a", "changed")]
    assert fields(diff) == [
        ("place", "steps.1", "steps.0.otherwise.0", "moved"),
        ("note", None, "now here", "added"),
    ]


def test_compare_does_not_take_a_named_branch_put_first_for_moves() -> None:
    named = {"name": "hot", **always(set_step("x"))}
    first = {"name": "cold", **always(set_step("y"))}
    old = {"id": "d", "kind": "decision", "branches": [named]}

    diff = compare(document(old), document({**old, "branches": [first, named]}))

    assert ("step", "y", "added") in sections(diff)
    assert ("step", "x", "moved") not in sections(diff)


def test_compare_tells_steps_inside_only_once() -> None:
    failing = {"id": "n", "kind": "notify", "text": "x", "on_failure": {"steps": [set_step("a")]}}
    changed = copy.deepcopy(failing)
    changed["on_failure"]["steps"][0]["values"] = {"a": 2}

    assert fields(compare(document(failing), document(changed))) == [("values.a", 1, 2, "changed")]
    assert fields(compare(document({**failing, "on_failure": "stop"}), document(failing)))[0] == (
        "on_failure", "stop", "steps", "changed",
    )  # fmt: skip


def test_compare_never_shows_what_may_be_secret() -> None:
    def call(token: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}", "X-Api-Key": token, "Accept": "a"}
        return document(
            {"id": "c", "kind": "http_request", "headers": headers, "url": f"https://me:{token}@example.com/"}
        )

    diff = compare(call("alpha"), call("beta"))

    assert "alpha" not in repr(diff)
    assert "beta" not in repr(diff)
    assert [(change.path, change.is_secret) for change in diff.sections[0].fields] == [
        ("headers.Authorization", True),
        ("headers.X-Api-Key", True),
        ("url", False),
    ]


def test_compare_tells_types_apart() -> None:
    old, new = (
        document(set_step("a", values={"x": 1, "y": True})),
        document(set_step("a", values={"x": True, "y": "true"})),
    )

    assert fields(compare(old, new)) == [
        ("values.x", 1, True, "changed"),
        ("values.y", True, "true", "changed"),
    ]


@settings(max_examples=100, deadline=None)
@given(st.permutations("abcdef"), st.sets(st.sampled_from("abcdef")))
def test_compare_tells_no_move_for_steps_that_kept_their_order(order: list[str], gone: set[str]) -> None:
    kept = [name for name in "abcdef" if name not in gone]

    assert not [change for change in sections(compare(document(*map(set_step, "abcdef")), document(*map(set_step, kept))))
                if change[2] == "moved"]  # fmt: skip
    moved = compare(document(*map(set_step, "abcdef")), document(*map(set_step, order)))
    assert moved.is_empty == (list(order) == list("abcdef"))
