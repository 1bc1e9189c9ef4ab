"""One transaction from an occurrence to its run, then the doorbell."""

import json
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from runs.engine import doorbell
from runs.intake import UnknownTarget, start, starting
from runs.models import Delivery, Run
from tests.factories import make_run, make_version
from tests.runs.intake.firings import NOW, occurrence, place, run_of
from tests.runs.intake.material import trigger_of
from workflows.lifecycle import TransitionRefused
from workflows.models import Status, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


def test_pending_run_is_due_at_once_and_keeps_its_input() -> None:
    workflow = place(Status.ACTIVE)
    given = {"body": {"z": 1, "a": "é"}, "headers": {"x-a": "1"}, "query": {"q": "2"}}
    run = run_of(start(None, workflow.pk, occurrence(input=given)))
    assert run.due_at == NOW
    assert list(json.loads(run.input)["body"]) == ["z", "a"]
    assert json.loads(run.input) == {**given, "received_at": "2026-03-01T12:00:00.000000Z"}
    assert (run.held_at, run.held_until, run.ended_at) == (None, None, None)


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
