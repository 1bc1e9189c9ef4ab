"""Limits and ids: how many steps, how deep, and none twice."""

from typing import Any

from tests.workflows.definition.documents import always, document, refused, set_step


def nested(levels: int) -> dict[str, Any]:
    step = set_step("inmost")
    for level in range(levels):
        step = {"id": f"d{level}", "kind": "decision", "branches": [always(step)]}
    return step


def test_validate_limits_hold_at_their_edge() -> None:
    triggers = [{"id": f"t{n}", "kind": "manual"} for n in range(11)]
    steps = [set_step(f"s{n}") for n in range(201)]

    assert refused(document(*steps[:200], triggers=triggers[:10])) == []
    assert refused(document(*steps, triggers=triggers)) == [
        ("too_many_steps", "steps"),
        ("too_many_triggers", "triggers"),
    ]
    assert refused(document(nested(8))) == []
    assert [code for code, _path in refused(document(nested(9)))] == ["too_deep"]


def test_validate_limits_come_from_the_settings(settings: Any) -> None:
    settings.DEFINITION_LIMITS = {"steps": 1}

    assert refused(document(set_step("a"), set_step("b"))) == [("too_many_steps", "steps")]


def test_validate_counts_steps_in_every_nesting_field() -> None:
    inner = [set_step(f"s{n}") for n in range(4)]
    failing = {"id": "f", "kind": "notify", "on_failure": {"steps": [inner[0]]}}
    loop = {"id": "l", "kind": "for_each", "steps": [inner[1], inner[1]]}
    decision = {"id": "d", "kind": "decision", "branches": [{"steps": [inner[2]]}], "otherwise": [inner[2]]}

    codes = refused(document(failing, loop, decision, set_step("s0")))

    assert codes == [
        ("duplicate_id", "steps.1.steps.1.id"),
        ("duplicate_id", "steps.2.otherwise.0.id"),
        ("duplicate_id", "steps.3.id"),
    ]


def test_validate_does_not_take_data_for_steps() -> None:
    body = {"steps": [{"id": "a", "kind": "x"}, {"id": "a", "kind": "x"}]}

    assert (
        refused(document(set_step("a", values=body), {"id": "b", "kind": "http_request", "json": body})) == []
    )
