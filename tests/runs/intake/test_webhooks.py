"""Webhooks through Django's test client: what is answered by status, method and address."""

import json
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from runs import statements
from runs.intake import starting
from runs.models import Run
from tests.factories import make_run
from tests.runs.intake.deliveries import JSON, nothing_left, only_input, plain, post
from tests.runs.intake.material import (
    HOOK,
    make_signed,
    make_triggered,
    signature_rule,
    signed,
    trigger_of,
)
from workflows.models import Status, Trigger, Version, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

# Trigger with workflow and version, savepoint, delivery id, status, run, delivery id, savepoint's release; on
# PostgreSQL also the clock.
# The look-up and the run with its delivery id; on PostgreSQL past Django's cursor.
QUERIES = 5 if connection.vendor == "sqlite" else 0


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

    monkeypatch.setattr(statements, "enter", locked)
    answer = post(plain())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "unavailable"
    assert nothing_left()


def test_definition_that_cannot_be_read_asks_to_come_again() -> None:
    trigger = plain()
    _break(trigger.workflow.published)
    assert post(trigger).status_code == 503


def _break(version: Version) -> None:
    """As a damaged row would be: the model itself refuses this change."""
    with connection.cursor() as cursor:
        broken = "UPDATE workflows_version SET definition = '{}', content_hash = '' WHERE id = %s"
        cursor.execute(broken, [version.pk])


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
    post(trigger, b"{}", **signed("github", secret, b"{}", identifier="warm"))
    for number, size in enumerate((1, 50_000)):
        body = json.dumps({"text": "x" * size}).encode()
        headers = signed("github", secret, body, identifier=f"n{number}")
        with django_assert_num_queries(QUERIES):
            assert post(trigger, body, **headers).status_code == 202


def test_address_is_never_logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    trigger = plain(status=Status.NOT_RUNNING)
    answers = [post(trigger).status_code, post(trigger, b"{").status_code]
    monkeypatch.setattr(starting, "_enter", lambda *_args: (_ for _ in ()).throw(OperationalError("locked")))
    answers.append(post(trigger).status_code)
    assert answers == [410, 422, 503]
    assert [record.name for record in caplog.records] == ["runs.intake.problems"]
    assert trigger.address not in caplog.text
