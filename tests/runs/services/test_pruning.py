"""Payloads go when their time has passed; rows, times and errors stay."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from audit.models import AuditEvent
from config.clock import stamp
from runs import services
from runs.models import Run
from runs.services.acting import RunRefused
from tests.runs.engine.driving import accept, advance, workflow_of

pytestmark = pytest.mark.django_db
STEP = {"id": "s", "kind": "set", "values": {"x": "{{ trigger.body.x }}"}}


def ended(days: int, **settings: object) -> Run:
    run = advance(accept(workflow_of(STEP, **settings), {"x": 1}))
    Run.objects.filter(pk=run.pk).update(ended_at=stamp() - timedelta(days=days))
    return run


def words() -> list[dict[str, object]]:
    return [json.loads(event.after) for event in AuditEvent.objects.filter(event="Retention applied")]


def test_prune_removes_what_is_older_than_keep_payloads() -> None:
    old, young = ended(8, keep_payloads="P7D"), ended(6, keep_payloads="P7D")

    assert services.prune() == 1

    pruned = Run.objects.get(pk=old.pk)
    assert (pruned.input, pruned.output, pruned.status) == ("", "", "success")
    assert [(step.input, step.output, step.status) for step in pruned.step_attempts.all()] == [
        ("", "", "success")
    ]
    assert Run.objects.get(pk=young.pk).input == young.input
    assert [event["runs"] for event in words()] == [1]


def test_prune_twice_does_nothing_the_second_time() -> None:
    ended(8, keep_payloads="P7D")
    services.prune()

    assert services.prune() == 0
    assert len(words()) == 1


def test_prune_leaves_workflows_without_keep_payloads_and_open_runs() -> None:
    ended(4000)
    waiting = accept(workflow_of(STEP, keep_payloads="PT0S"), {"x": 1})

    assert services.prune() == 0
    assert Run.objects.get(pk=waiting.pk).input == waiting.input


def test_definition_that_cannot_be_read_stops_nobody_else_s_pruning() -> None:
    broken, old = ended(8, keep_payloads="P7D"), ended(8, keep_payloads="P7D")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflows_version SET definition = '{' WHERE id = %s", [broken.version_id])

    assert services.prune() == 1

    assert Run.objects.get(pk=old.pk).input == ""
    assert Run.objects.get(pk=broken.pk).input == broken.input


def test_dry_run_counts_and_changes_nothing() -> None:
    run = ended(8, keep_payloads="P7D")

    assert services.prune(dry_run=True) == 1
    assert Run.objects.get(pk=run.pk).input == run.input
    assert words() == []


def test_replay_of_a_pruned_run_is_refused() -> None:
    run = ended(8, keep_payloads="P7D")
    services.prune()

    with pytest.raises(RunRefused, match="removed"):
        services.replay(run.pk)
