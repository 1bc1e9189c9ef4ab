"""Cloning, and the names that clones get."""

import json

import pytest

from audit.models import AuditEvent
from tests.factories import make_scope, workspace
from tests.workflows.services.material import (
    TRIGGERS,
    active,
    document,
    events,
    events_after,
    imported,
    other_steps,
)
from workflows import files, services
from workflows.lifecycle import ValueRefused
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def test_clone_copies_definition_description_and_tags_alone() -> None:
    source = active(description="d", tags=["t"])

    copy = services.clone(source.pk).workflow

    assert (copy.name, copy.status, copy.description, copy.tags) == ("Copy of Lead", "draft", "d", ["t"])
    assert (copy.draft.number, copy.published, copy.first_started_at, copy.last_run_at) == (
        1,
        None,
        None,
        None,
    )
    assert files.document_of(copy.draft)["steps"] == document()["steps"]
    assert files.export_document(copy, copy.draft)["name"] == "Copy of Lead"


def test_clone_has_addresses_of_its_own_and_no_secret() -> None:
    source = imported(triggers=TRIGGERS)
    services.rotate_trigger_secret(source.pk, "form", value="a-secret-text")

    copy = services.clone(source.pk).workflow

    theirs, ours = source.triggers.get(trigger_id="form"), copy.triggers.get(trigger_id="form")
    assert ours.address != theirs.address
    assert (ours.secret, ours.is_live) == ("", False)


def test_clone_takes_the_newest_definition() -> None:
    source = active()
    services.save_draft(source.pk, document(steps=other_steps()))

    copy = services.clone(source.pk).workflow

    assert files.document_of(copy.draft)["steps"] == other_steps()


def test_clone_leaves_two_events_and_the_source_as_it_was() -> None:
    source = active()
    before, revision = len(events()), Workflow.objects.get().revision

    copy = services.clone(source.pk).workflow

    source.refresh_from_db()
    event = AuditEvent.objects.get(event="Workflow cloned")
    assert events_after(before) == ["Workflow cloned", "Version created"]
    assert (event.subject_id, json.loads(event.after)["cloned_from_id"]) == (str(copy.pk), source.pk)
    assert (source.revision, source.status) == (revision, "active")


@pytest.mark.parametrize("status", ["draft", "active", "paused", "not_running", "archived"])
def test_clone_is_possible_in_every_status(status: str) -> None:
    source = imported() if status == "draft" else active()
    if status == "paused":
        services.pause(source.pk, reason="maintenance")
    if status in ("not_running", "archived"):
        services.stop(source.pk, reason="maintenance", archive=status == "archived")

    assert services.clone(source.pk).workflow.status == "draft"
    source.refresh_from_db()
    assert source.status == status


def test_clone_suggests_the_next_free_name() -> None:
    source = imported()

    names = [services.clone(source.pk).workflow.name for _number in range(3)]

    assert names == ["Copy of Lead", "Copy of Lead (2)", "Copy of Lead (3)"]


def test_clone_cuts_the_suggested_name_to_fifty() -> None:
    source = imported("x" * 50)

    first, second = (services.clone(source.pk).workflow.name for _number in range(2))

    assert first == "Copy of " + "x" * 42
    assert second == "Copy of " + "x" * 38 + " (2)"
    assert (len(first), len(second)) == (50, 50)


def test_clone_into_another_scope_has_its_names() -> None:
    hub = make_scope("hub:sydney")
    source = imported()
    services.clone(source.pk)

    copy = services.clone(source.pk, scope=hub).workflow

    assert (copy.name, copy.scope) == ("Copy of Lead", hub)


def test_clone_with_a_name_takes_it() -> None:
    assert services.clone(imported().pk, name="Fresh").workflow.name == "Fresh"


@pytest.mark.parametrize(
    ("name", "code"), [("Lead", "name_taken"), ("x" * 51, "name_too_long"), ("", "name_empty")]
)
def test_clone_refuses_a_bad_name(name: str, code: str) -> None:
    source = imported()
    before = len(events())

    with pytest.raises(ValueRefused) as refused:
        services.clone(source.pk, name=name)

    assert [(finding["path"], finding["code"]) for finding in refused.value.findings] == [("name", code)]
    assert Workflow.objects.count() == 1
    assert events_after(before) == []
