"""Released triggers of instant versions go together, woken for once; all others are rung for one by one."""

import pytest
from django.db import connection

from runs.engine import batch, doorbell, release
from runs.models import Run
from tests.factories import make_run, make_workflow
from tests.runs.engine.driving import accept, definition, workflow_of
from workflows import services
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

STEP = {"id": "a", "kind": "set", "values": {"x": 1}}
NAP = {"id": "nap", "kind": "delay", "for": "PT5M"}


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(doorbell, "ring", lambda run_id: heard.append(run_id) or True)
    monkeypatch.setattr(doorbell, "wake", lambda: heard.append("wake") or True)
    return heard


def held(workflow: Workflow, count: int) -> list[Run]:
    services.pause(workflow.pk, reason="CRM outage")
    runs = [accept(workflow) for _ in range(count)]
    services.resume(workflow.pk, pace=100_000)
    return runs


def test_instant_ones_are_woken_for_once_and_end_together(bells: list[str]) -> None:
    runs = held(workflow_of(STEP), 5)
    bells.clear()

    released = sum(release.tick() for _ in range(5))

    assert released == 5
    assert set(bells) == {"wake"}
    assert len(bells) <= 5
    assert batch.advance_waiting() == 5
    assert set(Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("status", flat=True)) == {
        "success"
    }


def test_others_are_rung_for_one_by_one(bells: list[str]) -> None:
    runs = held(workflow_of(STEP, NAP), 3)
    bells.clear()

    while release.tick():
        pass

    assert sorted(bells) == sorted(str(run.pk) for run in runs)
    assert batch.advance_waiting() == 0


def test_those_of_a_schedule_that_queues_find_their_turn_one_by_one() -> None:
    rules = [
        {"id": name, "kind": "schedule", "every": "PT1H", "overlap": name} for name in ("queue", "allow")
    ]
    workflow = make_workflow(status="active", definition={**definition(STEP), "triggers": rules})
    for name in ("queue", "queue", "allow"):
        make_run(workflow, status="held", version=None, trigger_kind="schedule", trigger_id=name)

    release.admit(workflow.runs.all(), workflow)

    found = Run.objects.order_by("id").values_list("trigger_id", "is_instant", "version")
    assert [row[:2] for row in found] == [("queue", False), ("queue", False), ("allow", True)]
    assert {row[2] for row in found} == {workflow.published_id}


def test_version_that_cannot_be_read_stops_no_release(bells: list[str]) -> None:
    workflow = workflow_of(STEP)
    held(workflow, 1)
    with connection.cursor() as cursor:
        unreadable = '{"format": "signalbox/9"}'
        cursor.execute(
            "UPDATE workflows_version SET definition = %s WHERE workflow_id = %s", [unreadable, workflow.pk]
        )

    assert release.tick() == 1
    assert Run.objects.get(workflow=workflow).is_instant is False
