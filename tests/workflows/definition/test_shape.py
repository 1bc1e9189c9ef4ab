"""Shape: what import and save refuse, each with its place."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.definition.documents import document, example, findings_of, refused
from workflows.definition.findings import DefinitionRefused
from workflows.definition.loading import validate


def test_validate_takes_what_is_merely_incomplete() -> None:
    steps = [
        {"id": f"s{n}", "kind": kind}
        for n, kind in enumerate(["set", "decision", "for_each", "delay", "http_request"])
    ]
    more = [
        {"id": f"t{n}", "kind": kind}
        for n, kind in enumerate(["send_email", "notify", "start_workflow", "record_value"])
    ]
    triggers = [{"id": kind, "kind": kind} for kind in ("webhook", "event", "schedule", "manual")]

    assert refused(document(*steps, *more, {"id": "end", "kind": "finish"}, triggers=triggers)) == []
    assert refused({"format": "signalbox/1", "name": "Bare"}) == []


def test_validate_stores_what_only_check_finds() -> None:
    step = {
        "id": "a",
        "kind": "http_request",
        "url": "{{ broken",
        "connection": "nowhere",
        "json": "{{ steps.x }}",
    }
    trigger = {"id": "t", "kind": "schedule", "cron": "99 99 * * *", "timezone": "Nowhere/Land"}

    assert refused(document(step, triggers=[trigger])) == []


@pytest.mark.parametrize("value", [None, [], "text", 5])
def test_validate_refuses_what_is_no_object(value: Any) -> None:
    assert refused(value) == [("wrong_type", "")]


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"format": "signalbox/2"}, ("unknown_format", "format")),
        ({"name": "   "}, ("name_missing", "name")),
        ({"name": "x" * 51}, ("name_too_long", "name")),
        ({"name": 5}, ("wrong_type", "name")),
        ({"status": "active"}, ("unknown_key", "status")),
        ({"scope": "galaxy:x"}, ("wrong_value", "scope")),
        ({"scope": "hub:../x"}, ("wrong_value", "scope")),
        ({"tags": "a"}, ("wrong_type", "tags")),
        ({"tags": ["a,b"]}, ("wrong_value", "tags.0")),
        ({"description": "x" * 5_001}, ("out_of_range", "description")),
        ({"triggers": {}}, ("wrong_type", "triggers")),
        ({"triggers": [{"id": "t", "kind": "telepathy"}]}, ("unknown_kind", "triggers.0")),
        ({"triggers": [{"id": "t"}]}, ("unknown_kind", "triggers.0")),
        ({"triggers": [5]}, ("wrong_value", "triggers.0")),
        ({"settings": {"max_running": 0}}, ("out_of_range", "settings.max_running")),
        ({"settings": {"max_running": 100_001}}, ("out_of_range", "settings.max_running")),
        ({"settings": {"starts_per_minute": "10"}}, ("wrong_type", "settings.starts_per_minute")),
        ({"settings": {"release_per_minute": 1.5}}, ("wrong_type", "settings.release_per_minute")),
        ({"settings": {"max_running": True}}, ("wrong_type", "settings.max_running")),
        ({"settings": {"run_timeout": "P31D"}}, ("wrong_duration", "settings.run_timeout")),
        ({"settings": {"failure_rule": {"ratio": 1.1}}}, ("out_of_range", "settings.failure_rule.ratio")),
        (
            {"settings": {"failure_rule": {"action": "panic"}}},
            ("wrong_value", "settings.failure_rule.action"),
        ),
        (
            {"settings": {"while_paused": {"schedule": "hold"}}},
            ("wrong_value", "settings.while_paused.schedule"),
        ),
        ({"settings": {"notify": [""]}}, ("out_of_range", "settings.notify.0")),
        ({"settings": {"colour": "red"}}, ("unknown_key", "settings.colour")),
    ],
)
def test_validate_refuses_a_wrong_field(changes: dict[str, Any], finding: tuple[str, str]) -> None:
    assert refused(document(**changes)) == [finding]


@pytest.mark.parametrize(
    ("step", "finding"),
    [
        ({"kind": "set"}, ("missing", "steps.0.id")),
        ({"id": "", "kind": "set"}, ("invalid_id", "steps.0.id")),
        ({"id": "Upper", "kind": "set"}, ("invalid_id", "steps.0.id")),
        ({"id": "a" * 41, "kind": "set"}, ("invalid_id", "steps.0.id")),
        ({"id": "a\n", "kind": "set"}, ("invalid_id", "steps.0.id")),
        ({"id": "a", "kind": "code"}, ("unknown_kind", "steps.0")),
        ({"id": "a", "kind": ["set"]}, ("unknown_kind", "steps.0")),
        ({"id": "a", "kind": "set", "vals": {}}, ("unknown_key", "steps.0.vals")),
        ({"id": "a", "kind": "set", "enabled": "yes"}, ("wrong_type", "steps.0.enabled")),
        ({"id": "a", "kind": "set", "retry": {}}, ("unknown_key", "steps.0.retry")),
        ({"id": "a", "kind": "set", "if": {"left": 1, "op": "=="}}, ("wrong_value", "steps.0.if.op")),
        ({"id": "a", "kind": "set", "if": {"all": [{"not": 5}]}}, ("wrong_value", "steps.0.if.all.0.not")),
        ({"id": "a", "kind": "http_request", "method": "BREW"}, ("wrong_value", "steps.0.method")),
        (
            {"id": "a", "kind": "http_request", "follow_redirects": 4},
            ("out_of_range", "steps.0.follow_redirects"),
        ),
        ({"id": "a", "kind": "http_request", "timeout": "P1M"}, ("wrong_duration", "steps.0.timeout")),
        ({"id": "a", "kind": "http_request", "timeout": "PT0S"}, ("wrong_duration", "steps.0.timeout")),
        (
            {"id": "a", "kind": "http_request", "retry": {"tries": 21}},
            ("out_of_range", "steps.0.retry.tries"),
        ),
        ({"id": "a", "kind": "http_request", "expect": [99]}, ("wrong_type", "steps.0.expect.0")),
        ({"id": "a", "kind": "http_request", "on_failure": "explode"}, ("wrong_value", "steps.0.on_failure")),
        (
            {"id": "a", "kind": "http_request", "on_failure": {"step": []}},
            ("unknown_key", "steps.0.on_failure.step"),
        ),
        ({"id": "a", "kind": "http_request", "on_crash": "hope"}, ("wrong_value", "steps.0.on_crash")),
        ({"id": "a", "kind": "send_email", "to": 5}, ("wrong_type", "steps.0.to")),
        ({"id": "a", "kind": "for_each", "max_parallel": 2}, ("unknown_key", "steps.0.max_parallel")),
        ({"id": "a", "kind": "delay", "until_time": "24:00"}, ("wrong_value", "steps.0.until_time")),
        ({"id": "a", "kind": "finish", "status": "maybe"}, ("wrong_value", "steps.0.status")),
    ],
)
def test_validate_refuses_a_wrong_step(step: dict[str, Any], finding: tuple[str, str]) -> None:
    assert refused(document(step)) == [finding]


def test_validate_gives_every_finding_with_its_place() -> None:
    value = example()
    crm = value["steps"][1]["branches"][0]["steps"][0]
    crm["uri"] = "x"
    crm["on_failure"]["steps"][0]["id"] = "lead"
    value["steps"][1]["otherwise"][0]["for"] = 3
    value["triggers"][0]["where"]["all"][0]["op"] = "~"
    value["triggers"].append({"id": "form", "kind": "manual"})
    value["settings"]["failure_rule"]["window"] = "PT1S"

    assert refused(value) == [
        ("wrong_duration", "settings.failure_rule.window"),
        ("duplicate_id", "steps.1.branches.0.steps.0.on_failure.steps.0.id"),
        ("unknown_key", "steps.1.branches.0.steps.0.uri"),
        ("wrong_type", "steps.1.otherwise.0.for"),
        ("wrong_value", "triggers.0.where.all.0.op"),
        ("duplicate_id", "triggers.4.id"),
    ]


def test_validate_says_how_to_fix() -> None:
    (finding,) = findings_of(document({"id": "a", "kind": "set", "vals": {}}))

    assert finding.as_dict() == {
        "level": "error",
        "code": "unknown_key",
        "path": "steps.0.vals",
        "message": "“vals” is not a key that is known here.",
        "fix": "Remove it, or correct its spelling.",
    }


def test_validate_normalises_the_name_it_gives() -> None:
    assert validate(document(name="  Cafe\u0301   au lait ")).name == "Café au lait"
    assert refused(document(name="é" * 50)) == []


def places_of(value: Any) -> list[list[Any]]:
    """The parents and keys of all parts of a value."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [found for key in keys for found in ([value, key], *places_of(value[key]))]


JUNK = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        10**30,
        1.5,
        "",
        "x" * 60,
        "{{ x }}",
        [],
        {},
        [[]],
        {"kind": "set"},
        [{"kind": "set", "id": "a"}],
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.data(), JUNK)
def test_validate_refuses_junk_anywhere_with_findings(data: st.DataObject, junk: Any) -> None:
    value = example()
    parent, key = data.draw(st.sampled_from(places_of(value)))
    parent[key] = copy.deepcopy(junk)

    try:
        validate(value)
    except DefinitionRefused as refusal:
        assert refusal.findings
        assert all(finding.code and finding.message and finding.is_error for finding in refusal.findings)
