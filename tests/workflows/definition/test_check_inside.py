"""The checks of triggers and steps by themselves: complete and reachable."""

from typing import Any

import pytest

from tests.workflows.definition.documents import always, document, found, set_step, warned

FINISH = {"id": "end", "kind": "finish"}
NEVER = {"any": []}
SAFE = {"timeout": "PT10S", "retry": {"tries": 2}}


@pytest.mark.parametrize(
    ("step", "finding"),
    [
        ({"kind": "set"}, ("incomplete_step", "steps.0.values")),
        ({"kind": "decision"}, ("incomplete_step", "steps.0.branches")),
        ({"kind": "decision", "branches": [{"steps": []}]}, ("incomplete_step", "steps.0.branches.0.if")),
        ({"kind": "for_each", "items": "{{ trigger.data }}"}, ("incomplete_step", "steps.0.steps")),
        (
            {"kind": "for_each", "items": "words", "steps": [set_step("i")]},
            ("incomplete_step", "steps.0.items"),
        ),
        (
            {"kind": "for_each", "items": [1] * 1_001, "steps": [set_step("i")]},
            ("limit_exceeded", "steps.0.items"),
        ),
        ({"kind": "delay"}, ("incomplete_step", "steps.0")),
        ({"kind": "delay", "for": "PT1M", "until": "2026-01-01"}, ("incomplete_step", "steps.0")),
        ({"kind": "delay", "for": "P31D"}, ("incomplete_step", "steps.0.for")),
        ({"kind": "delay", "for": "soon"}, ("incomplete_step", "steps.0.for")),
        ({"kind": "delay", "until": "tomorrow"}, ("incomplete_step", "steps.0.until")),
        (
            {"kind": "delay", "until_time": "08:00", "timezone": "Mars/Base"},
            ("unknown_timezone", "steps.0.timezone"),
        ),
        ({"kind": "http_request", **SAFE}, ("incomplete_step", "steps.0.url")),
        (
            {"kind": "http_request", "url": "https://example.com", "path": "/x", **SAFE},
            ("incomplete_step", "steps.0.url"),
        ),
        (
            {
                "kind": "http_request",
                "url": "https://example.com",
                "method": "POST",
                "json": None,
                "text": "",
                **SAFE,
            },
            ("incomplete_step", "steps.0.text"),
        ),
        (
            {"kind": "http_request", "url": "https://example.com", "json": 1, **SAFE},
            ("incomplete_step", "steps.0.json"),
        ),
        ({"kind": "send_email", "subject": "s", "text": "t"}, ("incomplete_step", "steps.0.to")),
        ({"kind": "send_email", "to": "a@example.test", "text": "t"}, ("incomplete_step", "steps.0.subject")),
        ({"kind": "send_email", "to": "a@example.test", "subject": "s"}, ("incomplete_step", "steps.0.text")),
        ({"kind": "start_workflow"}, ("incomplete_step", "steps.0.workflow")),
        ({"kind": "record_value", "value": 1}, ("incomplete_step", "steps.0.name")),
        ({"kind": "record_value", "name": "n", "value": "much"}, ("incomplete_step", "steps.0.value")),
    ],
)
def test_check_finds_incomplete_steps(step: dict[str, Any], finding: tuple[str, str]) -> None:
    assert found(document({"id": "a", **step})) == [finding]


def test_check_takes_a_set_step_without_values() -> None:
    assert found(document({"id": "a", "kind": "set", "values": {}})) == []


@pytest.mark.parametrize("url", ["ftp://example.com", "http://127.0.0.1/"])
def test_check_warns_of_addresses_that_are_not_allowed(url: str) -> None:
    given = document({"id": "a", "kind": "http_request", "url": url, **SAFE})

    assert found(given) == []
    assert warned(given) == [("egress_refused", "steps.0.url")]


@pytest.mark.parametrize(
    ("trigger", "finding"),
    [
        ({"kind": "event"}, ("incomplete_trigger", "triggers.0.event")),
        ({"kind": "webhook", "methods": []}, ("incomplete_trigger", "triggers.0.methods")),
        ({"kind": "schedule"}, ("incomplete_trigger", "triggers.0.cron")),
        (
            {"kind": "schedule", "cron": "0 1 * * *", "every": "PT5M"},
            ("incomplete_trigger", "triggers.0.every"),
        ),
        ({"kind": "schedule", "cron": "0 0 31 2 *"}, ("schedule_refused", "triggers.0.cron")),
        ({"kind": "schedule", "cron": "@reboot"}, ("schedule_refused", "triggers.0.cron")),
        ({"kind": "schedule", "cron": "0 0 L * *"}, ("schedule_refused", "triggers.0.cron")),
        (
            {"kind": "schedule", "cron": "0 1 * * *", "timezone": "Mars/Base"},
            ("schedule_refused", "triggers.0.cron"),
        ),
        (
            {"kind": "manual", "fields": [{"name": "a"}, {"name": "a"}]},
            ("incomplete_trigger", "triggers.0.fields.1.name"),
        ),
        (
            {"kind": "manual", "fields": [{"name": "a", "type": "number", "default": "x"}]},
            ("incomplete_trigger", "triggers.0.fields.0.default"),
        ),
    ],
)
def test_check_finds_incomplete_triggers(trigger: dict[str, Any], finding: tuple[str, str]) -> None:
    codes = found(document(set_step("a"), triggers=[{"id": "t", **trigger}]))

    assert [("schedule_refused" if code.startswith("schedule_") else code, path) for code, path in codes] == [
        finding
    ]


def test_check_finds_steps_after_the_end() -> None:
    ends = {
        "id": "d",
        "kind": "decision",
        "branches": [always(FINISH)],
        "otherwise": [{**FINISH, "id": "end2"}],
    }

    assert found(document(FINISH, set_step("a"))) == [("unreachable_step", "steps.1")]
    assert found(document(ends, set_step("a"), set_step("b"))) == [
        ("unreachable_step", "steps.1"),
        ("unreachable_step", "steps.2"),
    ]
    assert found(document({**ends, "otherwise": []}, set_step("a"))) == []
    assert found(document({**FINISH, "enabled": False}, set_step("a"))) == []
    assert (
        found(document({**FINISH, "if": {"left": "{{ trigger.kind }}", "op": "exists"}}, set_step("a"))) == []
    )
    assert found(document({**FINISH, "if": {"all": []}}, set_step("a"))) == [("unreachable_step", "steps.1")]


def test_check_finds_steps_whose_conditions_never_hold() -> None:
    dead = {"id": "d", "kind": "decision", "branches": [{"if": NEVER, "steps": [set_step("a")]}]}
    shut = {
        "id": "d",
        "kind": "decision",
        "branches": [{"if": {"all": []}, "steps": []}],
        "otherwise": [set_step("a")],
    }

    assert found(document(set_step("a", **{"if": NEVER}))) == [("unreachable_step", "steps.0")]
    assert found(document(dead)) == [("unreachable_step", "steps.0.branches.0.steps.0")]
    assert found(document(shut)) == [("unreachable_step", "steps.0.otherwise.0")]


def test_check_finds_steps_after_the_end_inside_others() -> None:
    loop = {"id": "l", "kind": "for_each", "items": "{{ trigger.data }}", "steps": [FINISH, set_step("a")]}

    assert found(document(loop, set_step("b"))) == [("unreachable_step", "steps.0.steps.1")]
