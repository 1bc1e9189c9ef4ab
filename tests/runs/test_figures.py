"""Counts of runs for many workflows at once."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from runs.figures import counts
from tests.factories import make_run, make_workflow
from workflows import figures

pytestmark = pytest.mark.django_db


def test_counts_tell_held_triggers_held_runs_and_runs_under_way() -> None:
    workflow, idle = make_workflow(), make_workflow()
    for changes in (
        {"status": "held"},
        {"status": "held", "started_at": timezone.now()},
        {"status": "running"},
        {"status": "waiting"},
        {"status": "needs_decision"},
        {"status": "pending"},
        {"status": "failed"},
        {"status": "running", "is_test": True},
    ):
        make_run(workflow, **changes)

    assert figures.counts([workflow.pk, idle.pk]) == {
        workflow.pk: {"held": 2, "held_triggers": 1, "in_flight": 3},
        idle.pk: {"held": 0, "held_triggers": 0, "in_flight": 0},
    }


def test_counts_of_many_workflows_are_one_query(django_assert_num_queries) -> None:
    workflows = [make_workflow() for _number in range(5)]
    for workflow in workflows:
        make_run(workflow, status="held")

    with django_assert_num_queries(1):
        found = counts([workflow.pk for workflow in workflows])

    assert len(found) == 5


def test_no_workflows_ask_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert figures.counts([]) == {}


def test_figures_that_nobody_bound_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "_bound", [])

    with pytest.raises(ImproperlyConfigured):
        figures.counts([1])
