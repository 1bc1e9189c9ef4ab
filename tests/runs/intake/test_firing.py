"""Each due instant leaves exactly one occurrence."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from runs.intake import firing, ticks
from runs.intake.schedules import arm, fire_due, upcoming
from runs.models import Run, Schedule, Tick
from tests.factories import make_run
from tests.runs.intake.material import make_triggered
from workflows.models import Status, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def scheduled(*, armed_at: datetime = START, status: str = Status.ACTIVE, **fields: Any) -> Workflow:
    rule = {"id": "tick", "kind": "schedule", **fields}
    if not {"cron", "every"} & set(fields):
        rule["every"] = "PT1M"
    workflow = make_triggered(rule, status=status)
    arm(workflow, armed_at)
    return workflow


def told() -> list[tuple[int, str, str]]:
    """What became of each due instant: minutes after the start, status, reason."""
    runs = Run.objects.order_by("received_at").values_list("received_at", "status", "reason")
    return [(round((at - START) / MINUTE), status, reason) for at, status, reason in runs]


def fire_all(now: datetime) -> int:
    """As the scheduler does: until nothing is left."""
    total = 0
    while count := fire_due(now):
        total += count
    return total


def test_nothing_is_fired_before_it_is_due() -> None:
    workflow = scheduled()
    assert fire_due(START + MINUTE - timedelta(microseconds=1)) == 0
    assert (Run.objects.count(), upcoming(workflow)) == (0, {"tick": START + MINUTE})


def test_due_instant_starts_one_run_and_moves_on() -> None:
    workflow = scheduled()
    now = START + MINUTE + timedelta(seconds=1)
    assert (fire_due(now), fire_due(now)) == (1, 0)
    run = Run.objects.get()
    assert (run.status, run.trigger_kind, run.trigger_id) == ("pending", "schedule", "tick")
    assert (run.received_at, run.due_at, run.version) == (START + MINUTE, START + MINUTE, workflow.published)
    assert json.loads(run.input)["data"] == {"due_at": "2026-03-01T12:01:00.000000Z"}
    assert upcoming(workflow) == {"tick": START + 2 * MINUTE}
    tick = Tick.objects.get()
    assert (tick.due_at, tick.run_id) == (START + MINUTE, run.pk)


def test_interval_keeps_its_phase_however_late_it_is_fired() -> None:
    workflow = scheduled(overlap="allow")
    for number in range(1, 5):
        fire_due(START + number * MINUTE + timedelta(seconds=7 * number))
    assert told() == [(number, "pending", "") for number in range(1, 5)]
    assert upcoming(workflow) == {"tick": START + 5 * MINUTE}


@pytest.mark.parametrize(("overlap", "second"), [
    ("skip", ("skipped", "overlap")), ("queue", ("pending", "")), ("allow", ("pending", "")),
])  # fmt: skip
def test_overlap_rule_decides_while_the_run_before_is_open(overlap: str, second: tuple[str, str]) -> None:
    scheduled(overlap=overlap)
    fire_due(START + MINUTE)
    fire_due(START + 2 * MINUTE)
    assert told() == [(1, "pending", ""), (2, *second)]


@pytest.mark.parametrize("changes", [
    {"status": "success", "trigger_kind": "schedule", "trigger_id": "tick"},
    {"status": "running", "trigger_kind": "schedule", "trigger_id": "other"},
    {"status": "running", "trigger_kind": "manual", "trigger_id": "tick"},
    {"status": "running", "trigger_kind": "schedule", "trigger_id": "tick", "is_test": True},
])  # fmt: skip
def test_only_open_runs_of_this_trigger_overlap(changes: dict[str, Any]) -> None:
    make_run(scheduled(), **changes)
    fire_due(START + MINUTE)
    assert Tick.objects.get().run_id == Run.objects.get(status="pending").pk


@pytest.mark.parametrize("status", ["waiting", "held", "needs_decision", "running"])
def test_open_means_not_closed(status: str) -> None:
    make_run(scheduled(), status=status, trigger_kind="schedule", trigger_id="tick")
    fire_due(START + MINUTE)
    assert Run.objects.get(status="skipped").reason == "overlap"


def test_paused_workflow_records_each_tick_as_skipped() -> None:
    workflow = scheduled(status=Status.PAUSED)
    for number in (1, 2):
        fire_due(START + number * MINUTE)
    assert told() == [(1, "skipped", "paused"), (2, "skipped", "paused")]
    workflow.refresh_from_db()
    assert workflow.last_run_at is None


def test_pause_with_backlog_names_the_pause() -> None:
    scheduled(status=Status.PAUSED)
    fire_all(START + 3 * MINUTE)
    assert told() == [(number, "skipped", "paused") for number in (1, 2, 3)]


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


def test_clock_change_leaves_one_occurrence_for_each_due_time() -> None:
    """Berlin, 29 March 2026: 02:30 does not exist; 25 October: 02:30 comes twice."""
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
    rule = {"cron": "30 2 * * *", "timezone": "Europe/Berlin", "overlap": "allow"}
    scheduled(armed_at=spring, **rule)
    for day in range(3):
        fire_due(datetime(2026, 3, 29 + day, 1, 0, tzinfo=UTC))
    assert list(Run.objects.order_by("received_at").values_list("received_at", flat=True)) == [
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 31, 0, 30, tzinfo=UTC),
    ]
    Schedule.objects.all().delete()
    Run.objects.all().delete()
    scheduled(armed_at=autumn, **rule)
    for hours in range(12, 40):
        fire_due(autumn + timedelta(hours=hours, minutes=31))
    assert list(Run.objects.order_by("received_at").values_list("received_at", flat=True)) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ]


def test_tick_that_was_recorded_is_not_recorded_again() -> None:
    scheduled(overlap="allow")
    fire_due(START + MINUTE)
    Schedule.objects.update(next_at=START + MINUTE)
    assert fire_due(START + 2 * MINUTE) == 1
    assert told() == [(1, "pending", ""), (2, "pending", "")]


def test_longest_overdue_goes_first_and_the_limit_holds() -> None:
    late, later = scheduled(cron="5 12 * * *"), scheduled(cron="4 12 * * *")
    assert fire_due(START + 5 * MINUTE, limit=1) == 1
    assert Run.objects.get().workflow_id == later.pk
    assert fire_due(START + 5 * MINUTE, limit=1) == 1
    assert Run.objects.filter(workflow=late).count() == 1


def test_schedule_without_further_time_comes_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = scheduled(cron="5 12 1 3 *")
    monkeypatch.setattr(ticks.Timetable, "next_after", lambda *_args, **_names: None)
    assert fire_due(START + 5 * MINUTE) == 1
    assert (upcoming(workflow), fire_due(START + 99 * MINUTE)) == ({}, 0)


class TestFailures:
    def broken(self, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
        real = firing.start

        def start(trigger: Any, pk: int, occurrence: Any) -> Any:
            if trigger.workflow.name == "Broken":
                raise error
            return real(trigger, pk, occurrence)

        monkeypatch.setattr(firing, "start", start)

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


def rename(workflow: Workflow, name: str) -> Workflow:
    workflow.name = name
    workflow.save()
    return workflow


def test_missed_ticks_are_written_many_at_a_time(django_assert_max_num_queries: Any) -> None:
    workflow = scheduled(overlap="allow")
    with django_assert_max_num_queries(30):
        fire_due(START + 300 * MINUTE)
    assert upcoming(workflow) == {"tick": START + 301 * MINUTE}
    assert Run.objects.count() == 300
