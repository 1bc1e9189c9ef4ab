"""Rows of closed runs go by outcome, age and number; figures, links and what is open stay."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from audit.models import AuditEvent
from config.sqlite.base import make_file
from runs import services
from runs.models import RecordedValue, Run, StepAttempt, Tally, TallyEntry
from runs.monitoring import figures
from runs.monitoring.checking import rebuild, verify
from runs.monitoring.windows import Window
from runs.services import removing
from runs.statements.space import give_back
from tests.factories import make_run, make_workflow
from tests.runs.engine.driving import accept, advance, workflow_of
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

MAIL = {"id": "mail", "kind": "send_email", "to": "a@example.test", "subject": "s", "text": "t"}
WORTH = {"id": "worth", "kind": "record_value", "name": "lead", "value": "12.50", "unit": "AUD"}


@pytest.fixture(autouse=True)
def days_kept(settings: Any) -> None:
    settings.KEEP_SUCCESS_DAYS, settings.KEEP_OTHER_DAYS = 30, 90


@pytest.fixture
def workflow() -> Workflow:
    return make_workflow()


def ended(workflow: Workflow, days: float, **changes: Any) -> Run:
    at = timezone.now() - timedelta(days=days)
    values = {"status": "success", "received_at": at, "started_at": at, "ended_at": at, "due_at": None}
    return make_run(workflow, **values | changes)


def left() -> set[Any]:
    return set(Run.objects.values_list("pk", flat=True))


def words() -> list[dict[str, Any]]:
    events = AuditEvent.objects.filter(event="Retention applied").order_by("id")
    return [json.loads(event.after) for event in events]


def test_outcomes_are_kept_for_their_time(workflow: Workflow) -> None:
    young = [ended(workflow, 29), ended(workflow, 89, status="failed")]
    ended(workflow, 31)
    for status in ("failed", "cancelled", "skipped"):
        ended(workflow, 91, status=status)

    assert services.remove(dry_run=True) == 4
    assert services.remove() == 4
    assert services.remove() == 0

    assert left() == {run.pk for run in young}
    assert [event["removed"] for event in words()] == [4]


def test_number_that_is_kept_bounds_each_workflow(workflow: Workflow, settings: Any) -> None:
    settings.KEEP_RUNS = 3
    other = make_workflow()
    runs = [ended(workflow, days) for days in (2, 3, 4, 5, 6)]
    few = [ended(other, days) for days in (2, 3)]

    assert services.remove() == 2

    assert left() == {run.pk for run in runs[:3] + few}


def test_run_of_today_is_never_removed(workflow: Workflow, settings: Any) -> None:
    settings.KEEP_RUNS = 1
    runs = [ended(workflow, days) for days in (0.1, 0.2, 0.3)]

    assert services.remove() == 0
    assert left() == {run.pk for run in runs}


def test_nothing_is_removed_where_everything_is_kept(workflow: Workflow, settings: Any) -> None:
    settings.KEEP_SUCCESS_DAYS = settings.KEEP_OTHER_DAYS = settings.KEEP_RUNS = 0
    ended(workflow, 4000)

    assert services.remove() == 0


@pytest.mark.parametrize("status", ["pending", "running", "waiting", "held", "needs_decision"])
def test_open_run_is_never_removed(workflow: Workflow, status: str) -> None:
    past = timezone.now() - timedelta(days=400)
    run = make_run(workflow, status=status, received_at=past, started_at=past, reason="paused")

    assert services.remove() == 0
    assert left() == {run.pk}


def test_links_stay_safe(workflow: Workflow) -> None:
    past = timezone.now() - timedelta(days=31)
    parent = make_run(workflow, status="waiting", received_at=past, started_at=past)
    child = ended(workflow, 31, parent=parent)
    original = ended(workflow, 31)
    replay = ended(workflow, 1, replay_of=original)
    orphan = make_run(workflow, status="waiting", parent=ended(workflow, 31), started_at=past)

    assert services.remove() == 2

    assert left() == {parent.pk, child.pk, replay.pk, orphan.pk}
    replay.refresh_from_db()
    orphan.refresh_from_db()
    assert (replay.replay_of, orphan.parent) == (None, None)


def test_figures_stay_and_stay_exact() -> None:
    flow = workflow_of(MAIL, WORTH, minutes_saved_per_run=4)
    for _ in range(3):
        advance(accept(flow))
    old = timezone.now() - timedelta(days=40)
    Run.objects.update(started_at=old, ended_at=old + timedelta(seconds=3))
    rebuild()
    ended(flow, 40, is_test=True)
    ended(flow, 100, status="skipped", reason="paused", started_at=None, version=None)
    window = Window.of("1y", timezone.now())
    before = (figures.totals(window), figures.steps(window), figures.by_workflow(window))

    assert services.remove() == 5

    assert not left() and not StepAttempt.objects.exists() and not RecordedValue.objects.exists()
    assert (figures.totals(window), figures.steps(window), figures.by_workflow(window)) == before
    assert verify().differences == []
    assert Tally.objects.filter(removed=True, level=4).count() == 2
    Tally.objects.filter(removed=False).update(success=0)
    assert rebuild().differing > 0
    assert (figures.totals(window), figures.steps(window), figures.by_workflow(window)) == before


def test_run_that_is_not_folded_yet_is_folded_as_it_goes(workflow: Workflow) -> None:
    ended(workflow, 31)
    assert TallyEntry.objects.count() == 1

    services.remove()

    assert not TallyEntry.objects.exists()
    assert figures.totals(Window.of("90d", timezone.now())).success == 1
    assert verify().is_exact


class Died(BaseException):
    """The pruner is killed."""


def test_death_in_the_middle_of_a_portion_removes_nothing(workflow: Workflow) -> None:
    ended(workflow, 31)
    with mock.patch.object(removing, "failpoint", side_effect=Died), pytest.raises(Died):
        services.remove()

    assert Run.objects.count() == 1 and words() == []
    assert verify().is_exact
    assert services.remove() == 1


def test_portions_are_transactions_of_their_own(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "PORTION", 2)
    for days in (31, 32, 33, 34, 35):
        ended(workflow, days)

    assert services.remove(limit=3) == 4
    assert services.remove() == 1
    assert [event["removed"] for event in words()] == [2, 2, 1]
    assert verify().is_exact


@pytest.mark.parametrize(("hour", "removed"), [(3, 1), (4, 0)])
def test_nightly_job_works_at_its_hour(workflow: Workflow, hour: int, removed: int, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    ended(workflow, 61)
    night = timezone.now().replace(hour=hour - 1 if timezone.now().month in (11, 12, 1, 2) else hour - 2)
    with mock.patch.object(removing, "stamp", return_value=night):
        removing.nightly()

    assert len(words()) == removed


def test_command_tells_both_and_changes_nothing_when_dry(workflow: Workflow) -> None:
    ended(workflow, 31)
    out = StringIO()
    call_command("runs", "prune", "--dry-run", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["changed"], told["removed"], told["dry_run"]) == (False, 1, True)

    out = StringIO()
    call_command("runs", "prune", "--json", stdout=out)
    told = json.loads(out.getvalue())

    assert (told["changed"], told["removed"], Run.objects.count()) == (True, 1, 0)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A database as the settings make one, with as much as 4,000 rows of text."""
    path = tmp_path / "some.sqlite3"
    make_file(path)
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE big (text)")
        made.executemany("INSERT INTO big VALUES (?)", [["x" * 4000]] * 4000)
        made.commit()
    yield path


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL does so by itself")
def test_disk_gets_back_what_was_removed(file: Path) -> None:
    full = file.stat().st_size
    with closing(sqlite3.connect(file, isolation_level=None)) as own:
        own.execute("DELETE FROM big WHERE rowid % 10 <> 0")
        freed = own.execute("PRAGMA freelist_count").fetchone()[0] * 4096
        with mock.patch("runs.statements.space.connection") as patched:
            patched.vendor = "sqlite"
            patched.cursor.return_value.__enter__.return_value = own.cursor()
            while give_back():
                pass
        own.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    assert freed > 0.8 * full
    assert full - file.stat().st_size >= 0.8 * freed
