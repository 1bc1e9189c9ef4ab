import socket
from ipaddress import ip_network

import pytest

from tests.workflows.outgoing.conftest import failure, head, lines_of
from workflows.outgoing import OutgoingRequest, send

pytestmark = pytest.mark.usefixtures("loopback_allowed")


def test_send_gives_the_answer(sink):
    target = sink(
        head("X-One: 1", "x-one: 2", "Content-Type: text/plain", "Content-Length: 5", status="404 Gone")
        + b"hello"
    )

    response = send(OutgoingRequest("GET", target.url("/a b?x=1#part"), timeout=5))

    assert (response.status, response.content, response.cut) == (404, b"hello", False)
    assert response.headers == {"x-one": "1, 2", "content-type": "text/plain", "content-length": "5"}
    assert response.url == target.url("/a%20b?x=1")


def test_send_writes_what_the_request_says(sink):
    target = sink()

    send(
        OutgoingRequest(
            "POST",
            target.url("/leads?a=1"),
            headers={"Idempotency-Key": "r.s", "X-Name": "ü", "accept": "application/json"},
            query={"b": ["x y", "z"], "flag": True, "none": None, "n": 5},
            content=b'{"a":1}',
            timeout=5,
        )
    )

    first, *headers = lines_of(target.requests[0])
    assert first == "POST /leads?a=1&b=x+y&b=z&flag=true&none=&n=5 HTTP/1.1"
    assert sorted(headers) == sorted(
        [
            f"Host: 127.0.0.1:{target.port}",
            "accept: application/json",
            "accept-encoding: gzip, deflate",
            "user-agent: Signalbox",
            "idempotency-key: r.s",
            "x-name: " + "ü".encode().decode("latin-1"),
            "Connection: close",
            "Content-Length: 7",
        ]
    )
    assert target.requests[0].endswith(b'\r\n\r\n{"a":1}')


def test_send_of_a_get_without_content_names_no_length(sink):
    target = sink()

    send(OutgoingRequest("GET", target.url(), timeout=5))

    assert not [line for line in lines_of(target.requests[0]) if line.startswith("Content-Length")]


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_send_takes_answers_without_content(sink, status):
    target = sink(head("Content-Encoding: gzip", status=status))

    assert send(OutgoingRequest("DELETE", target.url(), timeout=5)).content == b""


def test_send_takes_an_answer_that_ends_with_the_connection(sink):
    target = sink(head() + b"until the end")

    assert send(OutgoingRequest("GET", target.url(), timeout=5)).content == b"until the end"


def test_send_ignores_proxy_variables(sink, monkeypatch):
    target, proxy = sink(), sink()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url())

    assert send(OutgoingRequest("GET", target.url(), timeout=5)).content == b"ok"
    assert proxy.contacts == 0


@pytest.mark.parametrize("method", ["get", "CONNECT", "TRACE", "", "GET /x HTTP/1.1\r\nA: b", "PÖST"])
def test_send_refuses_methods_that_are_none(sink, method):
    target = sink()

    failed = failure(OutgoingRequest(method, target.url(), timeout=5))

    assert (failed.code, failed.permanent, failed.sent) == ("bad_request", True, False)
    assert target.contacts == 0


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("X-A", "b\r\nX-Injected: 1", "line break"),
        ("X-A", "b\nX-Injected: 1", "line break"),
        ("X-A", "b\x00", "control character"),
        ("X-A\r\nX-B", "1", "not a valid header name"),
        ("X A", "1", "not a valid header name"),
        ("", "1", "not a valid header name"),
        ("X-Ä", "1", "not a valid header name"),
        ("Host", "inside.example", "set by Signalbox"),
        ("content-length", "0", "set by Signalbox"),
        ("Transfer-Encoding", "chunked", "set by Signalbox"),
        ("Connection", "keep-alive", "set by Signalbox"),
    ],
)
def test_send_refuses_headers_that_would_change_the_request(sink, name, value, part):
    target = sink()

    failed = failure(OutgoingRequest("GET", target.url(), headers={name: value}, timeout=5))

    assert (failed.code, failed.permanent, failed.sent) == ("bad_request", True, False)
    assert part in failed.message
    assert target.contacts == 0


def test_send_to_a_closed_port_was_not_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    failed = failure(OutgoingRequest("POST", f"http://127.0.0.1:{port}/", timeout=5))

    assert (failed.code, failed.permanent, failed.sent) == ("connect_failed", False, False)


def test_send_to_an_unknown_name_was_not_sent(names):
    failed = failure(OutgoingRequest("POST", "http://nowhere.example/", timeout=5))

    assert (failed.code, failed.permanent, failed.sent) == ("dns_failed", False, False)
    assert "nowhere.example" in failed.message


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "connection_lost"),
        (b"no http at all\r\n\r\n", "protocol_error"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "protocol_error"),
        (head("Content-Length: 10") + b"half", "protocol_error"),
        (head("Transfer-Encoding: chunked") + b"zz\r\n", "protocol_error"),
        (head("X-Long: " + "a" * 200_000), "protocol_error"),
        (head("Content-Encoding: gzip", "Content-Length: 4") + b"nope", "protocol_error"),
    ],
)
def test_send_with_a_broken_answer_may_have_been_sent(sink, answer, code):
    failed = failure(OutgoingRequest("POST", sink(answer).url(), content=b"x", timeout=5))

    assert (failed.code, failed.permanent, failed.sent) == (code, False, True)


def test_send_never_repeats_a_request_that_got_no_answer(sink):
    target = sink(b"")

    failure(OutgoingRequest("GET", target.url(), timeout=5))

    assert (target.contacts, len(target.requests)) == (1, 1)


def test_send_tries_the_next_address_when_the_first_takes_no_connection(sink, names, settings):
    settings.EGRESS_ALLOW = [ip_network("127.0.0.0/8")]
    target = sink()
    names["twofold.example"] = ["127.0.0.2", "127.0.0.1"]

    assert send(OutgoingRequest("GET", target.url(host="twofold.example"), timeout=5)).content == b"ok"


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), 3601])
def test_send_without_a_sensible_deadline_is_a_mistake_of_the_caller(timeout):
    with pytest.raises(ValueError, match="timeout"):
        send(OutgoingRequest("GET", "http://127.0.0.1/", timeout=timeout))
