"""`http_request`: the request that goes out."""

import json
from typing import Any

import pytest

from tests.workflows.steps.contexts import KEY, FakeContext, access, perform, simulate
from workflows.outgoing import EgressRefused, OutgoingFailed, OutgoingRequest
from workflows.steps.base import Done, StepError


def sent(context: FakeContext, **fields: Any) -> OutgoingRequest:
    perform(context, "http_request", **fields)
    (request,) = context.requests
    return request


def refused(names: dict[str, Any], **fields: Any) -> StepError:
    context = FakeContext(names, connections={"crm": access()})
    with pytest.raises(StepError) as raised:
        perform(context, "http_request", **fields)
    assert context.requests == []
    assert raised.value.permanent
    return raised.value


def test_http_request_asks_a_url() -> None:
    request = sent(
        FakeContext({"id": 7}),
        url="https://a.example/{{ id }}",
        query={"q": "{{ id }}", "l": [1, None]},
        method="PUT",
    )

    assert (request.method, request.url) == ("PUT", "https://a.example/7")
    assert request.query == {"q": "7", "l": ["1", ""]}
    assert (request.content, request.timeout, request.follow_redirects) == (None, 10.0, 0)
    assert request.headers["Idempotency-Key"] == KEY


def test_http_request_asks_a_path_of_a_connection_with_its_credentials() -> None:
    context = FakeContext(connections={"crm": access(Authorization="Bearer s3cret")})

    request = sent(
        context, connection="crm", path="/leads?x=1", headers={"authorization": "own", "X-Own": "1"}
    )

    assert request.url == "https://crm.example/api/leads?x=1"
    assert request.headers["Authorization"] == "Bearer s3cret"
    assert "authorization" not in request.headers
    assert request.headers["X-Own"] == "1"
    assert request.credential_headers == frozenset({"Authorization"})


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("https://crm.example", "leads", "https://crm.example/leads"),
        ("https://crm.example/", "/leads", "https://crm.example/leads"),
        ("https://crm.example/api/", "//other.example/x", "https://crm.example/api/other.example/x"),
        (
            "https://crm.example/api",
            "https://other.example/",
            "https://crm.example/api/https://other.example/",
        ),
        ("https://crm.example/api", "", "https://crm.example/api"),
        ("https://crm.example/api", "a..b/c", "https://crm.example/api/a..b/c"),
    ],
)
def test_http_request_never_leaves_the_address_of_its_connection(base: str, path: str, url: str) -> None:
    context = FakeContext(connections={"crm": access(base_url=base)})

    assert sent(context, connection="crm", path=path).url == url


@pytest.mark.parametrize(
    "path", ["../x", "/a/../../x", "a/%2e%2e/x", "a/%252e%252e/x", "a\\..\\x", "a#b", "/a/\n/b", "/a\u2028"]
)
def test_http_request_refuses_paths_that_lead_elsewhere(path: str) -> None:
    assert refused({"p": path}, connection="crm", path="{{ p }}").code == "request_refused"


@pytest.mark.parametrize(
    ("body", "content", "content_type"),
    [
        ({"json": {"a": "{{ n }}", "b": "ü"}}, '{"a":7,"b":"ü"}'.encode(), "application/json"),
        ({"json": None}, b"null", "application/json"),
        ({"json": 10**30}, str(10**30).encode(), "application/json"),
        ({"form": {"a b": "ü&", "l": [1, 2]}}, b"a+b=%C3%BC%26&l=1&l=2", "application/x-www-form-urlencoded"),
        ({"text": "n={{ n }}"}, b"n=7", "text/plain; charset=utf-8"),
        ({"text": ""}, b"", "text/plain; charset=utf-8"),
    ],
)
def test_http_request_writes_its_body(body: dict[str, Any], content: bytes, content_type: str) -> None:
    request = sent(FakeContext({"n": 7}), url="https://a.example/", method="POST", **body)

    assert (request.content, request.headers["Content-Type"]) == (content, content_type)


def test_http_request_lets_a_step_choose_its_content_type() -> None:
    request = sent(
        FakeContext(),
        url="https://a.example/",
        method="POST",
        text="<a/>",
        headers={"content-type": "text/xml"},
    )

    assert [value for name, value in request.headers.items() if name.lower() == "content-type"] == [
        "text/xml"
    ]


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\n", "\x00", "a\x7f", "ü", "x" * 8_001, "a\u2028b"])
def test_http_request_refuses_header_values_that_inject(value: str) -> None:
    assert (
        refused({"v": value}, url="https://a.example/", headers={"X-A": "{{ v }}"}).code == "request_refused"
    )


@pytest.mark.parametrize(
    "name",
    [
        "Idempotency-Key",
        "HOST",
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "X A",
        "",
        "X:A",
        "X\n",
        "Ä",
    ],
)
def test_http_request_refuses_headers_that_are_not_its_own(name: str) -> None:
    assert refused({}, url="https://a.example/", headers={name: "1"}).code == "request_refused"


def test_http_request_refuses_line_breaks_in_its_address() -> None:
    assert refused({"v": "x\r\nHost: b"}, url="https://a.example/{{ v }}").code == "request_refused"


def test_http_request_refuses_half_characters_and_objects_in_queries() -> None:
    assert (
        refused({"v": "\ud800"}, url="https://a.example/", method="POST", text="{{ v }}").code
        == "request_refused"
    )
    assert (
        refused({"v": {"a": 1}}, url="https://a.example/", query={"q": "{{ v }}"}).code == "request_refused"
    )
    assert (
        refused({"v": {"a": 1}}, url="https://a.example/", method="POST", form={"q": "{{ v }}"}).code
        == "request_refused"
    )


def test_http_request_refuses_a_connection_that_is_not_there() -> None:
    assert refused({}, connection="other", path="/").code == "unknown_connection"


@pytest.mark.parametrize(
    ("failure", "permanent", "code"),
    [
        (EgressRefused("not public"), True, "egress_refused"),
        (OutgoingFailed("timed_out", "too late", sent=True), False, "timed_out"),
        (OutgoingFailed("dns_failed", "no such name"), False, "dns_failed"),
        (OutgoingFailed("bad_request", "cannot be sent", permanent=True), True, "bad_request"),
    ],
)
def test_http_request_tells_how_it_failed(failure: OutgoingFailed, permanent: bool, code: str) -> None:
    with pytest.raises(StepError) as raised:
        perform(FakeContext(answer=failure), "http_request", url="https://a.example/")

    assert (raised.value.permanent, raised.value.code, raised.value.message) == (
        permanent,
        code,
        failure.message,
    )


def test_http_request_simulated_shows_the_request_without_credentials() -> None:
    context = FakeContext(
        {"n": 7}, connections={"crm": access(Authorization="Bearer s3cret")}, simulated=True
    )

    outcome = simulate(
        context, "http_request", connection="crm", path="/leads/{{ n }}", method="POST", json={"n": "{{ n }}"}
    )

    assert isinstance(outcome, Done)
    assert outcome.output == {
        "simulated": True,
        "status": 200,
        "headers": {},
        "body": None,
        "request": {"method": "POST", "connection": "crm", "path": "/leads/7", "json": {"n": 7}},
    }
    assert "s3cret" not in json.dumps(outcome.output)
