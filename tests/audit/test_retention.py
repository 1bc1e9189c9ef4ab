"""Removing and erasing so that the chain still verifies."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit import anchors, retention
from audit.context import Actor
from audit.models import AuditEvent, AuditHead
from audit.services import Subject
from audit.verbs import AuditWord
from audit.verify import verify
from tests.audit.events import make_event, make_events

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def own_data_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def test_retention_leaves_a_checkpoint_and_an_event() -> None:
    make_events(3)
    anchors.write_anchor()
    make_events(1)
    moment = timezone.now()
    make_events(2)

    removed = retention.remove_before(moment, reason="400 days")

    assert removed == 4
    assert list(AuditEvent.objects.order_by("id").values_list("id", flat=True)) == [5, 6, 7]
    event = AuditEvent.objects.get(id=7)
    assert (event.event, event.reason, event.after_values["removed"]) == ("Retention applied", "400 days", 4)
    assert AuditHead.objects.get().first == 5
    assert (verify().ok, verify().events) == (True, 3)


def test_retention_may_remove_everything_and_repeat() -> None:
    make_events(3)
    later = timezone.now() + timedelta(days=1)

    assert retention.remove_before(later) == 3
    assert retention.remove_before(later) == 1
    make_events(2)

    assert list(AuditEvent.objects.order_by("id").values_list("id", flat=True)) == [5, 6, 7]
    assert verify().ok


def test_retention_with_nothing_to_remove_leaves_nothing() -> None:
    assert retention.remove_before(timezone.now()) == 0
    make_events(2)

    assert retention.remove_before(timezone.now() - timedelta(days=1)) == 0
    assert AuditEvent.objects.count() == 2


def test_erasure_blanks_the_person_and_keeps_the_chain_whole() -> None:
    make_events(2)
    make_events(1, actor=Actor("person", "8", "bert"))
    make_events(1, actor=Actor("command", "", "command: anna"))
    make_event(word=AuditWord.MEMBER_ADDED, subject=Subject("member", "3", "anna"))
    make_event(subject=Subject("workflow", "9", "anna"))

    count = retention.erase_person("anna", reason="request of 2 March")

    labels = list(AuditEvent.objects.order_by("id").values_list("actor_label", "subject_label"))
    erased = "erased person"
    assert count == 4
    assert labels == [
        (erased, "Digest"),
        (erased, "Digest"),
        ("bert", "Digest"),
        (erased, "Digest"),
        ("Signalbox", erased),
        ("Signalbox", "anna"),
        ("Signalbox", "Audit log"),
    ]
    assert verify().ok


def test_erasure_leaves_the_name_nowhere_in_its_own_event() -> None:
    make_events(2)

    retention.erase_person("anna")

    event = AuditEvent.objects.first()
    assert event and (event.event, event.after_values) == ("Retention applied", {"erased_events": 2})


def test_erasure_of_nobody_leaves_nothing() -> None:
    make_events(1)

    assert retention.erase_person("nobody") == 0
    assert AuditEvent.objects.count() == 1
