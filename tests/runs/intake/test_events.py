"""Events sent to the API: what they start, and how often."""

import json
from collections import Counter
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from audit.models import AuditEvent
from runs import statements
from runs.intake import refusals
from runs.models import Delivery, Run
from tests.runs.intake.material import make_triggered
from tests.runs.intake.sent_events import ADDRESS, CLOUD, EVENT, LISTENS, listener, send, token
from workflows.models import Status

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


def test_event_starts_what_listens_for_it() -> None:
    first, second = listener(), listener()
    make_triggered({**LISTENS, "event": "lead.lost"})
    answer = send({**EVENT, "id": "a1"})
    runs = {run.workflow_id: run for run in Run.objects.all()}
    assert answer.status_code == 202
    assert answer.json() == {
        "results": [
            {
                "id": "a1",
                "runs": [
                    {"id": str(runs[workflow.pk].pk), "status": "pending"} for workflow in (first, second)
                ],
            }
        ]
    }
    run = runs[first.pk]
    assert (run.trigger_kind, run.trigger_id, run.delivery_id) == ("event", "listens", "a1")
    assert json.loads(run.input)["data"] == {"score": 80}
    assert set(json.loads(run.input)) == {"data", "headers", "query", "received_at"}


def test_event_that_nobody_listens_for_is_accepted() -> None:
    assert send({"event": "nobody.cares", "data": 1}).json() == {"results": [{"id": None, "runs": []}]}


def test_cloud_event_is_read_and_known_by_source_and_id() -> None:
    listener()
    text = token()
    first = send(CLOUD, text)
    again = send(CLOUD, text)
    other = send({**CLOUD, "source": "/other"}, text)
    assert first.json()["results"][0]["id"] == "e-1"
    assert again.json() == first.json()
    assert other.json()["results"][0]["runs"][0]["id"] != first.json()["results"][0]["runs"][0]["id"]
    run = Run.objects.get(delivery_id="/shop e-1")
    assert json.loads(run.input)["headers"]["ce-type"] == "lead.captured"
    assert Run.objects.count() == 2


def test_batch_has_one_result_per_event_in_order() -> None:
    listener()
    batch = [{**EVENT, "id": "1"}, {"event": "other", "data": 1, "id": "2"}, CLOUD, {**EVENT, "id": "1"}]
    results = send(batch).json()["results"]
    assert [result["id"] for result in results] == ["1", "2", "e-1", "1"]
    assert [len(result["runs"]) for result in results] == [1, 0, 1, 1]
    assert results[3] == results[0]
    assert Run.objects.count() == 2


def test_empty_batch_is_a_batch() -> None:
    assert send([]).json() == {"results": []}


def test_batch_with_one_bad_event_starts_nothing_and_names_it() -> None:
    listener()
    answer = send([EVENT, {"event": "a b", "data": 1}, {**EVENT, "time": "never"}])
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert [finding["path"] for finding in answer.json()["findings"]] == ["1.event", "2.time"]
    assert Run.objects.count() == 0


def test_batch_of_more_than_five_hundred_is_refused() -> None:
    listener()
    answer = send([{"event": "a", "data": 1}] * 501)
    assert (answer.status_code, answer.json()["code"]) == (422, "batch_too_large")


def test_repeat_is_known_per_trigger_and_started_where_it_was_not() -> None:
    listener()
    text = token()
    first = send({**EVENT, "id": "a1"}, text).json()["results"][0]["runs"]
    listener()
    second = send({**EVENT, "id": "a1"}, text).json()["results"][0]["runs"]
    assert second[0] == first[0]
    assert (len(first), len(second), Run.objects.count()) == (1, 2, 2)


def test_events_without_id_are_all_new() -> None:
    listener()
    for _ in range(2):
        send(EVENT)
    assert (Run.objects.count(), Delivery.objects.count()) == (2, 0)


class TestConditions:
    WHERE = {"all": [{"left": "{{ trigger.data.score }}", "op": ">=", "right": 70}]}

    @pytest.mark.parametrize(
        ("data", "count"), [({"score": 70}, 1), ({"score": "71"}, 1), ({"score": 69}, 0)]
    )
    def test_only_matching_events_start(self, data: dict[str, Any], count: int) -> None:
        listener(trigger={"where": self.WHERE})
        assert len(send({**EVENT, "data": data}).json()["results"][0]["runs"]) == count
        assert Run.objects.count() == count

    @pytest.mark.parametrize("data", [{}, None, {"score": [1]}, "text"])
    def test_failing_condition_is_no_match_and_does_not_stop_others(self, data: Any) -> None:
        listener(trigger={"where": self.WHERE})
        open_to_all = listener()
        before = Counter(refusals.counts())
        assert send({**EVENT, "data": data}).status_code == 202
        assert Run.objects.get().workflow_id == open_to_all.pk
        assert sum((Counter(refusals.counts()) - before).values()) == 1

    def test_condition_may_read_kind_id_and_what_the_sender_said(self) -> None:
        where = {"left": "{{ trigger.kind }} {{ trigger.id }} {{ trigger.headers.ce-source }}", "op": "is"}
        listener(trigger={"where": {**where, "right": "event listens /shop"}})
        assert len(send(CLOUD).json()["results"][0]["runs"]) == 1

    def test_condition_sees_what_is_not_stored(self) -> None:
        where = {"left": "{{ trigger.data.pin }}", "op": "is", "right": "1234"}
        listener(trigger={"where": where}, rules={"redact": ["trigger.data.pin"]})
        send({"event": "lead.captured", "data": {"pin": "1234"}})
        assert json.loads(Run.objects.get().input)["data"] == {"pin": "[redacted]"}


@pytest.mark.parametrize(("status", "changes", "expected"), [
    (Status.ACTIVE, {}, ("pending", "")),
    (Status.PAUSED, {}, ("held", "paused")),
    (Status.PAUSED, {"triggers_choice": "skip"}, ("skipped", "paused")),
    (Status.NOT_RUNNING, {}, ("skipped", "not running")),
    (Status.NOT_RUNNING, {"cause": "dependency"}, ("held", "paused")),
    (Status.ARCHIVED, {}, ("skipped", "not running")),
])  # fmt: skip
def test_status_of_the_workflow_decides(
    status: str, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    listener(status=status, **changes)
    (result,) = send(EVENT).json()["results"]
    run = Run.objects.get()
    assert result["runs"] == [{"id": str(run.pk), "status": expected[0]}]
    assert (run.status, run.reason) == expected


def test_drafts_and_deleted_workflows_hear_nothing() -> None:
    listener(status=Status.DRAFT)
    listener(deleted_at=timezone.now())
    assert send(EVENT).json()["results"][0]["runs"] == []
    assert Run.objects.count() == 0


def test_full_hold_skips_the_event_for_rate_limit(settings: Any) -> None:
    settings.HOLD_LIMIT = 1
    listener(status=Status.PAUSED)
    listener()
    text = token()
    statuses = [[run["status"] for run in send(EVENT, text).json()["results"][0]["runs"]] for _ in range(2)]
    assert statuses == [["held", "pending"], ["skipped", "pending"]]
    assert Run.objects.get(status="skipped").reason == "rate limit"


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"event": "a", "data": NaN}', b'{"event": "a", "data": "\xff"}']
)
def test_body_that_is_no_json_is_refused(body: bytes) -> None:
    answer = send(body)
    assert (answer.status_code, answer.json()["code"]) == (422, "body_refused")


def test_compressed_body_is_refused() -> None:
    assert send(EVENT, **{"Content-Encoding": "gzip"}).status_code == 422


def test_body_over_the_limit_is_refused(settings: Any) -> None:
    settings.WEBHOOK_BODY_LIMIT = 50
    answer = send({"event": "a", "data": "x" * 50})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_only_post_is_answered() -> None:
    answer = Client().get(ADDRESS)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_database_that_cannot_take_it_answers_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_args: Any) -> None:
        raise OperationalError("database is locked")

    listener()
    monkeypatch.setattr(statements, "enter", locked)
    answer = send(EVENT)
    assert (answer.status_code, answer.headers["Retry-After"], Run.objects.count()) == (503, "5", 0)


def test_accepting_events_is_no_audited_act() -> None:
    listener()
    text = token()
    before = AuditEvent.objects.count()
    send(EVENT, text)
    assert AuditEvent.objects.count() == before


def test_number_of_queries_grows_with_the_runs_only(django_assert_max_num_queries: Any) -> None:
    listener()
    text = token()
    send(EVENT, text)
    with django_assert_max_num_queries(12) as captured:
        send({**EVENT, "id": "a"}, text)
    one = len(captured)
    for _ in range(20):
        make_triggered({**LISTENS, "event": "other"})
    batch = [{**EVENT, "id": str(number)} for number in range(10)]
    with django_assert_max_num_queries(100) as captured:
        send(batch, text)
    # On PostgreSQL the run is entered past Django's cursor, by one statement.
    per_run = 4 if connection.vendor == "sqlite" else 0
    assert len(captured) == one + 9 * per_run
