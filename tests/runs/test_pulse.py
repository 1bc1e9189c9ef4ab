"""What moves on a workflow's page."""

import pytest
from django.utils import timezone

from runs import pulse
from runs.models import Release, Run
from tests.factories import make_run, make_workflow
from workflows import queries

pytestmark = pytest.mark.django_db


def pulsing(workflow):
    return pulse.with_pulse(queries.everything()).get(pk=workflow.pk)


def test_open_runs_are_counted_by_status():
    workflow, other = make_workflow(), make_workflow()
    for status in ("held", "held", "running", "success"):
        make_run(workflow, status=status)
    make_run(other, status="pending")
    found = pulsing(workflow)
    assert found.open_runs == "held:2,running:1"
    assert found.newest_run == Run.objects.filter(workflow=workflow).latest("id").pk


def test_a_quiet_workflow_does_not_poll():
    workflow = make_workflow()
    make_run(workflow, status="success", ended_at=timezone.now())
    assert pulse.seconds_between_polls(pulsing(workflow)) == 0


@pytest.mark.parametrize(("changes", "seconds"), [({}, 5), ({"is_draining": True}, 2)])
def test_polls_are_quicker_while_something_is_under_way(changes, seconds):
    workflow = make_workflow(**changes)
    make_run(workflow, status="running")
    assert pulse.seconds_between_polls(pulsing(workflow)) == seconds


def test_a_running_release_is_told_and_an_ended_one_is_not():
    workflow, now = make_workflow(), timezone.now()
    Release.objects.create(workflow=workflow, pace=60, total=9, released=9, started_at=now, ended_at=now)
    assert not pulsing(workflow).releasing
    Release.objects.create(workflow=workflow, pace=60, total=40, released=12, started_at=now)
    assert pulsing(workflow).releasing == "12/40"
    assert pulse.seconds_between_polls(pulsing(workflow)) == 2


def test_the_mark_moves_with_each_thing_that_is_shown():
    workflow = make_workflow()
    marks = [pulse.mark_of(pulsing(workflow))]

    def note():
        marks.append(pulse.mark_of(pulsing(workflow)))

    run = make_run(workflow, status="pending")
    note()
    Run.objects.filter(pk=run.pk).update(status="running")
    note()
    Run.objects.filter(pk=run.pk).update(status="success", ended_at=timezone.now())
    note()
    job = Release.objects.create(workflow=workflow, pace=60, total=2, started_at=timezone.now())
    note()
    Release.objects.filter(pk=job.pk).update(released=1)
    note()
    workflow.revision += 1
    workflow.save()
    note()
    assert len(set(marks)) == len(marks) == 7
    assert pulse.mark_of(pulsing(workflow)) == marks[-1]
