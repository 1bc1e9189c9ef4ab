"""The working copy: kept unaudited, one per draft, saved as one version; nobody's work is lost to another's."""

import json

import pytest

from audit.models import AuditEvent
from tests.factories import DEFINITION, make_workflow
from tests.workflows.events import words
from workflows import services
from workflows.files import FileRefused
from workflows.lifecycle import Stale, TransitionRefused, ValueRefused
from workflows.models import Version, Workflow, WorkingCopy
from workflows.services import working

pytestmark = pytest.mark.django_db


def state(workflow):
    return working.working(Workflow.objects.get(pk=workflow.pk))


def text_with(text, name="Leads"):
    step = {"id": "greet", "kind": "set", "values": {"text": text}}
    return json.dumps({**DEFINITION, "name": name, "steps": [step]})


def keep(workflow, text, **options):
    return working.keep(workflow.pk, text, **{"token": state(workflow).token, **options})


def test_keeping_writes_neither_version_nor_history_nor_audit():
    workflow = make_workflow("Leads")
    before = (Version.history.count(), Workflow.history.count(), AuditEvent.objects.count())
    for text in ("One", "Two", "{ no file"):
        kept = keep(workflow, text)
    assert (kept.text, kept.is_kept, kept.is_outdated) == ("{ no file", True, False)
    assert (Version.history.count(), Workflow.history.count(), AuditEvent.objects.count()) == before
    assert WorkingCopy.objects.count() == 1


def test_saving_makes_one_version_and_ends_the_copy():
    workflow = make_workflow("Leads")
    for text in ("A", "B"):
        keep(workflow, text_with(text), note="Politer")
    done = working.commit(workflow.pk, token=state(workflow).token)
    assert (done.changed, done.workflow.draft.number, done.workflow.draft.note) == (True, 2, "Politer")
    assert words(kind="workflow") == ["Version created"]
    assert not state(workflow).is_kept
    keep(workflow, text_with("C"))
    working.commit(workflow.pk, token=state(workflow).token)
    assert words(kind="workflow") == ["Version created", "Version updated"]
    assert '"C"' in state(workflow).text


def test_without_changes_nothing_is_saved():
    workflow = make_workflow("Leads")
    assert not working.commit(workflow.pk, token=state(workflow).token).changed
    keep(workflow, text_with("A"))
    keep(workflow, state(make_workflow("Other")).text.replace("Other", "Leads"))
    assert not state(workflow).is_kept
    assert words(kind="workflow") == []


def test_an_older_state_is_refused_and_says_who_was_quicker():
    workflow = make_workflow("Leads")
    old = state(workflow).token
    keep(workflow, text_with("Theirs"))
    for act in (
        lambda: working.keep(workflow.pk, "Mine", token=old),
        lambda: working.commit(workflow.pk, token=old),
        lambda: working.drop(workflow.pk, token=old),
    ):
        with pytest.raises(Stale, match="changed this draft at"):
            act()
    assert "Theirs" in state(workflow).text


def test_a_draft_changed_by_other_ways_is_asked_about():
    workflow = make_workflow("Leads")
    keep(workflow, text_with("Mine"))
    services.save_draft(workflow.pk, text_with("Theirs"))
    now = state(workflow)
    assert (now.is_kept, now.is_outdated) == (True, True)
    assert "Mine" in keep(workflow, text_with("Mine too")).text
    with pytest.raises(Stale, match="Version created"):
        working.commit(workflow.pk, token=state(workflow).token)
    working.commit(workflow.pk, token=state(workflow).token, over=True)
    assert "Mine too" in Version.objects.get(state="draft").definition


def test_a_page_opened_before_others_saved_is_refused():
    workflow = make_workflow("Leads")
    old = state(workflow).token
    services.save_draft(workflow.pk, text_with("Theirs"))
    with pytest.raises(Stale, match="Version created"):
        working.keep(workflow.pk, text_with("Mine"), token=old)


def test_publishing_elsewhere_leaves_the_copy_as_a_new_draft():
    workflow = make_workflow("Leads")
    services.save_draft(workflow.pk, text_with("A"))
    keep(workflow, text_with("B"))
    services.publish(workflow.pk, accept_warnings=True)
    assert not state(workflow).is_outdated
    done = working.commit(workflow.pk, token=state(workflow).token)
    assert done.workflow.draft.number == 3


def test_undo_takes_back_the_last_act_only():
    workflow = make_workflow("Leads")
    keep(workflow, text_with("A"))
    kept = keep(workflow, text_with("B"), undoable=True)
    assert '"A"' in working.undo(workflow.pk, revision=kept.revision).text
    with pytest.raises(Stale, match="undone"):
        working.undo(workflow.pk, revision=kept.revision)
    kept = keep(workflow, text_with("C"), undoable=True)
    keep(workflow, text_with("D"))
    with pytest.raises(Stale, match="undone"):
        working.undo(workflow.pk, revision=kept.revision)


def test_a_text_that_is_no_file_stays_unsaved():
    workflow = make_workflow("Leads")
    keep(workflow, "{oops")
    with pytest.raises(FileRefused):
        working.commit(workflow.pk, token=state(workflow).token)
    assert state(workflow).text == "{oops"
    assert keep(workflow, "").text == "\n"


def test_dropping_discarding_and_deleting_forget_it():
    workflow = make_workflow("Leads")
    keep(workflow, text_with("A"))
    working.drop(workflow.pk, token=state(workflow).token)
    assert not state(workflow).is_kept
    services.save_draft(workflow.pk, text_with("B"))
    keep(workflow, text_with("C"))
    services.discard_draft(workflow.pk)
    assert not state(workflow).is_kept
    draft = make_workflow("Draft", status="draft")
    keep(draft, "typed")
    services.delete(draft.pk, confirm="Draft")
    assert not WorkingCopy.objects.filter(workflow=draft).exists()


def test_archived_workflows_and_endless_texts_are_refused(settings):
    with pytest.raises(TransitionRefused):
        keep(make_workflow("Old", status="archived"), "x")
    settings.DEFINITION_LIMITS = {"file_bytes": 10}
    with pytest.raises(ValueRefused, match="larger"):
        keep(make_workflow("Leads"), "x" * 11)
