"""Every status meets every kind of trigger."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from runs.engine import doorbell
from runs.intake import Accepted, HoldFull, Occurrence, UnknownTarget, start, starting
from runs.models import Delivery, Run, RunStatus
from tests.factories import make_run, make_version
from tests.runs.intake.material import HOOK, make_triggered, trigger_of
from workflows.lifecycle import TransitionRefused
from workflows.models import Status, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KINDS = ("webhook", "event", "schedule", "manual", "workflow")
TRIGGERS = (
    HOOK,
    {"id": "listens", "kind": "event", "event": "lead.captured"},
    {"id": "hourly", "kind": "schedule", "cron": "@hourly"},
    {"id": "by_hand", "kind": "manual"},
)


def occurrence(kind: str = "webhook", **changes: Any) -> Occurrence:
    name = "data" if kind != "webhook" else "body"
    given = {"kind": kind, "input": {name: {"n": 1}}, "received_at": NOW, "trigger_id": "hook"}
    return Occurrence(**{**given, **changes})


def run_of(accepted: Accepted) -> Run:
    return Run.objects.get(pk=accepted.run_id)


def place(status: str, **changes: Any) -> Workflow:
    return make_triggered(*TRIGGERS, status=status, **changes)


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


def test_pending_run_is_due_at_once_and_keeps_its_input() -> None:
    workflow = place(Status.ACTIVE)
    given = {"body": {"z": 1, "a": "é"}, "headers": {"x-a": "1"}, "query": {"q": "2"}}
    run = run_of(start(None, workflow.pk, occurrence(input=given)))
    assert run.due_at == NOW
    assert list(json.loads(run.input)["body"]) == ["z", "a"]
    assert json.loads(run.input) == {**given, "received_at": "2026-03-01T12:00:00.000000Z"}
    assert (run.held_at, run.held_until, run.ended_at) == (None, None, None)


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


def test_replay_keeps_its_links_and_is_refused_while_not_active() -> None:
    workflow = place(Status.ACTIVE)
    first, parent = make_run(workflow), make_run(workflow)
    links = {"replay_of": first.pk, "replay_from": "greet", "parent": parent.pk, "depth": 3}
    run = run_of(start(None, workflow.pk, occurrence(**links)))
    assert (run.replay_of, run.replay_from, run.parent, run.depth) == (first, "greet", parent, 3)
    with pytest.raises(TransitionRefused):
        start(None, place(Status.PAUSED).pk, occurrence(replay_of=first.pk))


def test_each_occurrence_has_its_own_correlation() -> None:
    workflow = place(Status.ACTIVE)
    one, two = (run_of(start(None, workflow.pk, occurrence())) for _ in range(2))
    given = run_of(start(None, workflow.pk, occurrence(correlation="c-1")))
    assert one.correlation != two.correlation
    assert (len(one.correlation), given.correlation) == (32, "c-1")


def test_redacted_paths_are_not_stored() -> None:
    workflow = place(Status.ACTIVE, rules={"redact": ["trigger.body.card.number", "trigger.query.pin"]})
    given = {"body": {"card": {"number": "4111", "name": "A"}}, "query": {"pin": "1"}}
    run = run_of(start(None, workflow.pk, occurrence(input=given)))
    stored = json.loads(run.input)
    assert stored["body"] == {"card": {"number": "[redacted]", "name": "A"}}
    assert stored["query"] == {"pin": "[redacted]"}


def test_delivery_id_gives_the_first_answer_again() -> None:
    workflow = place(Status.ACTIVE)
    trigger = trigger_of(workflow)
    first = start(trigger, workflow.pk, occurrence(delivery_id="d-1"))
    Workflow.objects.filter(pk=workflow.pk).update(last_run_at=NOW)
    Run.objects.filter(pk=first.run_id).update(status=RunStatus.SUCCESS)
    again = start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    other = start(trigger, workflow.pk, occurrence(delivery_id="d-2"))
    assert again == Accepted(first.run_id, "pending", duplicate=True)
    assert (other.duplicate, Run.objects.count()) == (False, 2)


def test_delivery_id_counts_per_trigger() -> None:
    workflow, other = place(Status.ACTIVE), place(Status.ACTIVE)
    start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    assert not start(trigger_of(other), other.pk, occurrence(delivery_id="d-1")).duplicate


def test_delivery_id_outlives_the_run() -> None:
    workflow = place(Status.ACTIVE)
    first = start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    Run.objects.all().delete()
    again = start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    assert (again.run_id, again.duplicate, Run.objects.count()) == (first.run_id, True, 0)


def test_delivery_to_a_stopped_workflow_is_answered_alike_afterwards() -> None:
    workflow = place(Status.NOT_RUNNING)
    first = start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    workflow.status, workflow.cause = Status.ACTIVE, ""
    workflow.save()
    again = start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    assert again == Accepted(first.run_id, "skipped", "not running", duplicate=True)


def test_hold_cap_refuses_webhooks_and_skips_events(settings: Any) -> None:
    settings.HOLD_LIMIT = 3
    workflow = place(Status.PAUSED, resume_expected_at=NOW + timedelta(minutes=5))
    for _ in range(3):
        assert start(None, workflow.pk, occurrence()).status == "held"
    with pytest.raises(HoldFull) as full:
        start(None, workflow.pk, occurrence())
    event = start(None, workflow.pk, occurrence("event"))
    assert full.value.retry_after == 300
    assert (event.status, event.reason) == ("skipped", "rate limit")
    assert Run.objects.filter(status="held").count() == 3


def test_hold_cap_counts_triggers_only_and_each_workflow_by_itself(settings: Any) -> None:
    settings.HOLD_LIMIT = 2
    full, free = place(Status.PAUSED), place(Status.PAUSED)
    make_run(full, status="held", started_at=NOW)
    make_run(full, status="held")
    make_run(full, status="skipped")
    assert start(None, full.pk, occurrence()).status == "held"
    assert start(None, free.pk, occurrence()).status == "held"
    with pytest.raises(HoldFull) as refused:
        start(None, full.pk, occurrence())
    assert refused.value.retry_after == 3600


def test_far_below_the_cap_nothing_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.intake.holding.lock", lambda pk: pytest.fail("locked"))
    assert start(None, place(Status.PAUSED).pk, occurrence()).status == "held"


def test_doorbell_rings_after_the_commit_for_pending_runs_only(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    with django_capture_on_commit_callbacks(execute=True):
        pending = start(None, place(Status.ACTIVE).pk, occurrence())
        start(None, place(Status.PAUSED).pk, occurrence())
        assert rung == []
    assert rung == [str(pending.run_id)]


def test_a_failing_doorbell_is_no_error(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def broken(run_id: str) -> None:
        raise ConnectionError

    monkeypatch.setattr(doorbell, "ring", broken)
    with django_capture_on_commit_callbacks(execute=True):
        accepted = start(None, place(Status.ACTIVE).pk, occurrence())
    assert run_of(accepted).status == "pending"


def test_version_published_in_between_is_the_one_that_runs() -> None:
    workflow = place(Status.ACTIVE)
    trigger = trigger_of(workflow)
    stale = trigger.workflow
    assert stale.published is not None
    version = publish_another(workflow)
    run = run_of(start(trigger, workflow.pk, occurrence(delivery_id="d-1")))
    assert run.version_id == version.pk != stale.published_id


def publish_another(workflow: Workflow) -> Any:
    old = workflow.published
    old.state = "superseded"
    old.save()
    workflow.published = make_version(workflow, definition=json.loads(old.definition))
    workflow.save()
    return workflow.published


def test_trigger_removed_in_between_starts_nothing() -> None:
    workflow = place(Status.ACTIVE)
    trigger = trigger_of(workflow)
    assert trigger.workflow.published is not None
    publish_another(workflow)
    trigger_of(workflow).__class__.objects.filter(pk=trigger.pk).update(is_live=False)
    with pytest.raises(UnknownTarget):
        start(trigger, workflow.pk, occurrence())
    assert Run.objects.count() == 0


def test_what_cannot_be_entered_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any) -> None:
        raise IntegrityError("no")

    monkeypatch.setattr(starting, "_remember", refuse)
    workflow = place(Status.ACTIVE)
    with pytest.raises(IntegrityError):
        start(trigger_of(workflow), workflow.pk, occurrence(delivery_id="d-1"))
    assert (Run.objects.count(), Delivery.objects.count()) == (0, 0)


def test_start_joins_the_transaction_of_its_caller() -> None:
    workflow = place(Status.ACTIVE)
    with pytest.raises(RuntimeError), transaction.atomic():
        start(trigger_of(workflow), workflow.pk, occurrence("manual", delivery_id=str(uuid.uuid4())))
        raise RuntimeError
    assert (Run.objects.count(), Delivery.objects.count()) == (0, 0)
