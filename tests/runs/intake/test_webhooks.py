"""Webhooks through Django's test client: what is answered, what is stored, what is left behind."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from audit.models import AuditEvent
from runs.intake import refusals, starting
from runs.models import Delivery, Run
from tests.factories import make_run
from tests.runs.intake.material import (
    HOOK,
    PRESETS,
    SIGNATURE_HEADER,
    basic,
    body_for,
    make_signed,
    make_triggered,
    signature_rule,
    signed,
    trigger_of,
)
from workflows.models import Status, Trigger, Version, Workflow
from workflows.secrets import encrypt

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

JSON = "application/json"
# Trigger with workflow and version, savepoint, delivery id, status, run, delivery id, savepoint's release; on
# PostgreSQL also the clock.
QUERIES = 7 + (connection.vendor == "postgresql")


def post(
    trigger: Trigger, content: bytes | str = b"{}", content_type: str = JSON, **headers: str
) -> HttpResponse:
    path = f"/hooks/{trigger.address}"
    return Client().generic("POST", path, content, content_type, headers=headers, CONTENT_TYPE=content_type)


def plain(**changes: Any) -> Trigger:
    """A live webhook trigger without signature; keywords are fields of the trigger or the workflow."""
    fields = {name: changes.pop(name) for name in ("methods", "dedupe") if name in changes}
    return trigger_of(make_triggered({**HOOK, **fields}, **changes))


def only_input() -> dict[str, Any]:
    return json.loads(Run.objects.get().input)


def nothing_left() -> bool:
    """No run, no delivery id, no audit event but those of the factories."""
    events = AuditEvent.objects.exclude(event="Changed outside the services")
    return (Run.objects.count(), Delivery.objects.count(), events.count()) == (0, 0, 0)


@pytest.mark.parametrize("preset", PRESETS)
class TestPresets:
    def test_signed_delivery_is_accepted_and_stored_as_sent(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        body = body_for(preset, "d1")
        answer = post(trigger, body, **signed(preset, secret, body))
        run = Run.objects.get()
        assert (answer.status_code, answer.json()["status"]) == (202, "pending")
        assert answer.json() == {
            "run": str(run.pk),
            "status": "pending",
            "url": f"http://testserver/automations/runs/{run.pk}/",
        }
        assert (run.trigger_kind, run.trigger_id, run.delivery_id) == ("webhook", "hook", "d1")
        assert only_input()["body"] == json.loads(body)
        assert "Signalbox-Duplicate" not in answer.headers

    def test_repeat_gives_the_first_answer_again(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        body = body_for(preset, "d1")
        first = post(trigger, body, **signed(preset, secret, body))
        Run.objects.update(status="success")
        later = datetime.now(UTC) + timedelta(seconds=30)
        again = post(trigger, body, **signed(preset, secret, body, at=later))
        assert (again.status_code, again.json()) == (202, first.json())
        assert (again.headers["Signalbox-Duplicate"], Run.objects.count()) == ("true", 1)

    def test_another_delivery_starts_another_run(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        for identifier in ("d1", "d2"):
            body = body_for(preset, identifier)
            post(trigger, body, **signed(preset, secret, body, identifier=identifier))
        assert sorted(Run.objects.values_list("delivery_id", flat=True)) == ["d1", "d2"]

    def test_tampered_delivery_is_refused_and_only_counted(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        body = body_for(preset, "d1")
        before = Counter(refusals.counts())
        answer = post(trigger, body + b" ", **signed(preset, secret, body))
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
        assert answer.json()["code"] == "signature_refused"
        assert nothing_left()
        assert Counter(refusals.counts()) - before == Counter({("webhook", "mismatch"): 1})

    def test_unsigned_delivery_is_refused(self, preset: str) -> None:
        trigger, _secret = make_signed(preset)
        assert post(trigger, body_for(preset, "d1")).status_code == 401
        assert nothing_left()

    def test_delivery_signed_with_another_secret_is_refused(self, preset: str) -> None:
        trigger, _secret = make_signed(preset)
        _other, foreign = make_signed(preset)
        body = body_for(preset, "d1")
        assert post(trigger, body, **signed(preset, foreign, body)).status_code == 401
        assert nothing_left()

    def test_signature_without_secret_refuses_everything(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        Trigger.objects.update(secret="")
        body = body_for(preset, "d1")
        assert post(trigger, body, **signed(preset, secret, body)).status_code == 401
        assert nothing_left()

    def test_old_secret_is_valid_until_its_time_is_over(self, preset: str) -> None:
        trigger, old = make_signed(preset)
        _other, new = make_signed(preset)
        rows = Trigger.objects.filter(pk=trigger.pk)
        until = timezone.now() + timedelta(hours=24)
        rows.update(secret=encrypt(new), previous_secret=encrypt(old), previous_until=until)
        for identifier, secret in (("d1", old), ("d2", new)):
            body = body_for(preset, identifier)
            headers = signed(preset, secret, body, identifier=identifier)
            assert post(trigger, body, **headers).status_code == 202
        rows.update(previous_until=timezone.now())
        body = body_for(preset, "d3")
        assert post(trigger, body, **signed(preset, old, body, identifier="d3")).status_code == 401

    def test_signature_is_checked_before_the_delivery_id(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        body = body_for(preset, "d1")
        post(trigger, body, **signed(preset, secret, body))
        again = post(trigger, body + b"\n", **signed(preset, secret, body))
        assert (again.status_code, "Signalbox-Duplicate" in again.headers) == (401, False)

    def test_signatures_are_not_stored(self, preset: str) -> None:
        trigger, secret = make_signed(preset)
        body = body_for(preset, "d1")
        headers = signed(preset, secret, body)
        post(trigger, body, **headers)
        kept = set(only_input()["headers"])
        hidden = {name.lower() for name in headers if "ignature" in name or name == SIGNATURE_HEADER}
        assert hidden and not hidden & kept
        assert {name.lower() for name in headers} - hidden <= kept


@pytest.mark.parametrize("preset", ["standard-webhooks", "stripe", "slack"])
@pytest.mark.parametrize(("seconds", "status"), [(-290, 202), (290, 202), (-310, 401), (310, 401)])
def test_time_stamp_may_differ_by_five_minutes_either_way(preset: str, seconds: int, status: int) -> None:
    trigger, secret = make_signed(preset)
    body = body_for(preset, "d1")
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    assert post(trigger, body, **signed(preset, secret, body, at=moment)).status_code == status
    assert Run.objects.count() == (1 if status == 202 else 0)


@pytest.mark.parametrize(("status", "changes", "answer"), [
    (Status.ACTIVE, {}, (202, "pending")),
    (Status.PAUSED, {}, (202, "held")),
    (Status.PAUSED, {"triggers_choice": "skip"}, (202, "skipped")),
    (Status.NOT_RUNNING, {"cause": "resource_limit"}, (202, "held")),
])  # fmt: skip
def test_status_answers_with_a_run(status: str, changes: dict[str, Any], answer: tuple[int, str]) -> None:
    given = post(plain(status=status, **changes))
    assert (given.status_code, given.json()["status"]) == answer
    assert Run.objects.get().status == answer[1]
    assert Workflow.objects.get().last_run_at is None


@pytest.mark.parametrize("status", [Status.NOT_RUNNING, Status.ARCHIVED])
def test_stopped_and_archived_answer_gone_and_store_no_body(status: str) -> None:
    answer = post(plain(status=status), b'{"private": 1}')
    run = Run.objects.get()
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")
    assert (run.status, run.reason) == ("skipped", "not running")
    assert set(only_input()) == {"received_at"}


def test_repeat_to_a_stopped_workflow_is_gone_again_without_another_row() -> None:
    trigger = plain(status=Status.NOT_RUNNING, dedupe="header:X-Id")
    answers = [post(trigger, **{"X-Id": "d1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [410, 410]
    assert answers[1].headers["Signalbox-Duplicate"] == "true"
    assert Run.objects.count() == 1


def test_unknown_draft_removed_and_deleted_answer_not_found() -> None:
    draft = plain(status=Status.DRAFT)
    removed, deleted = plain(), plain(deleted_at=timezone.now())
    other_kind = trigger_of(make_triggered({"id": "hook", "kind": "manual"}))
    Trigger.objects.filter(pk=removed.pk).update(is_live=False)
    for trigger in (draft, removed, deleted, other_kind):
        assert (post(trigger).status_code, post(trigger).json()["code"]) == (404, "unknown")
    assert Client().post("/hooks/nobody-knows-this", b"{}", content_type=JSON).status_code == 404
    assert nothing_left()


def test_trigger_that_the_published_version_lacks_is_unknown() -> None:
    workflow = make_triggered()
    stray = Trigger.objects.create(workflow=workflow, trigger_id="stray", kind="webhook", is_live=True)
    assert post(stray).status_code == 404


def test_full_hold_answers_too_many_with_retry_after(settings: Any) -> None:
    settings.HOLD_LIMIT = 1
    trigger = plain(status=Status.PAUSED)
    make_run(trigger.workflow, status="held", version=None)
    answer = post(trigger)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert Run.objects.count() == 1


def test_known_delivery_is_answered_though_the_hold_is_full(settings: Any) -> None:
    settings.HOLD_LIMIT = 1
    trigger = plain(status=Status.PAUSED, dedupe="body:id")
    first = post(trigger, b'{"id": "d1"}')
    assert post(trigger, b'{"id": "d2"}').status_code == 429
    assert post(trigger, b'{"id": "d1"}').json() == first.json()


def test_database_that_cannot_take_it_answers_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_args: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(starting, "_enter", locked)
    answer = post(plain())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "unavailable"
    assert nothing_left()


def test_unreadable_secret_is_our_fault_and_not_the_senders() -> None:
    trigger, secret = make_signed("github")
    Trigger.objects.update(secret="not-a-token")
    body = body_for("github", "d1")
    answer = post(trigger, body, **signed("github", secret, body))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_definition_that_cannot_be_read_asks_to_come_again() -> None:
    trigger = plain()
    _break(trigger.workflow.published)
    assert post(trigger).status_code == 503


def _break(version: Version) -> None:
    """As a damaged row would be: the model itself refuses this change."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflows_version SET definition = '{}' WHERE id = %s", [version.pk])


@pytest.mark.parametrize(("methods", "method", "status"), [
    (["POST"], "GET", 405), (["POST"], "PUT", 405), (["POST"], "OPTIONS", 405), (["POST"], "HEAD", 405),
    (["GET"], "GET", 202), (["GET", "PUT"], "PUT", 202), (["GET"], "POST", 405), (["DELETE"], "DELETE", 202),
])  # fmt: skip
def test_methods_are_those_of_the_trigger(methods: list[str], method: str, status: int) -> None:
    trigger = plain(methods=methods)
    answer = Client().generic(method, f"/hooks/{trigger.address}?a=1&b=2&b=3")
    assert answer.status_code == status
    if status == 405:
        assert answer.headers["Allow"] == ", ".join(methods)
        return
    assert only_input()["query"] == {"a": "1", "b": ["2", "3"]}
    assert only_input()["body"] == ""


def test_method_is_checked_before_the_signature() -> None:
    trigger, _secret = make_signed("github")
    assert Client().get(f"/hooks/{trigger.address}").status_code == 405


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


def test_signature_is_checked_before_the_shape() -> None:
    trigger, secret = make_signed("github")
    assert post(trigger, b"{").status_code == 401
    assert post(trigger, b"{", **signed("github", secret, b"{")).status_code == 422


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


def test_credentials_are_not_stored() -> None:
    secrets = {
        "Authorization": basic("user", "canary-1"),
        "Cookie": "session=canary-2",
        "X-Gitlab-Token": "canary-3",
        "X-Api-Key": "canary-4",
        "X-Hub-Signature": "sha1=canary-5",
        "Proxy-Authorization": "canary-6",
    }
    assert post(plain(), **secrets, **{"X-GitHub-Event": "push", "User-Agent": "acme/1"}).status_code == 202
    assert "canary" not in Run.objects.get().input
    assert only_input()["headers"]["x-github-event"] == "push"
    assert only_input()["headers"]["user-agent"] == "acme/1"


def test_own_signature_header_of_any_name_is_not_stored() -> None:
    trigger, secret = make_signed("hmac-sha256")
    body = body_for("hmac-sha256", "d1")
    post(trigger, body, **signed("hmac-sha256", secret, body))
    assert SIGNATURE_HEADER.lower() not in only_input()["headers"]


def test_page_address_is_that_of_the_configured_host(settings: Any) -> None:
    settings.BASE_URL = "https://signalbox.example.test"
    run = post(plain()).json()
    assert run["url"] == f"https://signalbox.example.test/automations/runs/{run['run']}/"


def test_no_cookie_is_set_and_no_csrf_token_is_needed() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(f"/hooks/{plain().address}", b"{}", content_type=JSON)
    assert (answer.status_code, dict(answer.cookies)) == (202, {})


def test_number_of_queries_is_constant(django_assert_num_queries: Any) -> None:
    rule = {**HOOK, "signature": signature_rule("github")}
    trigger, secret = make_signed("github")
    make_triggered(rule)
    for number in range(30):
        make_run(trigger.workflow, status="pending", delivery_id=str(number))
    for number, size in enumerate((1, 50_000)):
        body = json.dumps({"text": "x" * size}).encode()
        headers = signed("github", secret, body, identifier=f"n{number}")
        with django_assert_num_queries(QUERIES):
            assert post(trigger, body, **headers).status_code == 202
