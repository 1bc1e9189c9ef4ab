"""Plans that stand when the tables have grown: those that PostgreSQL keeps, and the one of rare runs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from config.ids import new_id
from runs import statements
from runs.engine import sweeper
from runs.models import Run
from tests.factories import make_run
from tests.runs.engine.driving import workflow_of
from tests.runs.plans.explaining import planned

pytestmark = [pytest.mark.stack, pytest.mark.django_db]

STEP = {"id": "one", "kind": "set", "values": {"a": 1}}
MANY = 400


def closed_runs() -> None:
    """Many runs of one workflow that have ended, and no other; the tables' statistics say so."""
    flow, now = workflow_of(STEP), timezone.now()
    pattern = make_run(flow, version=flow.published, status="success", due_at=None, ended_at=now)
    for run in (copies := [Run.objects.get(pk=pattern.pk) for _ in range(MANY)]):
        run.pk = new_id()
    Run.objects.bulk_create(copies)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans anew when a table has grown")
def test_claims_find_runs_by_their_keys_whatever_was_pending_when_they_were_planned() -> None:
    closed_runs()
    for _ in range(7):
        statements.take("me", 16)

    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE statement LIKE '%%WITH due AS%%'")
        ((name,),) = cursor.fetchall()
        cursor.execute(f"EXPLAIN EXECUTE \"{name}\" (12, 4, 'me', '30 s')")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "runs_run_pkey" in plan
    assert "run_by_status" not in plan


def test_runs_that_killed_their_workers_are_found_without_all_that_ended() -> None:
    closed_runs()
    hour_ago = timezone.now() - timedelta(hours=1)
    Run.objects.update(ended_at=hour_ago + timedelta(minutes=30))

    with planned() as found:
        assert sweeper.stop_killers() == 0

    (looked,) = [each for each in found if "worker_died" in each.sql or "deaths" in each.sql]
    assert "run_died" in looked.plan
