"""Every status meets every kind of trigger."""

import json
from datetime import timedelta
from typing import Any

import pytest

from runs.intake import UnknownTarget, start
from runs.models import Run
from tests.runs.intake.firings import KINDS, NOW, occurrence, place, run_of
from workflows.lifecycle import TransitionRefused
from workflows.models import Status

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

STOPPED_BY_SYSTEM = {"cause": "configuration"}
SKIPPED_BARE = ("skipped", "not running")
HELD = ("held", "paused")
EXPECTED = [
    (Status.ACTIVE, {}, dict.fromkeys(KINDS, ("pending", ""))),
    (Status.PAUSED, {}, {"webhook": HELD, "event": HELD, "schedule": ("skipped", "paused")}),
    (
        Status.PAUSED,
        {"triggers_choice": "skip"},
        dict.fromkeys(("webhook", "event", "schedule"), ("skipped", "paused")),
    ),
    (Status.NOT_RUNNING, {}, dict.fromkeys(("webhook", "event", "schedule"), SKIPPED_BARE)),
    (
        Status.NOT_RUNNING,
        STOPPED_BY_SYSTEM,
        {"webhook": HELD, "event": HELD, "schedule": ("skipped", "paused")},
    ),
    (Status.ARCHIVED, {}, dict.fromkeys(("webhook", "event", "schedule"), SKIPPED_BARE)),
    (Status.DRAFT, {}, {"schedule": SKIPPED_BARE}),
]
CASES = [
    pytest.param(status, changes, kind, expected.get(kind), id=f"{status.value}-{place}-{kind}")
    for place, (status, changes, expected) in enumerate(EXPECTED)
    for kind in KINDS
]


@pytest.mark.parametrize(("status", "changes", "kind", "expected"), CASES)
def test_status_decides_what_becomes_of_an_occurrence(
    status: str, changes: dict[str, Any], kind: str, expected: tuple[str, str] | None
) -> None:
    workflow = place(status, **changes)
    if expected is None:
        refusal = UnknownTarget if kind in ("webhook", "event") else TransitionRefused
        with pytest.raises(refusal):
            start(None, workflow.pk, occurrence(kind))
        assert Run.objects.count() == 0
        return
    accepted = start(None, workflow.pk, occurrence(kind))
    run = run_of(accepted)
    assert (accepted.status, accepted.reason) == expected
    assert (run.status, run.reason, run.trigger_kind) == (*expected, kind)
    assert run.version_id == (workflow.published_id if expected[0] == "pending" else None)
    assert run.scope_id == workflow.scope_id
    workflow.refresh_from_db()
    assert workflow.last_run_at is None


def test_held_run_says_until_when(settings: Any) -> None:
    settings.HOLD_DAYS = 3
    run = run_of(start(None, place(Status.PAUSED).pk, occurrence()))
    assert (run.held_at, run.held_until) == (NOW, NOW + timedelta(days=3))
    assert (run.due_at, run.started_at, run.ended_at) == (None, None, None)
    assert json.loads(run.input)["body"] == {"n": 1}


def test_skipped_while_paused_is_closed_and_keeps_its_input() -> None:
    run = run_of(start(None, place(Status.PAUSED, triggers_choice="skip").pk, occurrence()))
    assert (run.ended_at, run.due_at) == (NOW, None)
    assert json.loads(run.input)["body"] == {"n": 1}


def test_stopped_workflow_stores_no_more_than_that_something_came() -> None:
    given = {"body": "private", "headers": {"x-a": "1"}, "query": {"q": "1"}}
    run = run_of(start(None, place(Status.NOT_RUNNING).pk, occurrence(input=given)))
    assert json.loads(run.input) == {"received_at": "2026-03-01T12:00:00.000000Z"}


@pytest.mark.parametrize(("rule", "choice", "status"), [
    ("skip", "", "skipped"), ("hold", "", "held"), ("skip", "hold", "held"), ("hold", "skip", "skipped"),
])  # fmt: skip
def test_pause_asks_its_own_choice_then_the_definition(rule: str, choice: str, status: str) -> None:
    workflow = place(Status.PAUSED, triggers_choice=choice, rules={"while_paused": {"webhook": rule}})
    assert start(None, workflow.pk, occurrence()).status == status
    assert start(None, workflow.pk, occurrence("event")).status == (choice or "hold").replace(
        "hold", "held"
    ).replace("skip", "skipped")


def test_deleted_workflow_is_unknown() -> None:
    workflow = place(Status.ACTIVE, deleted_at=NOW)
    with pytest.raises(UnknownTarget):
        start(None, workflow.pk, occurrence())
    with pytest.raises(UnknownTarget):
        start(None, 0, occurrence())
    assert Run.objects.count() == 0


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.PAUSED, Status.NOT_RUNNING, Status.DRAFT])
def test_test_run_passes_every_gate_with_its_own_version(status: str) -> None:
    workflow = place(status)
    version = workflow.draft or workflow.published
    run = run_of(
        start(None, workflow.pk, occurrence("manual", is_test=True, simulates=True, version=version))
    )
    assert (run.status, run.version_id, run.is_test, run.simulates) == ("pending", version.pk, True, True)


def test_test_run_of_an_archived_workflow_is_refused() -> None:
    workflow = place(Status.ARCHIVED)
    with pytest.raises(TransitionRefused):
        start(None, workflow.pk, occurrence("manual", is_test=True, version=workflow.published))


@pytest.mark.parametrize(("status", "passes"), [
    (Status.PAUSED, True), (Status.NOT_RUNNING, False), (Status.ARCHIVED, False),
])  # fmt: skip
def test_permission_to_run_while_paused_passes_that_gate_only(status: str, passes: bool) -> None:
    workflow = place(status)
    if not passes:
        with pytest.raises(TransitionRefused):
            start(None, workflow.pk, occurrence("manual", passes_gate=True))
        return
    run = run_of(start(None, workflow.pk, occurrence("manual", passes_gate=True)))
    assert (run.status, run.passes_gate, run.version_id) == ("pending", True, workflow.published_id)


def test_refusal_tells_status_and_reason() -> None:
    with pytest.raises(TransitionRefused, match=r"Paused \(maintenance\)"):
        start(None, place(Status.PAUSED).pk, occurrence("manual"))
