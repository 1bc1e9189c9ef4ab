"""Rules of retention: the environment's until a manager chooses, audited, counted as they would remove."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from runs.models import RetentionRules, Run
from runs.services import removing, retaining
from runs.services.retaining import Rules
from tests.factories import make_run, make_workflow
from workflows.lifecycle import Stale, ValueRefused
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def environment(settings: Any) -> None:
    settings.KEEP_SUCCESS_DAYS, settings.KEEP_OTHER_DAYS, settings.KEEP_RUNS = 30, 90, 0


def ended(workflow: Workflow, days: float, status: str = "success", **changes: Any) -> Run:
    at = timezone.now() - timedelta(days=days)
    return make_run(
        workflow, status=status, received_at=at, started_at=at, ended_at=at, due_at=None, **changes
    )


def test_environment_says_it_until_somebody_chooses() -> None:
    assert (retaining.rules(), retaining.chosen(), retaining.revision()) == (Rules(30, 90, 0), None, 0)

    assert retaining.change_rules(Rules(10, 0, 500))

    assert (retaining.rules(), retaining.revision()) == (Rules(10, 0, 500), 1)
    event = AuditEvent.objects.get(event="Retention changed")
    assert json.loads(event.before) == {"success_days": 30, "other_days": 90, "runs": 0}
    assert json.loads(event.after) == {"success_days": 10, "other_days": 0, "runs": 500}


def test_same_rules_again_change_and_record_nothing() -> None:
    assert not retaining.change_rules(Rules(30, 90, 0))
    assert not RetentionRules.objects.exists()
    assert not AuditEvent.objects.filter(event="Retention changed").exists()


def test_second_of_two_managers_is_told() -> None:
    retaining.change_rules(Rules(10, 90, 0), seen=0)
    with pytest.raises(Stale):
        retaining.change_rules(Rules(20, 90, 0), seen=0)
    assert retaining.change_rules(Rules(20, 90, 0), seen=1)
    assert (retaining.rules().success_days, retaining.revision()) == (20, 2)


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (Rules(-1, 0, 0), "success_days"),
        (Rules(0, 36_501, 0), "other_days"),
        (Rules(0, 0, 1_000_000_001), "runs"),
    ],
)
def test_number_out_of_range_is_refused(rules: Rules, field: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        retaining.change_rules(rules)
    assert [finding["path"] for finding in refused.value.findings] == [field]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (Rules(0, 0, 0), 0),
        (Rules(30, 90, 0), 3),
        (Rules(10, 20, 0), 5),
        (Rules(30, 90, 2), 4),
        (Rules(0, 0, 1), 5),
    ],
)
def test_what_rules_remove_is_told_as_it_is_then_removed(rules: Rules, expected: int) -> None:
    first, second = make_workflow(), make_workflow()
    for days in (0.1, 11, 31, 40):
        ended(first, days)
    for days in (0.2, 0.3, 21, 91):
        ended(second, days, "failed")
    waiting = make_run(second, status="waiting", reason="child")
    ended(second, 400, parent=waiting)
    told = removing.affected(rules)

    retaining.change_rules(rules)

    assert (told, removing.remove(dry_run=True), removing.remove()) == (expected, expected, expected)
