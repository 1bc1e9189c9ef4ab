"""What reading offers to other pages."""

from typing import Any

import pytest

from audit import queries
from audit.models import AuditEvent
from audit.services import Subject
from tests.audit.events import make_event, make_events

pytestmark = pytest.mark.django_db


def test_about_is_one_thing_s_events_newest_first() -> None:
    make_event(subject=Subject("workflow", "1", "Old"))
    make_event(subject=Subject("connection", "1", "crm"))
    make_event(subject=Subject("workflow", "1", "New"))

    assert [event.pk for event in queries.about("workflow", 1)] == [3, 1]


def test_in_order_gives_every_event_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_BATCH", 4)
    make_events(9)

    assert [event.pk for event in queries.in_order(AuditEvent.objects.all())] == list(range(1, 10))


def test_history_rows_that_are_gone_are_left_out() -> None:
    event = make_event(history={"workflow": 999, "nothing": 1})

    assert queries.history_rows(event) == []


@pytest.mark.parametrize(
    ("before", "after", "phrase"),
    [
        ({}, {}, ""),
        ({"status": "nowhere"}, {"status": "elsewhere", "reason": "x"}, "nowhere → elsewhere"),
        ({}, {"status": "elsewhere"}, "elsewhere"),
        ({"name": "Old"}, {"name": "New"}, "name: Old → New"),
        ({}, {"removed_events": 3}, "removed events: 3"),
        ({"a": 1, "b": 2}, {"a": 2, "b": None}, "2 values"),
        ({}, {"text": "x" * 200}, f"text: {'x' * 59}…"),
        ({}, {"text": "half \ud800"}, "text: half ?"),
    ],
)
def test_phrase_says_the_change_in_a_few_words(
    before: dict[str, Any], after: dict[str, Any], phrase: str
) -> None:
    assert make_event(before=before, after=after).phrase == phrase


def test_field_changes_name_every_value() -> None:
    event = make_event(before={"tags": ["a"], "b": None}, after={"tags": [], "c": True})

    rows = [(change.name, change.before, change.after) for change in event.field_changes]

    assert rows == [("b", "", ""), ("c", "", "true"), ("tags", '["a"]', "[]")]


def test_labels_that_no_database_takes_are_made_storable() -> None:
    event = make_event(subject=Subject("workflow", "1", "nul \0 half \ud800 " + "x" * 300), reason="a\0b")

    stored = AuditEvent.objects.get(pk=event.pk)

    assert stored.subject_label == ("nul  half ? " + "x" * 300)[:200]
    assert stored.reason == "ab"
