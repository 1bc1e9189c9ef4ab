"""On PostgreSQL a batch, a Pause and an intake that meet on one workflow's row wait for each other in one order."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from config.clock import stamp
from config.ids import new_id
from runs import statements
from tests.factories import make_run
from tests.runs.engine.driving import accept, workflow_of
from workflows import services
from workflows.models import Workflow
from workflows.services import VerbResult

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

STEP = {"id": "a", "kind": "set", "values": {"x": 1}}
A_MOMENT = 0.05


@contextmanager
def other_session() -> Iterator[Any]:
    """A transaction of somebody else; committed at the end."""
    given = connection.get_connection_params()
    wanted = {name: given[name] for name in ("dbname", "host", "port", "user", "password") if name in given}
    with psycopg.connect(**wanted) as session:
        yield session


def closing(act: Any, *args: Any, **names: Any) -> Any:
    try:
        return act(*args, **names)
    finally:
        connection.close()


def wait_for_waiting(sessions: int) -> None:
    """Until so many of this database's sessions wait for a lock."""
    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(400):
        with connection.cursor() as cursor:
            cursor.execute(count)
            if cursor.fetchone()[0] >= sessions:
                return
        time.sleep(A_MOMENT)
    raise AssertionError(f"{sessions} sessions should wait by now")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_pause_and_batch_that_wait_for_the_same_row_behind_an_intake_both_come_through() -> None:
    """The intake's key share keeps the row's former version in use, whose waiting line the Pause then heads."""
    for _ in range(10):
        meet(workflow_of(STEP))


def meet(workflow: Workflow) -> None:
    accept(workflow)
    row = "FROM workflows_workflow WHERE id = %s"
    with other_session() as intake, ThreadPoolExecutor(3) as pool:
        intake.execute(f"SELECT 1 {row} FOR KEY SHARE", [workflow.pk])
        with other_session() as starter:
            starter.execute("UPDATE workflows_workflow SET last_run_at = now() WHERE id = %s", [workflow.pk])
            batch = pool.submit(closing, statements.take, "owner", 16)
            wait_for_waiting(1)
            verbs = [pool.submit(closing, act, workflow.pk) for act in (pause, describe)]
            wait_for_waiting(3)
        taken, results = batch.result(timeout=20), [verb.result(timeout=20) for verb in verbs]

    assert len(taken) == 1
    assert results[0].changed is True
    assert taken[0].started_at <= results[0].figures["paused_at"]


def pause(pk: int) -> VerbResult:
    return services.pause(pk, reason="CRM outage")


def describe(pk: int) -> VerbResult:
    return services.describe(pk, description="Other words")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("act", ["pause", "stop"])
def test_verb_meets_running_runs_in_the_order_in_which_they_are_closed(act: str) -> None:
    workflow = workflow_of(STEP)
    lower, higher = sorted([new_id(), new_id()])
    lease = stamp() + timedelta(minutes=5)
    # The higher one lies first in the table, where an update without order would begin.
    for pk in (higher, lower):
        make_run(workflow, id=pk, status="running", started_at=stamp(), lease_until=lease)
    with ThreadPoolExecutor(1) as pool:
        with other_session() as closer:
            closer.execute("SELECT id FROM runs_run WHERE id = %s FOR NO KEY UPDATE", [lower])
            verb = pool.submit(closing, as_they_lie, getattr(services, act), workflow.pk)
            wait_for_waiting(1)
            closer.execute("SELECT id FROM runs_run WHERE id = %s FOR NO KEY UPDATE NOWAIT", [higher])
        assert verb.result(timeout=20).changed is True


def as_they_lie(verb: Any, pk: int) -> VerbResult:
    """With a plan that meets rows in the order of the table, as larger tables get it."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_indexscan = off")
        cursor.execute("SET enable_indexonlyscan = off")
    return verb(pk, reason="CRM outage")
