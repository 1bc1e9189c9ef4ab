"""trigger and test: runs by command."""

import json

import pytest

from runs.engine import executor
from runs.models import Run
from tests.factories import workspace
from tests.workflows.commands.terminal import workflows
from tests.workflows.services.material import active, document, events, events_after, imported
from workflows import services

pytestmark = pytest.mark.django_db

ECHO = [{"id": "echo", "kind": "set", "values": {"name": "{{ trigger.data.name }}"}}]
MAIL = [{"id": "mail", "kind": "send_email", "to": "a@example.test", "subject": "Hello", "text": "Hi"}]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def test_trigger_answers_with_the_run() -> None:
    workflow = active()
    before = len(events())

    result = workflows("trigger", "Lead", "--payload", '{"name": "Ann"}')

    row = result.document["run"]
    assert (result.code, row["workflow"], row["workflow_name"], row["version"]) == (0, workflow.pk, "Lead", 1)
    assert (row["status"], row["trigger"], row["trigger_id"], row["test"]) == (
        "pending",
        "manual",
        "by_hand",
        False,
    )
    assert row["started_at"] is None
    assert row["input"]["data"] == {"name": "Ann"}
    assert events_after(before) == ["Run started by hand"]


def test_trigger_reads_the_payload_from_a_file(tmp_path) -> None:
    active()
    path = tmp_path / "payload.json"
    path.write_text('{"big": 123456789012345678901234567890}')

    result = workflows("trigger", "Lead", "--payload", f"@{path}")

    assert result.document["run"]["input"]["data"] == {"big": 123456789012345678901234567890}


@pytest.mark.parametrize("payload", ["{", "NaN", "@/nowhere.json"])
def test_trigger_with_an_unreadable_payload_is_wrong_usage(payload: str) -> None:
    active()

    result = workflows("trigger", "Lead", "--payload", payload)

    assert (result.code, result.error["code"]) == (2, "usage")
    assert not Run.objects.exists()


def test_trigger_while_paused_needs_the_option() -> None:
    workflow = active()
    services.pause(workflow.pk, reason="CRM outage")

    refused = workflows("trigger", "Lead")
    done = workflows("trigger", "Lead", "--while-paused")

    assert (refused.code, refused.error["code"]) == (1, "not_possible_now")
    assert "CRM outage" in refused.error["message"]
    assert (done.code, done.document["run"]["status"]) == (0, "pending")


def test_trigger_and_wait_gives_the_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    active(steps=ECHO)
    monkeypatch.setattr("runs.commandline.waiting.time.sleep", lambda _seconds: _work())

    result = workflows("trigger", "Lead", "--payload", '{"name": "Ann"}', "--wait")

    row = result.document["run"]
    assert (result.code, row["status"]) == (0, "success")
    assert [(step["id"], step["status"]) for step in row["steps"]] == [("echo", "success")]
    assert row["steps"][0]["attempts"][0]["output"] == {"name": "Ann"}


def test_trigger_and_wait_fails_when_the_run_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    active(steps=ECHO)
    monkeypatch.setattr("runs.commandline.waiting.time.sleep", lambda _seconds: _work())

    result = workflows("trigger", "Lead", "--payload", "{}", "--wait")

    assert (result.code, result.document["run"]["status"]) == (1, "failed")
    assert result.document["run"]["error"]


def test_trigger_and_wait_gives_up_in_time() -> None:
    active()

    result = workflows("trigger", "Lead", "--wait", "--timeout", "0")

    assert (result.code, result.document["run"]["status"]) == (1, "pending")
    assert "has not ended yet" in result.err


def _work() -> None:
    for run in Run.objects.open():
        executor.advance(str(run.pk))


def test_test_runs_the_draft_at_once_and_counts_as_a_test() -> None:
    workflow = active()
    services.save_draft(workflow.pk, document(steps=ECHO))
    before = len(events())

    result = workflows("test", "Lead", "--payload", '{"name": "Ann"}')

    row = result.document["run"]
    assert (result.code, row["status"], row["version"], row["test"]) == (0, "success", 2, True)
    assert events_after(before) == ["Workflow tested"]
    assert workflow.__class__.objects.get().last_run_at is None


def test_test_simulates_steps_with_outside_effects(mailoutbox) -> None:
    imported(steps=MAIL)

    result = workflows("test", "Lead")

    assert (result.code, result.document["run"]["status"]) == (0, "success")
    assert result.document["run"]["steps"][0]["attempts"][0]["output"]["simulated"] is True
    assert mailoutbox == []


def test_test_that_fails_ends_with_one() -> None:
    imported(steps=ECHO)

    result = workflows("test", "Lead")

    assert (result.code, result.document["run"]["status"]) == (1, "failed")
    assert json.loads(result.out)["run"]["error"]


def test_a_test_satisfies_the_check_that_asked_for_one() -> None:
    imported(steps=ECHO)
    before = {finding["code"] for finding in workflows("check", "Lead").document["findings"]}

    workflows("test", "Lead", "--payload", '{"name": "Ann"}')

    after = {finding["code"] for finding in workflows("check", "Lead").document["findings"]}
    assert before - after == {"never_tested"}
