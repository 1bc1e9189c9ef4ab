"""Held work in any amount: triggers that a pause kept, and what the product says of them."""

import json
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from config.clock import stamp
from config.ids import new_id
from runs.models import Run, RunStatus
from runs.models.run import RunQuerySet
from tests.chaos.rig import Flow
from workflows.models import Workflow

HEARD = {"id": "heard", "kind": "event", "event": "chaos.held"}


def hold(flow: Flow, count: int, *, until: datetime | None = None) -> list[uuid.UUID]:
    """So many events that came while it was paused, as intake would have entered them, without its waiting."""
    workflow, now = Workflow.objects.get(pk=flow.pk), stamp()
    runs = [
        Run(
            id=new_id(),
            workflow_id=flow.pk,
            scope_id=workflow.scope_id,
            status=RunStatus.HELD,
            reason="paused",
            trigger_kind="event",
            trigger_id="heard",
            correlation=uuid.uuid4().hex,
            input=json.dumps({"data": {"n": number}, "headers": {}, "query": {}}),
            received_at=now,
            held_at=now,
            held_until=until or now + timedelta(days=7),
        )
        for number in range(count)
    ]
    Run.objects.bulk_create(runs, batch_size=500)
    return [run.pk for run in runs]


def among(ids: Iterable[uuid.UUID]) -> RunQuerySet:
    """These runs; at most some hundreds."""
    return Run.objects.filter(pk__in=list(ids))
