"""Intake with several senders and schedulers at once, each in its own transaction."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from runs.engine import doorbell
from runs.intake.schedules import arm, fire_due
from runs.models import Delivery, Run, Tick
from tests.factories import workspace
from tests.runs.intake.material import PRESETS, body_for, make_signed, make_triggered, signed, trigger_of
from workflows.models import Role, Status
from workflows.services.tokens import create_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

SENDERS = 8


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The run ids that the doorbell was rung for, and a word for each wake for instant runs."""
    calls: list[str] = []
    monkeypatch.setattr(doorbell, "ring", calls.append)
    monkeypatch.setattr(doorbell, "wake", lambda: calls.append(doorbell.WAKE))
    return calls


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Run `act` in so many threads that begin together; gives what they returned."""
    barrier = Barrier(count)

    def begin(number: int) -> Any:
        barrier.wait()
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


@pytest.mark.parametrize("preset", PRESETS)
def test_parallel_repeats_start_one_run(preset: str, rung: list[str]) -> None:
    trigger, secret = make_signed(preset)
    body = body_for(preset, "d1")
    headers = signed(preset, secret, body)

    def post(_number: int) -> HttpResponse:
        path = f"/hooks/{trigger.address}"
        return Client().post(path, body, content_type="application/json", headers=headers)

    answers = at_once(SENDERS, post)
    run = Run.objects.get()
    assert [answer.status_code for answer in answers] == [202] * SENDERS
    assert {answer.json()["run"] for answer in answers} == {str(run.pk)}
    assert sum("Signalbox-Duplicate" in answer.headers for answer in answers) == SENDERS - 1
    assert run.is_instant and rung == [doorbell.WAKE]
    assert Delivery.objects.count() == 1


def test_parallel_deliveries_are_all_taken(rung: list[str]) -> None:
    trigger = trigger_of(make_triggered())

    def post(number: int) -> list[int]:
        bodies = [json.dumps({"sender": number, "n": n}) for n in range(5)]
        path = f"/hooks/{trigger.address}"
        return [Client().post(path, body, content_type="application/json").status_code for body in bodies]

    assert at_once(SENDERS, post) == [[202] * 5] * SENDERS
    assert Run.objects.count() == SENDERS * 5
    assert Run.objects.filter(is_instant=True).count() == SENDERS * 5
    # What one commit entered is woken for once.
    assert set(rung) == {doorbell.WAKE} and len(rung) <= SENDERS * 5


def test_parallel_repeats_of_a_batch_start_each_event_once() -> None:
    make_triggered({"id": "listens", "kind": "event", "event": "a"})
    token = create_token("sender", Role.OPERATOR, scope=workspace()).text
    batch = [{"event": "a", "data": n, "id": str(n)} for n in range(10)]

    def post(number: int) -> Any:
        events = batch if number % 2 else batch[::-1]
        headers = {"Authorization": f"Bearer {token}"}
        answer = Client().post("/api/v1/events", events, content_type="application/json", headers=headers)
        return sorted((result["id"], result["runs"][0]["id"]) for result in answer.json()["results"])

    answers = at_once(4, post)
    assert answers == [answers[0]] * 4
    assert Run.objects.count() == 10


def test_hold_cap_is_kept_by_parallel_senders(settings: Any) -> None:
    settings.HOLD_LIMIT = 5
    trigger = trigger_of(make_triggered(status=Status.PAUSED))

    def post(_number: int) -> int:
        return Client().post(f"/hooks/{trigger.address}", b"{}", content_type="application/json").status_code

    assert sorted(at_once(SENDERS, post)) == [202] * 5 + [429] * 3
    assert Run.objects.filter(status="held").count() == 5


def test_schedulers_side_by_side_leave_one_row_for_each_due_instant() -> None:
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    rules = [{"id": f"tick{n}", "kind": "schedule", "every": "PT1M", "overlap": "allow"} for n in range(5)]
    arm(make_triggered(*rules), start)
    counts = [0, 0, 0, 0]

    def schedule(number: int) -> None:
        for minute in (1, 2, 5):
            while count := fire_due(start + timedelta(minutes=minute)):
                counts[number] += count

    at_once(4, schedule)
    for _ in range(2):
        fire_due(start + timedelta(minutes=5))
    ticks = sorted(Tick.objects.values_list("trigger__trigger_id", "due_at"))
    wanted = [(rule["id"], start + timedelta(minutes=n)) for rule in rules for n in range(1, 6)]
    assert ticks == sorted(wanted)
    assert (Run.objects.count(), Run.objects.filter(reason="outage").count() % 5) == (25, 0)
    assert sum(counts) == 25
