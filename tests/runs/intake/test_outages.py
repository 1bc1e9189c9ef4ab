"""What was missed, and schedules that fail."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from runs.intake import firing, punctual
from runs.intake.schedules import arm, fire_due, missed_ticks, upcoming
from runs.models import Run, Schedule, Tick
from tests.factories import make_run
from tests.runs.intake.scheduled import MINUTE, START, fire_all, rename, scheduled, told
from workflows.models import Notice, NoticeKind, Status, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


class TestOutage:
    def test_newest_missed_within_catch_up_runs_once_and_older_ones_are_skipped(self) -> None:
        scheduled(cron="*/10 * * * *", catch_up="PT1H")
        now = START + 55 * MINUTE
        assert fire_all(now) == 5
        assert told() == [(n, "skipped", "outage") for n in (10, 20, 30, 40)] + [(50, "pending", "")]
        assert set(Run.objects.filter(status="skipped").values_list("ended_at", flat=True)) == {now}

    def test_beyond_catch_up_nothing_runs(self) -> None:
        workflow = scheduled(cron="0 * * * *", catch_up="PT30M")
        fire_all(START + 100 * MINUTE)
        assert told() == [(60, "skipped", "outage")]
        assert upcoming(workflow) == {"tick": START + 120 * MINUTE}

    def test_at_most_one_runs_though_the_newest_is_on_time(self) -> None:
        scheduled(catch_up="PT1H")
        fire_all(START + 3 * MINUTE + timedelta(seconds=5))
        assert told() == [(1, "skipped", "outage"), (2, "skipped", "outage"), (3, "pending", "")]

    @pytest.mark.parametrize(("seconds", "status"), [(60, "pending"), (61, "skipped")])
    def test_late_means_more_than_a_minute(self, seconds: int, status: str) -> None:
        scheduled(cron="0 * * * *", catch_up="PT1S")
        fire_all(START + 60 * MINUTE + timedelta(seconds=seconds))
        assert [run[1] for run in told()] == [status]

    def test_missed_run_obeys_the_overlap_rule(self) -> None:
        workflow = scheduled(cron="*/10 * * * *")
        make_run(workflow, status="running", trigger_kind="schedule", trigger_id="tick", received_at=START)
        fire_all(START + 15 * MINUTE)
        assert told()[1:] == [(10, "skipped", "overlap")]

    def test_long_outage_is_recorded_in_portions_without_holes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(firing, "TICKS_AT_ONCE", 7)
        scheduled(overlap="allow")
        now = START + 30 * MINUTE
        assert (fire_due(now), Run.objects.count()) == (7, 7)
        assert fire_all(now) == 23
        assert told() == [(n, "skipped", "outage") for n in range(1, 30)] + [(30, "pending", "")]
        assert Tick.objects.count() == 30

    def test_portion_that_ends_with_the_newest_runs_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(firing, "TICKS_AT_ONCE", 3)
        scheduled()
        assert fire_due(START + 3 * MINUTE) == 3
        assert told()[-1] == (3, "pending", "")


class TestFailures:
    def broken(self, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
        self.refuse(monkeypatch, firing, "start", lambda trigger, *_: trigger.workflow_id, error)
        self.refuse(monkeypatch, punctual, "enter", lambda standing, *_: standing.workflow_pk, error)

    def refuse(
        self,
        monkeypatch: pytest.MonkeyPatch,
        module: Any,
        name: str,
        pk_of: Callable[..., int],
        error: Exception,
    ) -> None:
        """One of the two ways in raises for the workflow that is called Broken."""
        real = getattr(module, name)

        def enter(*given: Any) -> Any:
            if Workflow.objects.get(pk=pk_of(*given)).name == "Broken":
                raise error
            return real(*given)

        monkeypatch.setattr(module, name, enter)

    def test_failing_schedule_is_set_aside_at_the_third_time_and_others_go_on(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.broken(monkeypatch, ValueError("no"))
        bad, good = scheduled(overlap="allow"), scheduled(overlap="allow")
        rename(bad, "Broken")
        for number in range(1, 5):
            fire_due(START + number * MINUTE)
        row = Schedule.objects.get(trigger__workflow=bad)
        assert (row.failures, "ValueError" in row.set_aside) == (3, True)
        assert Run.objects.filter(workflow=bad).count() == 0
        assert Run.objects.filter(workflow=good).count() == 4
        notice = Notice.objects.get(kind=NoticeKind.SCHEDULE_SET_ASIDE, closed_at=None)
        assert notice.title == "Broken: schedule tick was set aside"
        arm(Workflow.objects.get(pk=bad.pk), START + 10 * MINUTE)
        assert not Notice.objects.filter(closed_at=None).exists()

    def test_success_starts_the_count_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patched:
            self.broken(patched, ValueError("no"))
            workflow = rename(scheduled(overlap="allow"), "Broken")
            for _ in range(2):
                fire_due(START + MINUTE)
        assert fire_due(START + MINUTE) == 1
        row = Schedule.objects.get(trigger__workflow=workflow)
        assert (row.failures, row.set_aside) == (0, "")

    def test_unreachable_database_sets_nothing_aside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.broken(monkeypatch, OperationalError("gone"))
        rename(scheduled(), "Broken")
        for _ in range(4):
            with pytest.raises(OperationalError):
                fire_due(START + MINUTE)
        assert Schedule.objects.get().failures == 0


def test_pause_with_backlog_names_the_pause_and_what_was_missed_before_it_the_outage() -> None:
    workflow = scheduled(status=Status.PAUSED)
    workflow.paused_at = START + 2 * MINUTE
    workflow.save()
    fire_all(START + 4 * MINUTE)
    assert told() == [(1, "skipped", "outage")] + [(number, "skipped", "paused") for number in (2, 3, 4)]


def test_outage_before_a_pause_is_no_missed_tick_of_it() -> None:
    workflow = scheduled(status=Status.PAUSED, cron="0 * * * *")
    workflow.paused_at = START + 100 * MINUTE
    workflow.save()
    fire_all(START + 110 * MINUTE)
    assert told() == [(60, "skipped", "outage")]
    assert missed_ticks(workflow) == 0


def test_what_an_outage_left_behind_never_delays_what_is_due_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firing, "ENOUGH", 10)
    monkeypatch.setattr(firing, "TICKS_AT_ONCE", 10)
    now = START + 2000 * MINUTE
    for _ in range(3):
        scheduled()
    punctual = [scheduled(armed_at=now - MINUTE) for _ in range(3)]
    fire_due(now)
    assert Run.objects.filter(workflow__in=punctual, status="pending").count() == 3
    # Nor does what is due now keep the others waiting for ever.
    assert Run.objects.exclude(workflow__in=punctual).exists()


def test_missed_ticks_are_written_many_at_a_time(django_assert_max_num_queries: Any) -> None:
    workflow = scheduled(overlap="allow")
    with django_assert_max_num_queries(30):
        fire_due(START + 300 * MINUTE)
    assert upcoming(workflow) == {"tick": START + 301 * MINUTE}
    assert Run.objects.count() == 300


def test_call_ends_after_enough_so_that_other_duties_get_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firing, "ENOUGH", 10)
    for _ in range(3):
        scheduled()
    now = START + 6 * MINUTE
    assert (fire_due(now), fire_due(now), fire_due(now)) == (12, 6, 0)


def test_schedule_of_an_archived_workflow_is_let_go_at_its_next_tick() -> None:
    workflow = scheduled(status=Status.PAUSED)
    archive(workflow)
    fire_due(START + MINUTE)
    fire_due(START + 2 * MINUTE)
    assert told() == [(1, "skipped", "not running")]
    assert upcoming(workflow) == {}


def archive(workflow: Workflow) -> None:
    """As the verbs do, one after the other."""
    for status in (Status.NOT_RUNNING, Status.ARCHIVED):
        workflow.status = status
        workflow.save()
