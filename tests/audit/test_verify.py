"""The attacks that a verification must find, each by somebody who holds the database but not the key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit import anchors, states
from audit.models import AuditEvent
from audit.services import Subject
from audit.verbs import AuditWord
from audit.verify import last, verify
from tests.audit.attacks import ATTACKS
from tests.audit.events import execute, make_event, make_events, unguarded

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def own_data_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def present_states(monkeypatch: pytest.MonkeyPatch) -> list[states.PresentState]:
    given: list[states.PresentState] = []
    monkeypatch.setattr(states, "_providers", [lambda: given])
    return given


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_found_at_its_first_event(attack: Callable[[], None]) -> None:
    make_events(8)
    assert verify().ok

    with unguarded():
        attack()
    found = verify()

    assert (found.ok, found.first_broken) == (False, 4)
    assert found.problem.count("4") >= 1


def test_whole_chain_verifies() -> None:
    make_events(5)

    found = verify()

    assert (found.ok, found.events, found.first_broken, found.problem) == (True, 5, None, "")


def test_empty_chain_verifies() -> None:
    found = verify()

    assert (found.ok, found.events) == (True, 0)


def test_batches_join_without_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.verify._BATCH", 3)
    make_events(9)
    assert verify().ok

    with unguarded():
        execute("DELETE FROM audit_auditevent WHERE id = 7")

    assert verify().first_broken == 7


def test_cut_tail_shows_at_the_head() -> None:
    make_events(8)

    with unguarded():
        execute("DELETE FROM audit_auditevent WHERE id > 5")
    found = verify()

    assert (found.ok, found.first_broken) == (False, 6)


def test_cut_tail_with_its_head_shows_at_the_anchor() -> None:
    make_events(8)
    anchors.write_anchor()

    with unguarded():
        execute("DELETE FROM audit_auditevent WHERE id > 5")
        execute("UPDATE audit_audithead SET sequence = 5, hash = %s", AuditEvent.objects.get(id=5).hash)
    found = verify()

    assert (found.ok, found.first_broken) == (False, 6)
    assert "reached 8" in found.problem


def test_cut_and_regrown_tail_shows_at_the_anchor() -> None:
    make_events(8)
    anchors.write_anchor()
    with unguarded():
        execute("DELETE FROM audit_auditevent WHERE id > 7")
        execute("UPDATE audit_audithead SET sequence = 7, hash = %s", AuditEvent.objects.get(id=7).hash)

    make_events(3)
    found = verify()

    assert (found.ok, found.first_broken) == (False, 8)
    assert "anchored" in found.problem


def test_all_gone_shows_at_the_anchor() -> None:
    make_events(3)
    anchors.write_anchor()

    with unguarded():
        execute("DELETE FROM audit_auditevent")
        execute("DELETE FROM audit_audithead")

    assert verify().first_broken == 1


def test_event_beyond_the_head_is_found() -> None:
    make_events(3)

    with unguarded():
        execute("UPDATE audit_audithead SET sequence = 2, hash = %s", AuditEvent.objects.get(id=2).hash)

    assert (verify().ok, verify().first_broken) == (False, 3)


def test_forged_head_is_found() -> None:
    make_events(3)

    with unguarded():
        execute("UPDATE audit_audithead SET hash = %s", "f" * 64)

    assert verify().first_broken == 3


def test_cut_beginning_is_found() -> None:
    make_events(5)

    with unguarded():
        execute("DELETE FROM audit_auditevent WHERE id < 3")
        previous = AuditEvent.objects.get(id=3).previous_hash
        execute("UPDATE audit_audithead SET first = 3, first_previous_hash = %s", previous)
    found = verify()

    assert (found.ok, found.first_broken) == (False, 3)
    assert "no retention was recorded" in found.problem


def test_forged_anchor_is_found() -> None:
    make_events(2)
    anchors.write_anchor()

    anchors.path().write_text(anchors.path().read_text().replace('"sequence": 2', '"sequence": 1'))
    found = verify()

    assert (found.ok, found.first_broken) == (False, None)
    assert "Line 1" in found.problem


def test_other_signing_key_is_found_and_a_fallback_is_accepted(settings: Any) -> None:
    make_events(2)
    anchors.write_anchor()
    old = settings.SECRET_KEY

    settings.SECRET_KEY = "another key"
    assert verify().first_broken == 1
    settings.SECRET_KEY_FALLBACKS = [old]
    make_events(1)
    anchors.write_anchor()

    assert verify().ok


def test_status_changed_without_event_is_found(present_states: list[states.PresentState]) -> None:
    subject = Subject("workflow", "1", "Digest")
    make_event(word=AuditWord.WORKFLOW_CREATED, subject=subject, after={"status": "draft"})
    paused = make_event(word=AuditWord.WORKFLOW_PAUSED, subject=subject, after={"status": "paused"})
    make_event(word=AuditWord.WORKFLOW_TESTED, subject=subject, after={"status": "success"})
    present_states[:] = [
        states.PresentState("workflow", "1", "paused"),
        states.PresentState("workflow", "2", "active"),
    ]
    assert verify().ok

    present_states[0] = states.PresentState("workflow", "1", "active")
    found = verify()

    assert (found.ok, found.first_broken) == (False, paused.pk)
    assert "is active" in found.problem and "says paused" in found.problem


def test_last_result_is_kept() -> None:
    make_events(2)

    found = verify()

    kept = last()
    assert kept and (kept.ok, kept.events, kept.at) == (True, 2, found.at)
