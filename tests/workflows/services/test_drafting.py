"""Editing and discarding drafts."""

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
from workflows import files, services
from workflows.files import FileRefused
from workflows.lifecycle import Stale, TransitionRefused
from workflows.models import Version, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def test_save_draft_beside_a_published_version_creates_one() -> None:
    workflow = active()
    before = len(events())

    saved = services.save_draft(workflow.pk, document(steps=other_steps()))

    assert saved.changed
    assert (saved.workflow.published.number, saved.workflow.draft.number) == (1, 2)
    assert saved.workflow.status == "active"
    assert events_after(before) == ["Version created"]


def test_save_draft_updates_the_draft_that_stands() -> None:
    workflow = imported()
    before = len(events())

    services.save_draft(workflow.pk, document(steps=other_steps()))

    version = Version.objects.get()
    assert (version.number, files.document_of(version)["steps"]) == (1, other_steps())
    assert events_after(before) == ["Version updated"]
    assert version.history.count() == 2


@pytest.mark.parametrize("make", [imported, active])
def test_save_draft_of_what_stands_changes_nothing(make) -> None:
    workflow = make()
    before, revision = len(events()), Workflow.objects.get().revision

    saved = services.save_draft(workflow.pk, json.dumps(document()))

    workflow.refresh_from_db()
    assert (saved.changed, workflow.revision) == (False, revision)
    assert events_after(before) == []


def test_save_draft_that_differs_in_ignored_fields_alone_changes_nothing() -> None:
    workflow = imported()

    saved = services.save_draft(workflow.pk, document("Other name"))

    assert not saved.changed
    assert [finding.code for finding in saved.figures["findings"]] == ["ignored_field"]


def test_save_draft_with_an_old_revision_is_refused_and_told_what_changed() -> None:
    workflow = imported()
    seen = workflow.revision
    services.save_draft(workflow.pk, document(steps=other_steps("first")), revision=seen)

    with pytest.raises(Stale) as refused:
        services.save_draft(workflow.pk, document(steps=other_steps("second")), revision=seen)

    assert "Version updated" in refused.value.message
    assert files.document_of(Version.objects.get())["steps"] == other_steps("first")


def test_save_draft_repeated_with_the_old_revision_does_nothing() -> None:
    workflow = imported()
    services.save_draft(workflow.pk, document(steps=other_steps()), revision=workflow.revision)

    assert not services.save_draft(
        workflow.pk, document(steps=other_steps()), revision=workflow.revision
    ).changed


def test_save_draft_refuses_what_has_no_shape_and_keeps_the_draft() -> None:
    workflow = imported()

    with pytest.raises(FileRefused):
        services.save_draft(workflow.pk, document(odd=True))

    assert files.document_of(Version.objects.get()) == document()


def test_save_draft_stores_what_is_incomplete() -> None:
    workflow = imported()

    services.save_draft(workflow.pk, document(triggers=[], steps=[]))

    assert files.document_of(Version.objects.get())["steps"] == []


def test_save_draft_refuses_a_file_of_several_workflows() -> None:
    workflow = imported()
    text = json.dumps({"format": "signalbox/1", "workflows": [document(), document("Two")]})

    with pytest.raises(FileRefused) as refused:
        services.save_draft(workflow.pk, text)

    assert [finding["code"] for finding in refused.value.findings] == ["several_workflows"]


def test_an_archived_workflow_cannot_be_edited() -> None:
    workflow = imported()
    services.archive(workflow.pk)

    with pytest.raises(TransitionRefused):
        services.save_draft(workflow.pk, document(steps=other_steps()))


def test_save_draft_never_touches_what_is_live() -> None:
    workflow = active()

    services.save_draft(workflow.pk, document(triggers=[TRIGGERS[0]]))

    rows = {row.trigger_id: row.is_live for row in workflow.triggers.all()}
    assert rows == {"captured": True, "by_hand": True, "form": False}


def test_discard_draft_deletes_the_version_and_says_so() -> None:
    workflow = active()
    services.save_draft(workflow.pk, document(steps=other_steps()))
    before = len(events())

    done = services.discard_draft(workflow.pk)

    workflow.refresh_from_db()
    assert done.changed
    assert workflow.draft is None
    assert list(workflow.versions.values_list("number", "state")) == [(1, "published")]
    assert events_after(before) == ["Version deleted"]
    assert '"draft_version":2' in newest_event().before


def test_discard_draft_twice_does_nothing() -> None:
    workflow = active()
    services.save_draft(workflow.pk, document(steps=other_steps()))
    services.discard_draft(workflow.pk)
    before = len(events())

    done = services.discard_draft(workflow.pk)

    assert (done.changed, done.message) == (False, "Nothing to do: there is no draft.")
    assert events_after(before) == []


def test_discard_draft_of_a_workflow_never_published_is_refused() -> None:
    workflow = imported()

    with pytest.raises(TransitionRefused):
        services.discard_draft(workflow.pk)


def test_numbers_of_discarded_drafts_are_not_used_again() -> None:
    workflow = active()
    services.save_draft(workflow.pk, document(steps=other_steps()))
    services.discard_draft(workflow.pk)

    saved = services.save_draft(workflow.pk, document(steps=other_steps("again")))

    assert saved.workflow.draft.number == 3


def test_discard_draft_keeps_ended_test_runs_without_their_version() -> None:
    workflow = active()
    draft = services.save_draft(workflow.pk, document(steps=other_steps())).workflow.draft
    run = make_run(workflow, version=draft, is_test=True, status="success", due_at=None)

    services.discard_draft(workflow.pk)

    run.refresh_from_db()
    assert (run.status, run.version) == ("success", None)


def test_discard_draft_is_refused_while_a_test_of_it_is_under_way() -> None:
    workflow = active()
    draft = services.save_draft(workflow.pk, document(steps=other_steps())).workflow.draft
    make_run(workflow, version=draft, is_test=True, status="running")

    with pytest.raises(services.DraftInUse) as refused:
        services.discard_draft(workflow.pk)

    assert refused.value.code == "draft_in_use"
    assert Version.objects.filter(pk=draft.pk).exists()
