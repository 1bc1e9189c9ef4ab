"""Renewing leases gets into nobody's way."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from config.clock import stamp
from runs.engine import lease
from runs.models import Run, RunStatus
from tests.factories import make_run, make_workflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]


def executing(count: int) -> list[Run]:
    workflow = make_workflow()
    changes: dict[str, Any] = {"status": RunStatus.RUNNING, "owner": lease.OWNER, "fence": 1, "due_at": None}
    return [make_run(workflow, **changes, lease_until=stamp(), started_at=stamp()) for _ in range(count)]


def renewing(runs: list[Run]) -> threading.Thread:
    def renew() -> None:
        try:
            with lease.kept({str(run.pk): 1 for run in runs}):
                lease.renew()
        finally:
            connection.close()

    thread = threading.Thread(target=renew)
    thread.start()
    return thread


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="one writer at a time: no rows to wait for")
def test_renewing_never_deadlocks_with_a_verb_that_touches_the_runs_in_another_order() -> None:
    first, second = sorted(executing(2), key=lambda run: run.pk)
    with transaction.atomic():
        Run.objects.filter(pk=second.pk).update(wish="hold")
        thread = renewing([first, second])
        thread.join(timeout=0.5)  # it has renewed the first and waits for the second
        try:
            Run.objects.filter(pk=first.pk).update(wish="hold")
        except OperationalError as deadlock:
            pytest.fail(str(deadlock))
    thread.join(timeout=10)
    assert not thread.is_alive()


def test_renew_extends_what_is_still_its_own() -> None:
    mine, lost = executing(2)
    Run.objects.filter(pk=lost.pk).update(fence=2)
    with lease.kept({str(mine.pk): 1, str(lost.pk): 1}):
        assert lease.renew() == 1
    assert Run.objects.get(pk=mine.pk).lease_until > stamp() + timedelta(seconds=20)
    assert Run.objects.get(pk=lost.pk).lease_until <= stamp()
