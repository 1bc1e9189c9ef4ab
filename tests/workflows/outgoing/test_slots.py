import threading
import time
from unittest.mock import ANY

import pytest

from tests.workflows.outgoing.conftest import OK, failure
from workflows.outgoing import HostBusy, OutgoingRequest, send, slots
from workflows.outgoing.deadline import Deadline
from workflows.outgoing.slots import HostSlots

pytestmark = pytest.mark.usefixtures("loopback_allowed")


def test_send_gives_one_host_no_more_than_its_slots(sink, settings):
    settings.OUTGOING_HOST_SLOTS = 2
    together, most, lock = [0], [0], threading.Lock()
    enough = threading.Semaphore(0)

    def answer(_sink, connection, _request):
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        enough.acquire(timeout=0.02)
        with lock:
            together[0] -= 1
        connection.sendall(OK)

    target = sink(answer)
    threads = [
        threading.Thread(target=send, args=(OutgoingRequest("GET", target.url(), timeout=10),))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert (len(target.requests), most[0]) == (8, 2)


def test_send_to_another_host_does_not_wait_for_a_busy_one(sink, settings, names):
    settings.OUTGOING_HOST_SLOTS = 1
    names["busy.example"] = ["127.0.0.1"]
    asked = threading.Event()

    def hang(sink_, _connection, _request):
        asked.set()
        sink_.closing.wait(10)

    busy, other = sink(hang), sink()
    waiting = threading.Thread(
        target=failure, args=(OutgoingRequest("GET", busy.url(host="busy.example"), timeout=0.5),)
    )
    waiting.start()
    assert asked.wait(5)

    assert send(OutgoingRequest("GET", other.url(), timeout=5)).content == b"ok"
    failed = failure(OutgoingRequest("GET", busy.url(host="busy.example"), timeout=0.1))
    waiting.join(10)

    assert (failed.code, failed.permanent, failed.sent) == ("timed_out", False, False)
    assert busy.contacts == 1


def test_held_leaves_nothing_behind():
    taken, deadline = HostSlots(), Deadline(5)

    with (
        taken.held("a.example", limit=1, deadline=deadline, may_refuse=False),
        taken.held("b.example", limit=1, deadline=deadline, may_refuse=False),
    ):
        assert dict(taken._begun) == {"a.example": [ANY], "b.example": [ANY]}
    with pytest.raises(KeyError), taken.held("a.example", limit=1, deadline=deadline, may_refuse=False):
        raise KeyError

    assert dict(taken._begun) == {}


def test_nobody_waits_in_a_thread_for_exchanges_that_hang(monkeypatch):
    monkeypatch.setattr(slots, "STUCK_SECONDS", 0.05)
    taken = HostSlots()

    with taken.held("a.example", limit=1, deadline=Deadline(30), may_refuse=True):
        begun = time.monotonic()
        with (
            pytest.raises(HostBusy),
            taken.held("a.example", limit=1, deadline=Deadline(30), may_refuse=True),
        ):
            pass
        assert time.monotonic() - begun < 5
        assert taken.is_stuck("a.example", limit=1)
        assert not taken.is_stuck("b.example", limit=1)

    assert not taken.is_stuck("a.example", limit=1)


def test_who_must_not_be_refused_and_who_comes_to_a_brisk_host_waits_for_a_slot(monkeypatch):
    monkeypatch.setattr(slots, "STUCK_SECONDS", 0.2)
    taken, entered = HostSlots(), []

    def ask(may_refuse):
        with taken.held("a.example", limit=1, deadline=Deadline(30), may_refuse=may_refuse):
            entered.append(may_refuse)

    with taken.held("a.example", limit=1, deadline=Deadline(30), may_refuse=True):
        brisk, firm = (threading.Thread(target=ask, args=[may_refuse]) for may_refuse in (True, False))
        brisk.start(), firm.start()
        time.sleep(0.05)
        assert entered == []
    brisk.join(10), firm.join(10)

    assert sorted(entered) == [False, True]
