"""Marking a copy and confirming it; what processes and pages do meanwhile."""

import threading
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit import anchors
from audit.models import AuditEvent
from runs import restored
from runs.engine.heartbeat import Heart
from runs.models import Heartbeat, Restoration, Schedule
from runs.services import restoring
from runs.services.restoring import StillAtWork
from tests.factories import make_run, make_user, make_workflow
from workflows.models import Trigger

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def open_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process has learnt about its database goes with the test."""
    monkeypatch.setattr(restored, "_was_closed", False)
    monkeypatch.setattr(restoring, "BEATS_AGAIN_WITHIN", 0.2)


def newest_event() -> AuditEvent:
    return AuditEvent.objects.order_by("id").last()


def test_marking_is_recorded_with_what_would_go_on_and_harmless_when_repeated() -> None:
    workflow = make_workflow()
    for status in ("pending", "pending", "running", "waiting"):
        make_run(workflow, status=status)
    ago = timezone.now() - timedelta(minutes=1)
    Schedule.objects.create(trigger=Trigger.objects.first(), next_at=ago, anchor=ago)

    assert restoring.mark().changed

    event = newest_event()
    assert (event.event, event.subject_kind) == ("Copy restored", "installation")
    figures = {"active": 1, "pending": 2, "running": 1, "waiting": 1, "held": 0, "schedules_due": 1}
    assert restoring.figures() == figures
    assert not restoring.mark().changed
    assert newest_event() == event


def test_marking_under_a_living_process_is_refused() -> None:
    heart = Heart("worker")
    heart.beat()
    beating = threading.Event()

    def beat_on() -> None:
        heart._next = 0.0
        heart.beat()
        beating.set()

    with pytest.MonkeyPatch.context() as meanwhile:
        meanwhile.setattr(restoring.time, "sleep", lambda seconds: beat_on())
        with pytest.raises(StillAtWork, match=r"^worker-.* work on this database\."):
            restoring.mark()

    assert beating.is_set()
    assert not Restoration.objects.exists()


def test_heartbeats_that_came_with_the_copy_stop_nobody() -> None:
    Heart("worker").beat()

    assert restoring.mark().changed
    assert not Heartbeat.objects.exists()


def test_confirming_is_recorded_and_harmless_when_repeated() -> None:
    restoring.mark()

    assert restoring.confirm().changed

    assert newest_event().event == "Restored copy confirmed"
    assert not restoring.confirm().changed
    assert AuditEvent.objects.filter(event="Restored copy confirmed").count() == 1
    assert not restored.look()


def test_confirming_sets_anchors_aside_that_reach_beyond_the_copy(
    settings, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    restoring.mark()
    reached = anchors.AuditHead.objects.get(pk=1)
    with monkeypatch.context() as later:
        beyond = anchors.AuditHead(pk=1, sequence=reached.sequence + 7, hash="f" * 64)
        later.setattr(anchors.AuditHead.objects, "filter", lambda **given: _Only(beyond))
        assert anchors.write_anchor()

    restoring.confirm()

    assert f'"anchors_set_aside_to":{reached.sequence + 7}' in newest_event().after
    assert (tmp_path / f"audit-anchors-to-{reached.sequence + 7}.jsonl").exists()
    assert anchors.write_anchor(), "the chain is anchored anew"


class _Only:
    def __init__(self, row: anchors.AuditHead) -> None:
        self.row = row

    def first(self) -> anchors.AuditHead:
        return self.row


def test_process_that_starts_on_a_copy_waits_until_it_is_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    restoring.mark()
    asked = []

    class Patient(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            asked.append(timeout)
            if len(asked) == 3:
                restoring.confirm()
            return False

    monkeypatch.setattr(restored.threading, "Event", Patient)

    assert restored.wait_until_open(lambda stopping: None) is True
    assert len(asked) == 3


def test_process_that_waits_ends_when_told_to() -> None:
    restoring.mark()

    assert restored.wait_until_open(lambda stopping: stopping.set()) is False


def test_process_on_an_ordinary_database_waits_for_nothing_and_takes_no_signal() -> None:
    def install(stopping: threading.Event) -> None:
        raise AssertionError("nothing to install")

    assert restored.wait_until_open(install) is True


def test_pages_say_so_while_nothing_starts_and_no_longer_afterwards(client: Client) -> None:
    client.force_login(make_user("viewer"))
    restoring.mark()
    restored.look()

    assert b"This is a restored copy." in client.get("/automations/workflows/").content

    restoring.confirm()
    assert b"This is a restored copy." not in client.get("/automations/workflows/").content


def test_triggers_are_refused_while_nothing_starts_and_taken_afterwards(client: Client) -> None:
    trigger = Trigger.objects.get(workflow=make_workflow(), trigger_id="hook")
    trigger.address = "abc"
    trigger.save()
    restoring.mark()
    restored.look()

    refused = client.post("/hooks/abc", {"a": 1}, content_type="application/json")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert client.post("/api/v1/events", {"event": "a"}, content_type="application/json").status_code == 503
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200

    restoring.confirm()
    assert client.post("/hooks/abc", {"a": 1}, content_type="application/json").status_code == 202
    assert client.get("/health/ready").status_code == 200
