"""Deleting a workflow while its senders go on."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection

from config.clock import stamp
from config.ids import new_id
from runs.models import Delivery
from tests.factories import make_workflow
from workflows import services
from workflows.models import Status, Trigger, Workflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]


class Accepting(threading.Thread):
    """Accepts a delivery just before the trigger's row goes, after the cascade has looked for deliveries."""

    def __init__(self, trigger: Trigger) -> None:
        super().__init__()
        self.trigger = trigger
        self.was_refused = False

    def run(self) -> None:
        made = {"delivery_id": "d", "run_id": new_id(), "answer_status": "skipped", "received_at": stamp()}
        try:
            Delivery.objects.create(trigger=self.trigger, **made)
        except IntegrityError:
            self.was_refused = True
        finally:
            connection.close()

    def when_the_row_goes(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('DELETE FROM "workflows_trigger"'):
            self.start()
            self.join(timeout=0.5)
        return execute(sql, params, many, context)


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="one writer at a time: it comes before or after")
def test_delete_is_not_refused_by_a_delivery_that_comes_in_its_middle() -> None:
    workflow = make_workflow(status=Status.ARCHIVED)
    accepting = Accepting(Trigger.objects.get(workflow=workflow, trigger_id="hook"))

    with connection.execute_wrapper(accepting.when_the_row_goes):
        services.delete(workflow.pk, confirm=workflow.name)
    accepting.join(timeout=10)

    assert Workflow.objects.get(pk=workflow.pk).deleted_at is not None
    assert accepting.was_refused
    assert not Delivery.objects.exists()
