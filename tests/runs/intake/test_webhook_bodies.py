"""How large a delivery may be, what shape it may have, and that it is stored unchanged."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from runs.models import Delivery, Run
from tests.runs.intake.deliveries import JSON, nothing_left, only_input, plain, post
from tests.runs.intake.material import (
    make_signed,
    signed,
)
from workflows.models import Status, Trigger

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


class TestSize:
    def test_largest_body_is_taken_and_one_byte_more_is_not(self, settings: Any) -> None:
        settings.WEBHOOK_BODY_LIMIT = 100
        trigger = plain()
        assert post(trigger, b'"' + b"x" * 98 + b'"').status_code == 202
        answer = post(trigger, b'"' + b"x" * 99 + b'"')
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert Run.objects.count() == 1

    def test_declared_size_is_refused_unread(self) -> None:
        class Unread(BytesIO):
            def read(self, *_args: Any) -> bytes:
                pytest.fail("read")

        path = f"/hooks/{plain().address}"
        answer = Client().post(
            path, b"", content_type=JSON, **{"wsgi.input": Unread(), "CONTENT_LENGTH": str(10**12)}
        )
        assert answer.status_code == 413

    def test_size_is_checked_before_the_signature(self, settings: Any) -> None:
        settings.WEBHOOK_BODY_LIMIT = 10
        trigger, secret = make_signed("github")
        body = b'{"a": "too long"}'
        assert post(trigger, body, **signed("github", secret, body)).status_code == 413

    def test_chunked_body_is_read_from_the_server(self) -> None:
        assert chunked(plain(), b'{"n": 1}', ends=True).status_code == 202
        assert only_input()["body"] == {"n": 1}

    def test_endless_chunked_body_is_cut_at_the_limit(self, settings: Any) -> None:
        settings.WEBHOOK_BODY_LIMIT = 1000
        source = BytesIO(b"x" * 1_000_000)
        assert chunked(plain(), source, ends=True).status_code == 413
        assert source.tell() == 1001

    def test_chunked_body_without_end_mark_needs_a_length(self) -> None:
        assert chunked(plain(), b'{"n": 1}', ends=False).status_code == 411
        assert nothing_left()

    def test_body_shorter_than_declared_is_not_taken(self) -> None:
        path, short = f"/hooks/{plain().address}", {"wsgi.input": BytesIO(b'"cut'), "CONTENT_LENGTH": "9"}
        answer = Client().post(path, b"", content_type="text/plain", **short)
        assert (answer.status_code, answer.json()["code"]) == (400, "cut_off")
        assert nothing_left()


def chunked(trigger: Trigger, content: bytes | BytesIO, *, ends: bool) -> HttpResponse:
    environ = {
        "wsgi.input": BytesIO(content) if isinstance(content, bytes) else content,
        "wsgi.input_terminated": ends,
        "CONTENT_LENGTH": "",
        "CONTENT_TYPE": JSON,
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    return Client().post(f"/hooks/{trigger.address}", b"", content_type=JSON, **environ)


@pytest.mark.parametrize("body", [
    b'{"a": NaN}', b"[Infinity]", b"[-Infinity]", b'{"a": "\xff"}', b"{", b"", b"[1,]", b"{'a': 1}",
    b"[" * 33 + b"]" * 33, b"[" * 100_000, b"[" + b"9" * 4301 + b"]", b"[1e999]",
])  # fmt: skip
def test_json_that_does_not_parse_is_refused(body: bytes) -> None:
    answer = post(plain(), body)
    assert (answer.status_code, answer.json()["code"]) == (422, "body_refused")
    assert nothing_left()


@pytest.mark.parametrize(("body", "content_type", "stored"), [
    (b"[" * 32 + b"]" * 32, JSON, json.loads("[" * 32 + "]" * 32)),
    (b"[" + b"9" * 4300 + b"]", JSON, [10**4300 - 1]),
    (b'{"b": 1, "a": {"d": 1.5, "c": null}}', "application/vnd.acme+json", {"b": 1, "a": {"d": 1.5, "c": None}}),
    (b'{"a": "\\u0000 \\ud800"}', JSON, {"a": "\0 \ud800"}),
    ("\ufeff[1]".encode(), JSON, [1]),
    ("Grüße".encode(), "text/plain", "Grüße"),
    ("Grüße".encode("latin-1"), "text/plain; charset=latin-1", "Grüße"),
    (b"\xff\xfe\x00", "application/octet-stream", {"base64": "//4A"}),
    (b"a=1&b=2&b=3&c=", "application/x-www-form-urlencoded", {"a": "1", "b": ["2", "3"], "c": ""}),
])  # fmt: skip
def test_body_is_stored_unchanged(body: bytes, content_type: str, stored: Any) -> None:
    assert post(plain(), body, content_type).status_code == 202
    found = only_input()["body"]
    assert found == stored
    assert json.dumps(found) == json.dumps(stored)


def test_multipart_form_is_its_fields_and_files_are_refused() -> None:
    trigger = plain()
    path = f"/hooks/{trigger.address}"
    assert Client().post(path, {"a": "1", "b": ["2", "3"]}).status_code == 202
    assert only_input()["body"] == {"a": "1", "b": ["2", "3"]}
    file = BytesIO(b"content")
    file.name = "a.txt"
    assert Client().post(path, {"a": "1", "file": file}).status_code == 422
    assert Run.objects.count() == 1


@pytest.mark.parametrize("is_signed", [True, False])
def test_github_form_has_its_payload_parsed(is_signed: bool) -> None:
    trigger, secret = make_signed("github") if is_signed else (plain(), "secret")
    body = b"payload=%7B%22zen%22%3A+%22Keep+it%22%7D"
    headers = signed("github", secret, body)
    answer = post(trigger, body, "application/x-www-form-urlencoded", **headers)
    assert answer.status_code == 202
    assert only_input()["body"] == {"payload": {"zen": "Keep it"}}


def test_compressed_body_is_refused() -> None:
    assert post(plain(), b"\x1f\x8b", **{"Content-Encoding": "gzip"}).status_code == 422


def test_shape_is_checked_before_the_delivery_id_and_the_status() -> None:
    trigger = plain(status=Status.NOT_RUNNING)
    assert post(trigger, b"{").status_code == 422
    assert nothing_left()


@pytest.mark.parametrize("identifier", ["x" * 201, "a\tb"])
def test_unusable_delivery_id_is_refused(identifier: str) -> None:
    answer = post(plain(dedupe="header:X-Id"), **{"X-Id": identifier})
    assert (answer.status_code, nothing_left()) == (422, True)


def test_delivery_without_its_id_counts_as_new() -> None:
    trigger = plain(dedupe="header:X-Id")
    assert [post(trigger).status_code for _ in range(2)] == [202, 202]
    assert (Run.objects.count(), Delivery.objects.count()) == (2, 0)


def test_delivery_id_may_stand_in_the_body() -> None:
    trigger = plain(dedupe="body:meta.id")
    answers = [post(trigger, b'{"meta": {"id": 7}}') for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Run.objects.get().delivery_id == "7"
