"""The lane: one thread of a worker that ends the instant runs that wait, whoever woke it."""

import threading
from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from runs.actors import advance_waiting
from runs.engine import batch, doorbell, executor, lane
from runs.models import Run
from tests.runs.engine.driving import accept, workflow_of

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

BODY = {"n": 5}
SET = {"id": "one", "kind": "set", "values": {"n": "{{ trigger.body.n }}"}}


def test_lane_works_whenever_it_is_woken_and_survives_a_failing_batch() -> None:
    counts = iter([0, RuntimeError("once"), batch.SIZE, 3])
    calls: list[int] = []

    def advance_waiting() -> int:
        found = next(counts, 0)
        calls.append(1)
        if isinstance(found, Exception):
            raise found
        return found

    with (
        mock.patch.object(batch, "advance_waiting", advance_waiting),
        mock.patch.object(lane, "LOOK_SECONDS", 0.01),
    ):
        thread = lane.Lane()
        thread.start()
        for wanted in (1, 2, 4):
            thread.wake()
            deadline = timezone.now() + timedelta(seconds=10)
            while len(calls) < wanted and timezone.now() < deadline:
                pass
            assert len(calls) == wanted
        thread.stopping.set()
        thread.join(10)
    assert not thread.is_alive()


def test_backlog_calls_other_workers() -> None:
    counts = iter([batch.SIZE] * lane.FULL_IN_A_ROW + [1])
    with (
        mock.patch.object(batch, "advance_waiting", lambda: next(counts)),
        mock.patch.object(doorbell, "call_for_help") as call,
    ):
        assert lane.drain(threading.Event()) == batch.SIZE * lane.FULL_IN_A_ROW + 1
    call.assert_called_once_with()


def test_stopping_worker_takes_no_further_batch() -> None:
    accept(workflow_of(SET), BODY)
    stopping = threading.Event()
    stopping.set()
    assert lane.drain(stopping) == 0
    assert Run.objects.get().status == "pending"
    assert not executor.stopping.is_set()


def test_message_that_wakes_is_left_to_the_lane() -> None:
    accept(workflow_of(SET), BODY)
    woken: list[str] = []
    doorbell.wake_at_home(lambda: woken.append("lane"))
    try:
        advance_waiting()
    finally:
        doorbell.wake_at_home(None)
    assert woken == ["lane"]
    assert Run.objects.get().status == "pending"


def test_message_that_wakes_ends_what_waits_where_no_lane_is() -> None:
    accept(workflow_of(SET), BODY)
    advance_waiting()
    assert Run.objects.get().status == "success"
