"""Delivery ids and recorded ticks are remembered for thirty days."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from runs.intake import forgetting
from runs.intake.forgetting import forget_deliveries, forget_ticks
from runs.models import Delivery, Tick
from tests.runs.intake.material import make_triggered, trigger_of

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def remember(*ages: timedelta) -> None:
    trigger = trigger_of(make_triggered())
    for number, age in enumerate(ages):
        Delivery.objects.create(
            trigger=trigger,
            delivery_id=str(number),
            run_id=uuid4(),
            answer_status="pending",
            received_at=NOW - age,
        )


def test_ids_older_than_thirty_days_are_forgotten() -> None:
    remember(
        timedelta(days=29, hours=23), timedelta(days=30), timedelta(days=30, seconds=1), timedelta(days=90)
    )
    assert forget_deliveries(NOW) == 2
    assert sorted(Delivery.objects.values_list("delivery_id", flat=True)) == ["0", "1"]


def test_oldest_go_first_in_portions() -> None:
    remember(timedelta(days=40), timedelta(days=60), timedelta(days=50))
    assert forget_deliveries(NOW, limit=2) == 2
    assert Delivery.objects.get().delivery_id == "0"
    assert (forget_deliveries(NOW, limit=2), forget_deliveries(NOW, limit=2)) == (1, 0)


def test_many_are_forgotten_in_one_call_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "PORTION", 2)
    remember(*[timedelta(days=40 + n) for n in range(5)])
    assert (forget_deliveries(NOW), Delivery.objects.count()) == (5, 0)


def test_ticks_are_forgotten_as_long_after() -> None:
    trigger = trigger_of(make_triggered())
    for days in (29, 31):
        Tick.objects.create(trigger=trigger, due_at=NOW - timedelta(days=days), run_id=uuid4())
    assert forget_ticks(NOW) == 1
    assert Tick.objects.get().due_at == NOW - timedelta(days=29)
