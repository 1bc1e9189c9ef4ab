"""What comes next, for commands and pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runs.intake.schedules import Upcoming, arm, occurrences
from tests.runs.intake.material import HOOK, make_triggered
from workflows.models import Status

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
NIGHTLY: dict[str, Any] = {
    "id": "nightly",
    "kind": "schedule",
    "cron": "30 2 * * *",
    "timezone": "Australia/Sydney",
}
EVERY: dict[str, Any] = {"id": "every", "kind": "schedule", "every": "PT8H"}


def test_draft_shows_what_would_come_soonest_first() -> None:
    workflow = make_triggered(NIGHTLY, HOOK, EVERY, status=Status.DRAFT)
    found = occurrences(workflow, workflow.draft, start=START, count=4)
    assert [(due.trigger, due.at.isoformat(), due.local.isoformat()) for due in found] == [
        ("nightly", "2026-03-01T15:30:00+00:00", "2026-03-02T02:30:00+11:00"),
        ("every", "2026-03-01T20:00:30+00:00", "2026-03-01T20:00:30+00:00"),
        ("every", "2026-03-02T04:00:30+00:00", "2026-03-02T04:00:30+00:00"),
        ("every", "2026-03-02T12:00:30+00:00", "2026-03-02T12:00:30+00:00"),
    ]


def test_one_trigger_may_be_chosen() -> None:
    workflow = make_triggered(NIGHTLY, EVERY)
    found = occurrences(workflow, workflow.published, "nightly", start=START, count=2)
    assert [due.trigger for due in found] == ["nightly", "nightly"]
    assert occurrences(workflow, workflow.published, "nobody", start=START, count=2) == []
    assert occurrences(workflow, None, start=START, count=2) == []


def test_watched_interval_keeps_its_phase() -> None:
    workflow = make_triggered(EVERY)
    arm(workflow, START)
    found = occurrences(workflow, workflow.published, start=START + timedelta(hours=1), count=1)
    assert found == [Upcoming("every", START + timedelta(hours=8), START + timedelta(hours=8))]


def test_changed_interval_of_a_draft_counts_from_the_start_given() -> None:
    workflow = make_triggered(EVERY)
    arm(workflow, START)
    changed = make_triggered({**EVERY, "every": "PT1H"}).published
    found = occurrences(workflow, changed, start=START + timedelta(minutes=5), count=1)
    assert found[0].at == START + timedelta(minutes=65)


def test_schedule_that_cannot_be_used_has_none_and_the_others_are_shown() -> None:
    workflow = make_triggered({**NIGHTLY, "cron": "0 0 31 2 *"}, EVERY, status=Status.DRAFT)
    found = occurrences(workflow, workflow.draft, start=START, count=1)
    assert [due.trigger for due in found] == ["every"]
