"""The First day panel: bounded to 24 hours from the last start, exact, and its spikes by the rule."""

from datetime import timedelta

import pytest
from django.utils import timezone

from runs.first_day import MOST, first_day
from runs.first_day_chart import chart_of
from runs.models import Run, StepAttempt
from tests.factories import make_run, make_user, make_workflow
from tests.runs.views.pages import client_of, text_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def begun(hours=5.5, **changes):
    return make_workflow("Leads", started_at=timezone.now() - hours * HOUR, **changes)


def fill(workflow, hour, count, **changes):
    at = workflow.started_at + (hour + 0.2) * HOUR
    values = {"status": "success", "trigger_kind": "webhook", "trigger_id": "hook", **changes}
    return [make_run(workflow, received_at=at, **values) for _ in range(count)]


def test_counts_by_hour_and_trigger():
    workflow = begun()
    fill(workflow, 0, 3)
    fill(workflow, 0, 1, status="failed")
    fill(workflow, 2, 2, trigger_kind="event", trigger_id="listens")
    fill(workflow, 2, 2, status="held", reason="launch")
    fill(workflow, 3, 1, status="skipped")
    fill(workflow, 1, 5, is_test=True)
    fill(workflow, -1, 7)

    day = first_day(workflow)

    assert [hour.runs for hour in day.hours[:6]] == [4, 0, 2, 0, 0, 0]
    assert (day.runs, day.failed) == (6, 1)
    assert [(one.trigger_id, one.count, one.ran, one.held, one.skipped) for one in day.triggers] == [
        ("hook", 7, 4, 2, 1),
        ("listens", 2, 2, 0, 0),
    ]
    assert [(hour.has_begun, hour.is_over) for hour in day.hours[4:7]] == [
        (True, True),
        (True, False),
        (False, False),
    ]


@pytest.mark.parametrize(
    ("before", "count", "is_spike"),
    [
        ([6, 6, 7], 19, False),
        ([6, 6, 7], 20, True),
        ([7, 7, 7], 21, False),
        ([7, 7, 7], 22, True),
        ([0, 0], 20, True),
    ],
)
def test_spike_is_over_three_times_the_median_and_at_least_twenty(before, count, is_spike):
    workflow = begun()
    for hour, earlier in enumerate(before):
        fill(workflow, hour, earlier)
    fill(workflow, len(before), count)
    assert first_day(workflow).hours[len(before)].is_spike is is_spike


def test_first_hour_is_never_a_spike():
    workflow = begun()
    fill(workflow, 0, 50)
    assert first_day(workflow).spikes == []


def test_steps_that_acted_outside_simulated_ones_left_out():
    workflow = begun()
    run, other = fill(workflow, 0, 2)
    for at, status, extra in (
        (run, "success", {}),
        (other, "failed", {}),
        (other, "success", {"number": 2, "is_simulated": True}),
    ):
        StepAttempt.objects.create(
            run=at, step_id="mail", kind="send_email", status=status, started_at=timezone.now(), **extra
        )
    StepAttempt.objects.create(
        run=run, step_id="lead", kind="set", status="success", started_at=timezone.now()
    )
    assert [(step.step_id, step.done, step.failed) for step in first_day(workflow).steps] == [("mail", 1, 1)]


@pytest.mark.parametrize("hours", [24.01, 100])
def test_panel_ends_after_a_day(hours):
    assert first_day(begun(hours)) is None


def test_no_panel_before_the_first_start():
    assert first_day(make_workflow(status="draft")) is None


def test_each_bar_leads_to_exactly_the_runs_it_counts():
    workflow, client = begun(), client_of(make_user("viewer"))
    fill(workflow, 1, 4)
    fill(workflow, 1, 2, status="skipped")
    fill(workflow, 2, 3)
    bars = [bar for bar in chart_of(first_day(workflow), workflow).bars if bar.href]
    assert [bar.hour.runs for bar in bars] == [4, 3]
    for bar in bars:
        assert text_of(client.get(bar.href)).count("data-row") == bar.hour.runs


def test_what_is_read_is_bounded_and_said(monkeypatch):
    monkeypatch.setattr("runs.first_day.MOST", 5)
    workflow = begun()
    fill(workflow, 0, 6)
    assert MOST == 10_000
    day = first_day(workflow)
    assert (day.runs, day.is_cut) == (5, True)


def test_panel_asks_the_same_queries_for_one_run_and_for_fifty(django_assert_num_queries):
    workflow = begun()
    for count in (1, 49):
        fill(workflow, 0, count)
        with django_assert_num_queries(3):
            day = first_day(workflow)
        assert day.runs == Run.objects.count()


def test_page_shows_the_panel_its_table_and_its_file():
    workflow, client = begun(), client_of(make_user("viewer"))
    fill(workflow, 0, 2)
    fill(workflow, 4, 25, status="failed")
    page = text_of(client.get(f"/automations/workflows/{workflow.pk}/"))
    assert "27 runs since the start, 25 failed, 1 spike." in page
    assert "1 hour with more than three times the usual runs." in page
    file = client.get(f"/automations/workflows/{workflow.pk}/first-day.csv").content.decode().splitlines()
    assert file[0] == "from,to,runs,failed,spike"
    assert file[5].endswith("Z,25,25,1")
    workflow.started_at = None
    workflow.save()
    assert client.get(f"/automations/workflows/{workflow.pk}/first-day.csv").status_code == 404
