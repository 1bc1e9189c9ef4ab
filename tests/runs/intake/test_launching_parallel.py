"""A watched launch with many senders at once: its limit is exact, and nobody waits for somebody who waits for him."""

from datetime import timedelta

import pytest
from django.test import Client

from config.clock import stamp
from runs.engine import doorbell
from runs.intake.schedules import arm, fire_due
from runs.models import Run
from tests.runs.intake.material import HOOK, make_triggered, trigger_of
from tests.runs.intake.test_parallel import SENDERS, at_once
from workflows import services
from workflows.launch import Launch
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

EACH = 10


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "ring", lambda _run_id: None)
    monkeypatch.setattr(doorbell, "wake", lambda: None)


def post(address: str) -> None:
    answer = Client().post(f"/hooks/{address}", b"{}", content_type="application/json")
    assert answer.status_code == 202, answer.content


def counts(workflow: Workflow) -> tuple[int, int]:
    """How many were let through, and how many the launch holds."""
    held = Run.objects.filter(workflow=workflow, reason="launch").count()
    return Run.objects.filter(workflow=workflow).count() - held, held


@pytest.mark.parametrize("text", ["first 20", "share 0.25"])
def test_limit_is_exact_with_parallel_senders(text: str) -> None:
    workflow = make_triggered(launch=text)
    address = trigger_of(workflow).address

    at_once(SENDERS, lambda _number: [post(address) for _ in range(EACH)])

    assert counts(workflow) == (20, 60)
    assert Workflow.objects.get(pk=workflow.pk).launch_seen == 80


@pytest.mark.parametrize("to", [Launch("first", 40), None])
def test_widening_between_parallel_senders_owes_nobody_anything(to: Launch | None) -> None:
    workflow = make_triggered(launch="first 20")
    address = trigger_of(workflow).address

    def act(number: int) -> None:
        for place in range(EACH):
            if (number, place) == (0, 4):
                services.widen(workflow.pk, to)
            post(address)

    at_once(SENDERS, act)

    assert counts(workflow) == ((40, 40) if to else (80, 0))


def test_schedules_senders_and_verbs_do_not_wait_for_each_other() -> None:
    rules = [{"id": f"tick{n}", "kind": "schedule", "every": "PT1M", "overlap": "allow"} for n in range(3)]
    workflow = make_triggered(HOOK, *rules, launch="first 5")
    address, begin = trigger_of(workflow).address, stamp() - timedelta(minutes=6)
    arm(workflow, begin)

    def act(number: int) -> None:
        for place in range(6):
            if number == 0:
                services.stop(workflow.pk, reason="By the test of launches")
                services.run(workflow.pk, accept_warnings=True, launch=Launch("first", 5))
            elif number < 4:
                fire_due(begin + timedelta(minutes=place))
            else:
                Client().post(f"/hooks/{address}", b"{}", content_type="application/json")

    at_once(SENDERS, act)

    # Whoever the last launch let through: at most five, and everything beyond is held, skipped or was ended by a stop.
    assert Run.objects.filter(workflow=workflow, status="pending").count() <= 5
    assert Workflow.objects.get(pk=workflow.pk).launch == "first 5"
