"""The check list before Run, line by line."""

from typing import Any

import pytest

from tests.workflows.definition.documents import (
    NOW,
    always,
    checked,
    document,
    example,
    found,
    set_step,
    surroundings,
    warned,
)
from workflows.definition.check import LINES, ConnectionState, check
from workflows.definition.loading import validate

GOOD = ConnectionState(has_secret=True, needs_secret=True, health="ok", tested_at=NOW)
FINISH = {"id": "end", "kind": "finish"}
NEVER = {"any": []}
SAFE = {"timeout": "PT10S", "retry": {"tries": 2}}


def request(id_: str = "ask", **changes: Any) -> dict[str, Any]:
    return {"id": id_, "kind": "http_request", "connection": "crm", "path": "/leads", **SAFE} | changes


def test_check_of_a_quiet_world_finds_nothing_and_passes_every_line() -> None:
    settings = {"notify": ["ops@example.test"], "minutes_saved_per_run": 4}

    result = checked(document(set_step("a"), settings=settings))

    assert (result.ok, list(result.findings)) == (True, [])
    assert [passed.code for passed in result.passed] == [line.code for line in LINES]
    assert "External integrations tested" in [passed.label for passed in result.passed]


def test_check_of_the_example_passes_in_a_world_that_fits() -> None:
    world = surroundings(connections={"crm": GOOD, "chat": GOOD}, secret_set={"form"})

    result = check(validate(example()), world)

    assert result.ok
    assert {finding.code for finding in result.findings} == {"no_timeout_or_retry"}


def test_check_needs_a_trigger_and_a_step() -> None:
    assert found(document(triggers=[])) == [("no_trigger", "triggers"), ("no_step", "steps")]
    assert found(document(set_step("a", enabled=False))) == [("no_step", "steps")]


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
        ({"kind": "http_request", "url": "ftp://example.com", **SAFE}, ("egress_refused", "steps.0.url")),
        ({"kind": "http_request", "url": "http://127.0.0.1/", **SAFE}, ("egress_refused", "steps.0.url")),
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


def test_check_looks_at_connections() -> None:
    value = document(request(), request("again"))

    assert found(value) == [
        ("unknown_connection", "steps.0.connection"),
        ("unknown_connection", "steps.1.connection"),
    ]
    assert found(value, connections={"crm": ConnectionState(needs_secret=True)}) == [
        ("connection_secret_missing", "steps.0.connection"),
        ("connection_secret_missing", "steps.1.connection"),
    ]
    assert warned(value, connections={"crm": ConnectionState()}) == [
        ("connection_untested", "steps.0.connection")
    ]
    failing = ConnectionState(health="failing", tested_at=NOW)
    assert warned(value, connections={"crm": failing}) == [("connection_failing", "steps.0.connection")]
    assert warned(value, connections={"crm": GOOD}) == []


def test_check_leaves_connections_alone_that_a_template_names() -> None:
    assert found(document(request(connection="{{ trigger.data.system }}"))) == []


def test_check_wants_secrets_of_signed_webhooks() -> None:
    signed = {"id": "hook", "kind": "webhook", "signature": {"preset": "github"}}
    open_ = {"id": "open", "kind": "webhook"}
    value = document(set_step("a"), triggers=[open_, signed])

    assert found(value) == [("trigger_secret_missing", "triggers.1")]
    assert found(value, secret_set={"hook"}) == []


def test_check_looks_for_workflows_that_are_started() -> None:
    value = document({"id": "s", "kind": "start_workflow", "workflow": "Other"})

    assert found(value, known_workflows={"Another"}) == [("unknown_workflow", "steps.0.workflow")]
    assert found(value, known_workflows={"Other"}) == []
    assert found(value, known_workflows=None) == []
    named = document({"id": "s", "kind": "start_workflow", "workflow": "{{ trigger.data.name }}"})
    assert found(named, known_workflows=set()) == []


def test_check_warns_where_nobody_is_told_and_nothing_is_measured() -> None:
    value = document(set_step("a"))
    measured = document({"id": "v", "kind": "record_value", "name": "n", "value": 1})

    assert [finding.code for finding in checked(value).warnings] == ["no_recipients", "no_success_metric"]
    assert [finding.code for finding in checked(measured).warnings] == ["no_recipients"]


@pytest.mark.parametrize(
    ("world", "codes"),
    [
        ({"scope_kind": "workspace"}, ["workspace_wide_start"]),
        ({"scope_kind": "workspace", "ever_started": True}, []),
        ({"last_test": None}, ["never_tested"]),
        ({"last_test": "failed"}, ["test_failed"]),
        ({"tested_since_change": False}, ["not_tested_since_change"]),
    ],
)
def test_check_warns_of_the_first_start_and_of_tests(world: dict[str, Any], codes: list[str]) -> None:
    assert [code for code, _path in warned(document(set_step("a")), **world)] == codes


def test_check_warns_of_outside_steps_without_timeout_or_retry() -> None:
    value = document(request("a", timeout=None), request("b", retry=None), request("c"))

    assert warned(value, connections={"crm": GOOD}) == [
        ("no_timeout_or_retry", "steps.0"),
        ("no_timeout_or_retry", "steps.1"),
    ]


def test_check_warns_of_schedules_that_outrun_their_runs() -> None:
    value = document(
        set_step("a"),
        triggers=[{"id": "t", "kind": "schedule", "every": "PT5M"}, {"id": "m", "kind": "manual"}],
    )

    assert warned(value, typical_duration=301) == [("schedule_too_frequent", "triggers.0")]
    assert warned(value, typical_duration=299) == []
    assert warned(value, typical_duration=None) == []


def test_check_puts_errors_first_and_tells_lines_apart() -> None:
    value = document(request(), triggers=[{"id": "t", "kind": "schedule", "cron": "never"}])

    result = checked(value)

    assert [finding.level for finding in result.findings] == ["error", "error", "warning", "warning"]
    passed = {line.code for line in result.passed}
    assert {"complete", "templates", "connection_secrets", "integrations_tested"} <= passed
    assert not {"schedules", "connections", "notifications"} & passed
    assert not result.ok
