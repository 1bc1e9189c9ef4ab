"""`http_request`: the answer that comes in."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.workflows.steps.contexts import FakeContext, answered, perform
from workflows.outgoing import OutgoingResponse
from workflows.steps.base import Done, StepError

JSON = "application/json"


def output(answer: OutgoingResponse, **fields: Any) -> Any:
    outcome = perform(FakeContext(answer=answer), "http_request", url="https://a.example/", **fields)
    assert isinstance(outcome, Done)
    return outcome.output


def failure(answer: OutgoingResponse, **fields: Any) -> StepError:
    with pytest.raises(StepError) as raised:
        perform(FakeContext(answer=answer), "http_request", url="https://a.example/", **fields)
    assert raised.value.code == "unexpected_status"
    return raised.value


def test_answer_gives_status_headers_and_body() -> None:
    answer = answered(
        201, b'{"id": 7, "big": 123456789012345678901}', content_type="application/json; charset=utf-8"
    )

    assert output(answer) == {
        "status": 201,
        "headers": {"content-type": "application/json; charset=utf-8"},
        "body": {"id": 7, "big": 123456789012345678901},
    }


@pytest.mark.parametrize(
    ("content", "content_type", "body"),
    [
        (b"[1]", "application/vnd.api+json", [1]),
        (b"[1]", "text/json", [1]),
        (b"[1]", "text/plain", "[1]"),
        (b"[1", JSON, "[1"),
        (b"NaN", JSON, "NaN"),
        (b"", JSON, ""),
        (b"[" * 40 + b"]" * 40, JSON, "[" * 40 + "]" * 40),
        (b"9" * 5_000, JSON, "9" * 5_000),
        ("ü".encode("latin-1"), "text/plain; charset=ISO-8859-1", "ü"),
        ("ü".encode(), "text/plain; charset=unknown", "ü"),
        ("ü".encode(), "", "ü"),
        (b"\xff\xfe\x00\x01", "image/png", {"base64": "//4AAQ=="}),
        (b"\xff", "text/plain; charset=rot13", {"base64": "/w=="}),
    ],
)
def test_answer_reads_bodies(content: bytes, content_type: str, body: Any) -> None:
    assert output(answered(200, content, content_type=content_type))["body"] == body


def test_answer_cuts_and_says_so(settings: Any) -> None:
    settings.STEP_OUTPUT_LIMIT = 8

    assert output(answered(200, b"123456789"))["body"] == "12345678"
    assert output(answered(200, b"123456789"))["cut"] is True
    assert output(answered(200, b"\xff" * 9))["body"] == {"base64": "////////"}
    assert "cut" not in output(answered(200, b"12345678"))


def test_answer_that_was_cut_on_the_way_is_no_json() -> None:
    result = output(answered(200, b"[1]", cut=True, content_type=JSON))

    assert (result["body"], result["cut"]) == ("[1]", True)


def test_answer_caps_headers() -> None:
    answer = answered(200, **{f"h{n}": "x" * 2_000 for n in range(150)})

    headers = output(answer)["headers"]

    assert (len(headers), {len(value) for value in headers.values()}) == (100, {1_000})


@pytest.mark.parametrize(
    ("expect", "status", "is_fine"),
    [
        (None, 200, True),
        (None, 299, True),
        (None, 199, False),
        (None, 302, False),
        ([404], 404, True),
        ([404], 200, False),
        (["200-204", 302], 302, True),
        (["200"], 200, True),
        (["200-204"], 205, False),
        (["500-599"], 503, True),
    ],
)
def test_answer_is_measured_by_expect(expect: Any, status: int, is_fine: bool) -> None:
    fields = {"expect": expect} if expect else {}

    if is_fine:
        assert output(answered(status), **fields)["status"] == status
    else:
        assert f"status {status}" in failure(answered(status), **fields).message


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (301, True),
        (400, True),
        (401, True),
        (404, True),
        (408, False),
        (409, True),
        (425, False),
        (429, False),
        (500, False),
        (503, False),
    ],
)
def test_answer_says_whether_trying_again_can_help(status: int, permanent: bool) -> None:
    assert failure(answered(status)).permanent is permanent


@pytest.mark.parametrize(
    ("status", "text", "seconds"),
    [
        (429, "7", 7.0),
        (503, "0", 0.0),
        (429, "999999999", 86_400.0),
        (429, "-5", None),
        (429, "soon", None),
        (429, "", None),
        (429, "9" * 400, None),
        (429, "\u0667", None),
        (500, "7", None),
        (429, "Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        (429, "Wed, 99 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_answer_honours_retry_after(status: int, text: str, seconds: float | None) -> None:
    assert failure(answered(status, retry_after=text)).retry_after == seconds


def test_answer_honours_retry_after_as_a_date() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)

    waiting = failure(answered(503, retry_after=moment)).retry_after

    assert waiting is not None
    assert 3_000 < waiting <= 3_600
