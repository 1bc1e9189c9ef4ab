import pytest

from tests.workflows.outgoing.conftest import OK, failure, head, lines_of, redirect
from workflows.outgoing import OutgoingRequest, send

pytestmark = pytest.mark.usefixtures("loopback_allowed")


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        ("301 Moved", "POST", "GET"),
        ("302 Found", "POST", "GET"),
        ("302 Found", "PUT", "PUT"),
        ("303 See Other", "PUT", "GET"),
        ("303 See Other", "HEAD", "HEAD"),
        ("307 Temporary", "POST", "POST"),
        ("308 Permanent", "POST", "POST"),
    ],
)
def test_send_follows_redirects_as_their_status_says(sink, status, method, expected):
    target = sink(head("Content-Length: 0"))
    first = sink(redirect(target.url("/new"), status))

    response = send(
        OutgoingRequest(
            method,
            first.url(),
            headers={"Content-Type": "x/y"},
            content=b"body",
            timeout=5,
            follow_redirects=1,
        )
    )

    assert response.url == target.url("/new")
    assert lines_of(target.requests[0])[0] == f"{expected} /new HTTP/1.1"
    keeps_content = expected == method
    assert target.requests[0].endswith(b"body") is keeps_content
    assert ("content-type: x/y" in lines_of(target.requests[0])) is keeps_content


def test_send_hands_a_redirect_back_unless_asked_to_follow(sink):
    target = sink()
    first = sink(redirect(target.url()))

    assert send(OutgoingRequest("GET", first.url(), timeout=5)).status == 302
    assert target.contacts == 0


def test_send_takes_a_redirect_without_place_as_the_answer(sink):
    first = sink(head("Content-Length: 0", status="302 Found"))

    assert send(OutgoingRequest("GET", first.url(), timeout=5, follow_redirects=3)).status == 302


@pytest.mark.parametrize(("asked", "contacts"), [(1, 2), (2, 3), (3, 4), (99, 4)])
def test_send_follows_at_most_three_redirects(sink, asked, contacts):
    loop = sink(lambda _sink, connection, _request: connection.sendall(redirect("/again")))

    failed = failure(OutgoingRequest("GET", loop.url(), timeout=5, follow_redirects=asked))

    assert (failed.code, failed.permanent, failed.sent) == ("too_many_redirects", True, True)
    assert loop.contacts == contacts


def test_send_drops_credentials_on_another_origin(sink):
    target = sink()
    first = sink(redirect(target.url()))

    send(
        OutgoingRequest(
            "GET",
            first.url(),
            headers={"Authorization": "Bearer t", "Cookie": "c=1", "X-Api-Key": "k", "Idempotency-Key": "i"},
            timeout=5,
            follow_redirects=1,
            credential_headers=frozenset({"X-API-KEY"}),
        )
    )

    sent = {line.split(":")[0].lower() for line in lines_of(first.requests[0])[1:]}
    passed_on = {line.split(":")[0].lower() for line in lines_of(target.requests[0])[1:]}
    assert sent - passed_on == {"authorization", "cookie", "x-api-key"}
    assert "idempotency-key" in passed_on


def test_send_keeps_credentials_on_the_same_origin(sink):
    answers = [redirect("/second"), OK]
    target = sink(lambda _sink, connection, _request: connection.sendall(answers.pop(0)))

    send(
        OutgoingRequest(
            "GET", target.url(), headers={"Authorization": "Bearer t"}, timeout=5, follow_redirects=1
        )
    )

    assert "authorization: Bearer t" in lines_of(target.requests[1])


def test_send_does_not_give_credentials_back_after_another_origin(sink):
    there, back = (
        sink(lambda s, c, r: c.sendall(redirect(back.url("/end")))),
        sink(lambda s, c, r: c.sendall(OK if b"/end" in r else redirect(there.url()))),
    )

    send(OutgoingRequest("GET", back.url(), headers={"Authorization": "t"}, timeout=5, follow_redirects=3))

    assert "authorization: t" in lines_of(back.requests[0])
    assert "authorization: t" not in lines_of(back.requests[1])
