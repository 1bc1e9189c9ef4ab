"""Nobody at work, clocks that differ, work that comes late and a backlog that grows."""

import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from runs.doctor import work
from runs.engine import heartbeat
from runs.engine.heartbeat import Heart
from runs.models import Heartbeat, Run, Schedule
from tests.factories import make_run, make_workflow
from tests.runs.doctor.looking import said
from workflows.models import Trigger

pytestmark = [pytest.mark.django_db, pytest.mark.stack]
on_postgresql = pytest.mark.skipif(settings.IS_EMBEDDED, reason="on SQLite there is one clock only")


@pytest.mark.parametrize("kind", ["worker", "scheduler"])
def test_nobody_alive_is_found_with_the_command_that_starts_one(kind: str) -> None:
    found = said(kind)
    assert (found.level, found.message) == ("error", f"No {kind} is alive.")
    assert found.fix == ("manage.py up" if settings.IS_EMBEDDED else f"manage.py {kind}")

    Heart(kind).beat()

    assert (said(kind).level, said(kind).numbers) == ("ok", {"alive": 1})


def test_process_that_beat_no_more_is_not_alive() -> None:
    Heart("worker").beat()
    Heartbeat.objects.update(beat_at=timezone.now() - heartbeat.ALIVE - timedelta(seconds=1))

    assert said("worker").level == "error"


@on_postgresql
def test_clock_of_another_host_that_is_off_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(heartbeat, "host_clock", lambda: timezone.now() - timedelta(seconds=90))
        elsewhere.setattr("socket.gethostname", lambda: "late-host")
        Heart("worker").beat()

    found = said("clock")

    assert (found.level, found.message) == ("warning", "The clock of late-host is -90 s off the database's.")
    assert found.numbers["late-host"] == pytest.approx(-90, abs=1)
    assert "NTP" in found.fix


@on_postgresql
def test_own_clock_that_is_off_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "host_clock", lambda: timezone.now() + timedelta(minutes=5))

    assert said("clock").message == "The clock of this host is +300 s off the database's."


def test_database_clock_that_was_set_back_is_found() -> None:
    Heart("worker").beat()
    Heartbeat.objects.update(beat_at=timezone.now() + timedelta(hours=1))

    assert said("clock").message == "1 processes beat in the future: the database's clock was set back."


def test_clocks_that_agree_are_told_with_their_difference() -> None:
    Heart("worker").beat()

    found = said("clock")

    assert found.level == "ok"
    assert all(abs(seconds) < 1 for seconds in found.numbers.values())


def test_oldest_due_run_is_told_and_late_beyond_two_minutes() -> None:
    workflow = make_workflow()
    make_run(workflow, due_at=timezone.now() - timedelta(seconds=60))
    make_run(workflow, due_at=timezone.now() + timedelta(seconds=60))
    assert said("lag").level == "ok"
    assert said("lag").numbers["oldest_due_run"] == pytest.approx(60, abs=5)

    make_run(workflow, due_at=timezone.now() - timedelta(seconds=180))

    assert said("lag").level == "warning"
    assert said("lag").message.startswith("The oldest due run has waited for 18")


def test_schedule_that_should_have_fired_is_found() -> None:
    trigger = Trigger.objects.filter(workflow=make_workflow()).first()
    ago = timezone.now() - timedelta(minutes=10)
    Schedule.objects.create(trigger=trigger, next_at=ago, anchor=ago)

    found = said("lag")

    assert found.message.startswith("A schedule should have fired 60")
    assert found.fix == "Start a scheduler; look into its log."


def test_run_that_lost_its_worker_is_found() -> None:
    make_run(make_workflow(), status="running", lease_until=timezone.now() - timedelta(minutes=3))

    assert said("lag").message == "1 runs lost their worker over two minutes ago."


def enter(count: int) -> None:
    workflow = make_workflow(f"Flood {next(_numbers)}")
    for _ in range(count):
        make_run(workflow)


_numbers = itertools.count(1)


@contextmanager
def meanwhile(change: object) -> Iterator[None]:
    """Beside what is inside, `change` again and again, on a connection of its own."""
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(0.02):
            change()  # type: ignore[operator]
        connection.close()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_backlog_that_grows_is_found_with_the_workflow_that_has_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "BETWEEN_LOOKS", 0.5)
    enter(work.WORTH_A_LOOK)
    flooded = make_run(make_workflow("Small")).workflow

    with meanwhile(lambda: make_run(flooded)):
        time.sleep(0.1)
        found = said("backlog")

    assert found.level == "warning"
    assert found.numbers["growth_per_minute"] > 0
    assert "Flood" in found.fix


@pytest.mark.django_db(transaction=True)
def test_backlog_that_shrinks_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "BETWEEN_LOOKS", 0.5)
    enter(2 * work.WORTH_A_LOOK)

    def finish() -> None:
        one = Run.objects.filter(status="pending").first()
        Run.objects.filter(pk=one.pk).update(status="success", due_at=None)

    with meanwhile(finish):
        time.sleep(0.1)
        found = said("backlog")

    assert found.level == "ok"
    assert found.numbers["growth_per_minute"] < 0


def test_command_ends_with_1_and_prints_the_numbers() -> None:
    output = StringIO()

    with pytest.raises(CommandError, match="2 things are broken"):
        call_command("doctor", "--json", stdout=output)

    document = json.loads(output.getvalue())
    assert document["ok"] is False
    by_name = {finding["name"]: finding for finding in document["findings"]}
    assert by_name["worker"] == {
        "name": "worker",
        "level": "error",
        "message": "No worker is alive.",
        "fix": by_name["worker"]["fix"],
        "numbers": {"alive": 0},
    }
    assert by_name["lag"]["numbers"] == {"oldest_due_run": 0, "oldest_due_tick": 0, "lost": 0}
