"""Refused values, wrong usage, and what is not there."""

import pytest

from tests.factories import workspace
from tests.workflows.commands.terminal import workflows
from tests.workflows.services.material import (
    active,
    document,
    events,
    events_after,
    imported,
)
from workflows import services
from workflows.models import Workflow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


@pytest.mark.parametrize(
    ("argv", "path", "code"),
    [
        (["clone", "Lead", "--name", "x" * 51], "name", "name_too_long"),
        (["clone", "Lead", "--name", "lead"], "name", "name_taken"),
        (["rename", "Lead", "--name", ""], "name", "name_empty"),
        (["rename", "Lead", "--name", "x" * 51], "name", "name_too_long"),
        (["delete", "Lead", "--confirm", "Leed"], "confirm", "confirmation_differs"),
        (["secret", "Lead", "nothing"], "trigger", "unknown_trigger"),
        (["secret", "Lead", "by_hand"], "trigger", "not_a_webhook"),
    ],
)
def test_refused_values_leave_one_finding_and_no_event(argv: list[str], path: str, code: str) -> None:
    imported()
    before = len(events())

    result = workflows(*argv)

    assert (result.code, result.error["code"]) == (1, "invalid_value")
    assert [(finding["path"], finding["code"]) for finding in result.error["findings"]] == [(path, code)]
    assert events_after(before) == []


@pytest.mark.parametrize("reason", ["", "  ab ", "x" * 501])
@pytest.mark.parametrize("verb", ["pause", "stop"])
def test_a_reason_has_three_to_five_hundred_characters(verb: str, reason: str) -> None:
    active()
    before = len(events())

    result = workflows(verb, "Lead", "--reason", reason)

    assert (result.code, result.error["findings"][0]["path"]) == (1, "reason")
    assert Workflow.objects.get().status == "active"
    assert events_after(before) == []


@pytest.mark.parametrize(
    "argv",
    [
        ["pause", "Lead"],
        ["stop", "Lead"],
        ["rename", "Lead"],
        ["delete", "Lead"],
        ["move", "Lead"],
        ["roll-back", "Lead"],
        ["roll-back", "Lead", "--to", "two"],
        ["pause", "Lead", "--raison", "typo"],
        ["pause", "Lead", "--reason", "ok then", "--until", "tomorrow"],
        ["pause", "Lead", "--reason", "ok then", "--in-flight", "explode"],
        ["resume", "Lead", "--held", "burn"],
        ["describe", "Lead"],
        ["change-pause", "Lead"],
        ["run", "Lead", "--first", "three"],
        ["run", "Lead", "--first", "3", "--share", "0.5"],
        ["run"],
        ["fly", "Lead"],
        [],
    ],
)
def test_wrong_usage_ends_with_two(argv: list[str]) -> None:
    active()
    before = len(events())

    result = workflows(*argv)

    assert (result.code, result.error["code"]) == (2, "usage")
    assert result.err != ""
    assert events_after(before) == []


@pytest.mark.parametrize(
    "argv",
    [
        ["describe", "Lead", "--owner", "nobody"],
        ["move", "Lead", "--to", "hub:x"],
        ["clone", "Lead", "--scope", "hub:x"],
    ],
)
def test_what_is_not_there_is_refused(argv: list[str]) -> None:
    imported()

    result = workflows(*argv)

    assert (result.code, result.error["code"]) == (1, "not_found")


def test_publish_tells_the_findings_that_block_it() -> None:
    workflow = active()
    services.save_draft(workflow.pk, document(triggers=[]))

    result = workflows("publish", "Lead", "--accept-warnings")

    assert (result.code, result.error["code"]) == (1, "checks_failed")
    assert "error" in {finding["level"] for finding in result.error["findings"]}


def test_run_needs_warnings_accepted() -> None:
    imported()

    refused = workflows("run", "Lead")
    done = workflows("run", "Lead", "--accept-warnings")

    assert (refused.code, refused.error["code"]) == (1, "checks_failed")
    assert done.document["workflow"]["status"] == "active"


def test_a_workflow_that_goes_between_finding_and_acting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = imported()
    services.delete(workflow.pk, confirm="Lead")
    monkeypatch.setattr("workflows.commandline.placing.workflow_of", lambda _options: workflow)

    result = workflows("rename", "Lead", "--name", "New")

    assert (result.code, result.error["code"]) == (1, "not_found")
