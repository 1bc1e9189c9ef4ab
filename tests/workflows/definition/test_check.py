"""The check list before Run, line by line."""

from typing import Any

import pytest

from tests.workflows.definition.documents import (
    NOW,
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
