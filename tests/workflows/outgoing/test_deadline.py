"""No target holds a caller longer than its deadline (R43)."""

import gzip
import socket
import threading
from time import monotonic

import pytest

from tests.workflows.outgoing.conftest import head
from workflows.outgoing import OutgoingFailed, OutgoingRequest, lookup, send
from workflows.outgoing.deadline import Deadline
from workflows.outgoing.errors import DeadlineReached

TIMEOUT = 0.3

pytestmark = pytest.mark.usefixtures("loopback_allowed")


def timed_out(request: OutgoingRequest) -> OutgoingFailed:
    """The failure; fails when it came more than the promised second too late."""
    begun = monotonic()
    with pytest.raises(OutgoingFailed) as failed:
        send(request)
    assert monotonic() - begun < request.timeout + 1
    assert (failed.value.code, failed.value.permanent) == ("timed_out", False)
    return failed.value


def silence(sink, _connection, _request):
    sink.closing.wait(10)


def dripping(beginning: bytes, drop: bytes, pause: float):
    def answer(sink, connection, _request):
        connection.sendall(beginning)
        for _ in range(int(3 / pause)):
            if sink.closing.wait(pause):
                return
            connection.sendall(drop)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        silence,
        dripping(b"", b"H", 0.02),
        dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a", 0.02),
        dripping(head("Content-Length: 1000000"), b"x", 0.02),
        dripping(head("Transfer-Encoding: chunked"), b"1\r\nx\r\n", 0.02),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.001),
        dripping(head("Content-Encoding: gzip"), gzip.compress(b""), 0.02),
    ],
    ids=["silence", "status", "headers", "body", "chunks", "continue", "gzip"],
)
def test_send_ends_with_its_deadline(sink, answer):
    failed = timed_out(OutgoingRequest("POST", sink(answer).url(), content=b"x", timeout=TIMEOUT))

    assert failed.sent is True
    assert "within 0.3 seconds" in failed.message


def test_send_of_content_that_nobody_reads_ends_with_its_deadline():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        failed = timed_out(OutgoingRequest("POST", url, content=b"x" * 20_000_000, timeout=TIMEOUT))

    assert failed.sent is True


def test_send_waiting_for_a_handshake_ends_with_its_deadline():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        failed = timed_out(OutgoingRequest("POST", url, timeout=TIMEOUT))

    assert failed.sent is False


def test_send_with_a_hanging_lookup_ends_with_its_deadline(monkeypatch):
    answered, real = threading.Event(), socket.getaddrinfo

    def hang(host, port, *args, flags=0, **kwargs):
        if flags & socket.AI_NUMERICHOST:
            return real(host, port, *args, flags=flags, **kwargs)
        answered.wait(10)
        raise socket.gaierror("gone")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    request = OutgoingRequest("POST", "http://hanging.example/", timeout=TIMEOUT)

    failures = [timed_out(request) for _ in range(3)]

    assert [failed.sent for failed in failures] == [False] * 3
    # Requests for one name share one thread.
    assert [name for name in lookup._under_way if name == "hanging.example"] == ["hanging.example"]
    threads = [thread for thread in threading.enumerate() if thread.name == "name-lookup"]
    assert len(threads) == 1
    assert threads[0].daemon is True
    answered.set()
    threads[0].join(5)
    assert lookup._under_way == {}


def test_lookup_refuses_at_once_when_too_many_hang(monkeypatch):
    monkeypatch.setattr(lookup, "AT_ONCE", 0)

    with pytest.raises(OutgoingFailed, match="Too many name lookups") as failed:
        lookup.addresses("one-more.example", Deadline(5))

    assert failed.value.code == "dns_failed"


def test_redirects_share_one_deadline(sink):
    def slow(sink_, connection, _request):
        sink_.closing.wait(0.1)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

    failed = timed_out(OutgoingRequest("GET", sink(slow).url(), timeout=0.25, follow_redirects=3))

    assert failed.sent is True


def test_deadline_that_has_passed_is_reached():
    deadline = Deadline(1e-9)

    with pytest.raises(DeadlineReached):
        deadline.remaining()
