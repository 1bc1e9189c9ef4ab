"""What hangs takes neither every thread nor the place of others: bulkheads per workflow and per host."""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from runs.engine import busy, doorbell, executor
from runs.engine.bulkhead import Bulkhead
from runs.models import Run
from tests.runs.engine.crowd import eventually
from tests.runs.engine.driving import accept, attempts, workflow_of
from workflows.outgoing import slots


class Silent(ThreadingHTTPServer):
    """Takes requests and answers them once it may."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hanging)
        self.may_answer = threading.Event()
        self.asked = 0


class _Hanging(BaseHTTPRequestHandler):
    server: Silent

    def do_GET(self) -> None:
        self.server.asked += 1
        self.server.may_answer.wait(30)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def silent() -> Iterator[Silent]:
    server = Silent()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.may_answer.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def advancing(*runs: Run) -> Iterator[list[threading.Thread]]:
    """Threads that advance one run each."""

    def advance(run: Run) -> None:
        try:
            executor.advance(str(run.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=advance, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    yield threads
    for thread in threads:
        thread.join(30)


def asking(server: Silent, **settings: Any) -> dict[str, Any]:
    return {"id": "ask", "kind": "http_request", "url": f"http://127.0.0.1:{server.server_port}/", **settings}


def test_bulkhead_turns_away_and_lets_the_first_of_those_in_as_one_leaves() -> None:
    bulkhead = Bulkhead()
    with override_settings(WORKFLOW_SLOTS=2):
        assert [bulkhead.enter(1, name) for name in "abcd"] == [True, True, False, False]
        assert bulkhead.enter(2, "other")
        assert bulkhead.leave(1) == "c"
        assert bulkhead.enter(1, "c")
        assert (bulkhead.leave(1), bulkhead.leave(1), bulkhead.leave(2)) == ("d", None, None)
        assert (dict(bulkhead._inside), bulkhead._turned_away) == ({}, {})


def test_bulkhead_names_no_more_than_may_enter_and_nobody_twice() -> None:
    bulkhead = Bulkhead()
    with override_settings(WORKFLOW_SLOTS=2):
        for name in "abcde":
            bulkhead.enter(1, name)
        assert bulkhead.admissible() == []
        bulkhead.leave(1), bulkhead.leave(1)
        assert bulkhead.enter(1, "e")
        assert bulkhead.admissible() == []
        bulkhead.enter(1, "f"), bulkhead.enter(1, "g")
        bulkhead._inside.clear()
        assert bulkhead.admissible() == ["g"]
        assert bulkhead.admissible() == []


def test_run_that_was_turned_away_keeps_waiting_until_its_workflow_has_a_place() -> None:
    bulkhead = Bulkhead()
    with override_settings(WORKFLOW_SLOTS=1):
        assert not bulkhead.keeps_waiting("b")
        bulkhead.enter(1, "a"), bulkhead.enter(1, "b"), bulkhead.enter(1, "c")
        assert [bulkhead.keeps_waiting(name) for name in "abc"] == [False, True, True]
        assert bulkhead.leave(1) == "b"
        assert [bulkhead.keeps_waiting(name) for name in "bc"] == [False, False]
        assert bulkhead.enter(1, "b")
        assert [bulkhead.keeps_waiting(name) for name in "bc"] == [False, True]
        bulkhead.leave(1)
        assert (bulkhead._workflow_of, bulkhead._turned_away) == ({}, {})


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_runs_that_somebody_else_executed_keep_no_place_from_those_behind_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run that was rung for twice is turned away by one message and executed by the other."""
    with silent() as server, override_settings(EGRESS_ALLOW=_networks(), WORKFLOW_SLOTS=1):
        workflow = workflow_of(asking(server))
        first, twice, last = (accept(workflow) for _ in range(3))
        rung: list[str] = []
        monkeypatch.setattr(doorbell, "ring", rung.append)
        with advancing(first):
            assert eventually(lambda: server.asked == 1)
            assert not executor.advance(str(twice.pk))
            assert not executor.advance(str(last.pk))
            server.may_answer.set()
        assert rung == [str(twice.pk)]
        Run.objects.filter(pk=twice.pk).update(status="success", ended_at=timezone.now())

        assert not executor.advance(str(twice.pk))

        assert rung == [str(twice.pk), str(last.pk)]


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_run_of_a_workflow_that_has_its_places_stays_pending_and_is_rung_for_when_one_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    with silent() as server, override_settings(EGRESS_ALLOW=_networks(), WORKFLOW_SLOTS=1):
        workflow = workflow_of(asking(server))
        first, second = accept(workflow), accept(workflow)
        rung.clear()
        with advancing(first):
            assert eventually(lambda: server.asked == 1)
            assert not executor.advance(str(second.pk))
            assert Run.objects.get(pk=second.pk).status == "pending"
            server.may_answer.set()

        assert Run.objects.get(pk=first.pk).status == "success"
        assert str(second.pk) in rung
        assert executor.advance(str(second.pk))
    assert Run.objects.get(pk=second.pk).status == "success"


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_run_whose_host_hangs_gives_its_thread_back_and_goes_on_when_the_host_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slots, "STUCK_SECONDS", 0.05)
    monkeypatch.setattr(busy, "_waiting", OrderedDict())
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    with silent() as server, override_settings(EGRESS_ALLOW=_networks(), OUTGOING_HOST_SLOTS=1):
        first, second = accept(workflow_of(asking(server))), accept(workflow_of(asking(server)))
        rung.clear()
        with advancing(first):
            assert eventually(lambda: server.asked == 1)
            begun = time.monotonic()
            assert executor.advance(str(second.pk))
            assert time.monotonic() - begun < 5, "the deadline of the step is 30 s"

            waits = Run.objects.get(pk=second.pk)
            assert (waits.status, waits.reason, server.asked) == ("waiting", "host busy", 1)
            least = timezone.now() + timedelta(seconds=busy.LEAST_WAIT / 2)
            assert waits.due_at > least
            assert attempts(waits) == [], "nothing was sent, so nothing is recorded"
            server.may_answer.set()

        assert eventually(lambda: rung == [str(second.pk)])
        assert executor.advance(str(second.pk))
    ended = Run.objects.get(pk=second.pk)
    assert (ended.status, attempts(ended)) == ("success", [("ask", "", 1, "success")])


@pytest.mark.django_db
def test_nothing_goes_on_while_the_host_still_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "_waiting", OrderedDict({str(uuid4()): "a.example"}))

    monkeypatch.setattr(busy, "is_stuck", lambda host: True)
    assert (busy.go_on(), len(busy._waiting)) == (False, 1)
    monkeypatch.setattr(busy, "is_stuck", lambda host: False)
    assert (busy.go_on(), len(busy._waiting)) == (True, 0)


def _networks() -> list[Any]:
    return [ipaddress.ip_network("127.0.0.0/8")]
