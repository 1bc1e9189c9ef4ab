"""Claims at once: one holds, limits are kept, copies of a message change nothing."""

import random
from functools import partial

import pytest
from django.utils import timezone

from runs.engine import executor
from runs.models import Run
from tests.factories import make_run
from tests.runs.engine.crowd import WORKERS, at_once, ended, eventually, working
from tests.runs.engine.driving import accept, sink, workflow_of
from tests.runs.engine.driving import claimed as claim

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

STEP = {"id": "a", "kind": "set", "values": {"x": 1}}


def test_of_eight_claims_of_one_run_one_holds() -> None:
    for _ in range(10):
        run = accept(workflow_of(STEP))

        claims = at_once(*[partial(claim, str(run.pk), f"worker {n}") for n in range(8)])

        (won,) = [claimed for claimed in claims if claimed]
        run.refresh_from_db()
        assert (run.fence, run.attempts, run.status) == (won.fence, 1, "running")


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_parallel_claims_never_exceed_the_limit_of_runs_at_once(limit: int) -> None:
    workflow = workflow_of(STEP, max_running=limit)
    runs = [make_run(workflow) for _ in range(16)]

    claims = at_once(*[partial(claim, str(run.pk), "worker") for run in runs])

    assert sum(claimed is not None for claimed in claims) == limit
    assert Run.objects.filter(workflow=workflow, status="running").count() == limit


def test_parallel_claims_never_exceed_the_starts_per_minute() -> None:
    workflow = workflow_of(STEP, starts_per_minute=5)
    runs = [make_run(workflow) for _ in range(16)]

    at_once(*[partial(executor.advance, str(run.pk)) for run in runs])

    assert Run.objects.filter(workflow=workflow, started_at__isnull=False).count() == 5
    assert Run.objects.filter(workflow=workflow, status="pending", due_at__gt=timezone.now()).count() == 11


@pytest.mark.parametrize("limit", [1, 3])
def test_runs_never_overlap_beyond_the_limit_and_all_get_their_turn(limit: int) -> None:
    with sink() as target:
        call = {"id": "call", "kind": "http_request", "method": "GET", "url": target.url}
        workflow = workflow_of(call, max_running=limit)
        with working(workers=WORKERS) as crew:
            runs = [accept(workflow) for _ in range(30)]
            assert eventually(lambda: ended(runs) == 30), crew.rings.qsize()

    spans = Run.objects.filter(workflow=workflow).values_list("started_at", "ended_at")
    changes = sorted([(at, 1) for at, _ in spans] + [(at, -1) for _, at in spans])
    at_the_time, most = 0, 0
    for _at, change in changes:
        at_the_time += change
        most = max(most, at_the_time)
    assert most <= limit
    assert len(target.seen) == 30


def test_ten_copies_of_each_message_in_any_order_execute_once() -> None:
    with sink() as target:
        call = {"id": "call", "kind": "http_request", "method": "POST", "url": target.url}
        workflow = workflow_of(STEP, call)
        runs = [make_run(workflow) for _ in range(20)]
        copies = [str(run.pk) for run in runs] * 10
        random.Random(11).shuffle(copies)
        with working(workers=WORKERS) as crew:
            for message in copies:
                crew.rings.put(message)
            assert eventually(lambda: ended(runs) == 20 and crew.rings.empty())

    assert set(Run.objects.values_list("status", "attempts")) == {("success", 1)}
    keys = [headers["idempotency-key"] for _method, _path, headers in target.seen]
    assert sorted(keys) == sorted(f"{run.pk}.call" for run in runs)
