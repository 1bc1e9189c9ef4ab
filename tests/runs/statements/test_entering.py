"""The statements that receive and enter a run do to the rows just what the ORM's way does."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from config.ids import new_id
from runs import statements
from runs.intake import starting
from runs.models import Delivery, Run
from runs.statements import Entry, NewRun
from tests.factories import make_version, make_workflow
from tests.runs.engine.driving import accept, workflow_of
from tests.runs.statements.compared import OWN, STEP, fields_of
from workflows.models import Status, Workflow
from workflows.services.status import pause, stop

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


def new_run(workflow: Workflow, **changes: Any) -> NewRun:
    values: dict[str, Any] = {
        "id": new_id(),
        "workflow_pk": workflow.pk,
        "version_pk": workflow.published_id,
        "trigger_pk": workflow.triggers.get(trigger_id="hook").pk,
        "trigger_kind": "webhook",
        "trigger_id": "hook",
        "delivery_id": "",
        "correlation": uuid4().hex,
        "input": '{"body":{}}',
        "received_at": timezone.now(),
        "is_instant": True,
    }
    return NewRun(**{**values, **changes})


def test_entered_run_is_the_one_that_the_long_way_enters(monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = workflow_of(STEP)
    short = accept(workflow, {"é": ["😀", None, 1.5]}, delivery_id="d1")
    monkeypatch.setattr(starting, "enter", lambda *_given: None)
    long = accept(workflow, {"é": ["😀", None, 1.5]}, delivery_id="d2")

    assert fields_of(short, but={*OWN, "delivery_id", "input"}) == fields_of(
        long, but={*OWN, "delivery_id", "input"}
    )
    assert short.input.split('"received_at"')[0] == long.input.split('"received_at"')[0]
    assert short.due_at == short.received_at
    rows = Delivery.objects.order_by("delivery_id").values_list(
        "run_id", "answer_status", "trigger__trigger_id"
    )
    assert list(rows) == [(short.pk, "pending", "hook"), (long.pk, "pending", "hook")]


def test_delivery_id_that_is_known_enters_nothing() -> None:
    workflow = workflow_of(STEP)
    first = new_run(workflow, delivery_id="d1")
    assert statements.enter(first) is Entry.ENTERED
    assert statements.enter(new_run(workflow, delivery_id="d1")) is Entry.REFUSED
    assert list(Run.objects.values_list("pk", flat=True)) == [first.id]
    assert Delivery.objects.get().run_id == first.id


@pytest.mark.parametrize("delivery_id", ["", "d1"])
@pytest.mark.parametrize("change", ["paused", "stopped", "published anew"])
def test_nothing_is_entered_where_the_workflow_does_not_stand_as_it_was_read(
    change: str, delivery_id: str
) -> None:
    workflow = workflow_of(STEP)
    run = new_run(workflow, delivery_id=delivery_id)
    if change == "paused":
        pause(workflow.pk, reason="Maintenance")
    elif change == "stopped":
        stop(workflow.pk, reason="No longer needed")
    else:
        workflow.published.state = "superseded"
        workflow.published.save()
        workflow.published = make_version(workflow)
        workflow.save()

    assert statements.enter(run) is Entry.REFUSED
    assert (Run.objects.count(), Delivery.objects.count()) == (0, 0)


def test_receiver_tells_how_the_workflow_stands_and_nobody_else_takes_deliveries() -> None:
    workflow = workflow_of(STEP)
    trigger = workflow.triggers.get(trigger_id="hook")
    trigger.secret, trigger.previous_secret = "new", "old"
    trigger.previous_until = timezone.now() + timedelta(hours=1)
    trigger.save()

    found = statements.receiver(trigger.address)

    assert found is not None
    assert (found.trigger_pk, found.trigger_id, found.workflow_pk) == (trigger.pk, "hook", workflow.pk)
    assert (found.status, found.version_pk) == (Status.ACTIVE, workflow.published_id)
    assert found.content_hash == workflow.published.content_hash
    assert found.sealed_secrets == ["new", "old"]
    assert replace(found, moment=timezone.now() + timedelta(hours=2)).sealed_secrets == ["new"]
    assert abs(found.moment - timezone.now()) < timedelta(seconds=5)
    assert statements.receiver("nobody") is None
    assert statements.receiver(make_workflow(status="draft").triggers.get(trigger_id="hook").address) is None
    assert statements.receiver(workflow.triggers.get(trigger_id="by_hand").address) is None
