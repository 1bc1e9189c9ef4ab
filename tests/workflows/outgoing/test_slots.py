import threading

import pytest

from tests.workflows.outgoing.conftest import OK, failure
from workflows.outgoing import OutgoingRequest, send
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
    slots, deadline = HostSlots(), Deadline(5)

    with (
        slots.held("a.example", limit=1, deadline=deadline),
        slots.held("b.example", limit=1, deadline=deadline),
    ):
        assert dict(slots._taken) == {"a.example": 1, "b.example": 1}
    with pytest.raises(KeyError), slots.held("a.example", limit=1, deadline=deadline):
        raise KeyError

    assert dict(slots._taken) == {}
