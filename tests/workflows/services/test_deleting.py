"""Deleting: a tombstone remains."""

import json

import pytest

from tests.factories import make_run, workspace
from tests.workflows.services.material import (
    TRIGGERS,
    active,
    document,
    events,
    events_after,
    imported,
    newest_event,
    other_steps,
)
from workflows import services
from workflows.lifecycle import TransitionRefused, ValueRefused
from workflows.models import Trigger, Version, Workflow
from workflows.services.acting import WorkflowGone

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def test_delete_a_draft_leaves_a_tombstone() -> None:
    workflow = imported(triggers=TRIGGERS)
    before = len(events())

    done = services.delete(workflow.pk, confirm="Lead")

    workflow.refresh_from_db()
    assert done.changed
    assert workflow.deleted_at is not None
    assert not Workflow.objects.standing().exists()
    assert not Version.objects.exists()
    assert not Trigger.objects.exists()
    assert events_after(before) == ["Workflow deleted"]
    assert (newest_event().subject_label, newest_event().subject_id) == ("Lead", str(workflow.pk))


def test_delete_an_archived_workflow_keeps_runs_and_published_versions() -> None:
    workflow = active()
    services.save_draft(workflow.pk, document(steps=other_steps()))
    run = make_run(workflow, status="success", due_at=None)
    services.stop(workflow.pk, reason="not needed", archive=True)

    services.delete(workflow.pk, confirm="Lead")

    run.refresh_from_db()
    assert run.version.number == 1
    assert list(Version.objects.values_list("number", flat=True)) == [1]
    assert not Trigger.objects.exists()


@pytest.mark.parametrize("typed", ["", "lead", "Lead!", "Copy of Lead"])
def test_delete_needs_the_exact_name(typed: str) -> None:
    workflow = imported()
    before = len(events())

    with pytest.raises(ValueRefused) as refused:
        services.delete(workflow.pk, confirm=typed)

    assert [(finding["path"], finding["code"]) for finding in refused.value.findings] == [
        ("confirm", "confirmation_differs")
    ]
    assert Workflow.objects.standing().exists()
    assert events_after(before) == []


@pytest.mark.parametrize("status", ["active", "paused", "not_running"])
def test_delete_is_refused_in_other_statuses(status: str) -> None:
    workflow = active()
    if status == "paused":
        services.pause(workflow.pk, reason="maintenance")
    if status == "not_running":
        services.stop(workflow.pk, reason="maintenance")

    with pytest.raises(TransitionRefused):
        services.delete(workflow.pk, confirm="Lead")

    assert Workflow.objects.standing().filter(status=status).exists()


def test_delete_twice_does_nothing() -> None:
    workflow = imported()
    services.delete(workflow.pk, confirm="Lead")
    before = len(events())

    done = services.delete(workflow.pk, confirm="Lead")

    assert (done.changed, done.message) == (False, "Nothing to do: it is deleted already.")
    assert events_after(before) == []


def test_other_verbs_do_not_find_a_deleted_workflow() -> None:
    workflow = imported()
    services.delete(workflow.pk, confirm="Lead")

    with pytest.raises(WorkflowGone):
        services.run(workflow.pk, accept_warnings=True)
    with pytest.raises(WorkflowGone):
        services.rename(workflow.pk, name="New")


def test_delete_tells_which_draft_went() -> None:
    workflow = imported()

    services.delete(workflow.pk, confirm="Lead")

    assert json.loads(newest_event().after)["deleted_draft"] == 1


def test_delete_keeps_the_draft_that_a_test_executes() -> None:
    workflow = imported()
    run = make_run(workflow, version=workflow.draft, is_test=True, status="running")

    services.delete(workflow.pk, confirm="Lead")

    run.refresh_from_db()
    assert (run.version, run.wish) == (workflow.draft, "cancel")
    assert not Workflow.objects.standing().exists()
