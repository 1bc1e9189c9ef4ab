"""Import into an existing workflow."""

import json

import pytest

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
from workflows.lifecycle import Stale, TransitionRefused, ValueRefused
from workflows.models import Version
from workflows.services.acting import WorkflowGone

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def places(refusal: ValueRefused) -> list[tuple[str, str]]:
    return [(finding["path"], finding["code"]) for finding in refusal.findings]


def several(*documents: dict) -> str:
    return json.dumps({"format": "signalbox/1", "workflows": list(documents)})


def test_import_into_an_active_workflow_makes_a_draft_and_leaves_the_status() -> None:
    workflow = active()
    before = len(events())

    done = services.import_file(json.dumps(document(steps=other_steps())), into=workflow.pk)

    workflow.refresh_from_db()
    assert done.changed
    assert (workflow.status, workflow.published.number, workflow.draft.number) == ("active", 1, 2)
    assert events_after(before) == ["Version created"]


def test_import_into_ignores_the_fields_of_the_workflow_and_says_so() -> None:
    workflow = active(tags=["leads"])
    make_scope("hub:sydney")

    done = services.import_file(
        json.dumps(document("Other", description="new", tags=["x"], scope="hub:sydney")), into=workflow.pk
    )

    workflow.refresh_from_db()
    assert [(finding.code, finding.path) for finding in done.findings] == [
        ("ignored_field", "name"),
        ("ignored_field", "description"),
        ("ignored_field", "scope"),
        ("ignored_field", "tags"),
    ]
    assert (workflow.name, workflow.description, workflow.tags, workflow.scope.ref) == (
        "Lead",
        "",
        ["leads"],
        "workspace",
    )


def test_import_into_without_differing_fields_says_nothing() -> None:
    workflow = active()

    done = services.import_file(json.dumps(document(steps=other_steps())), into=workflow.pk)

    assert done.findings == []


def test_import_into_a_workflow_with_a_draft_is_refused() -> None:
    workflow = imported()
    before = len(events())

    with pytest.raises(services.DraftExists) as refused:
        services.import_file(json.dumps(document(steps=other_steps())), into=workflow.pk)

    assert (refused.value.code, refused.value.http_status) == ("draft_exists", 409)
    assert events_after(before) == []


def test_import_into_replaces_a_draft_when_told_to() -> None:
    workflow = imported()
    before = len(events())

    services.import_file(json.dumps(document(steps=other_steps())), into=workflow.pk, replace_draft=True)

    version = Version.objects.get()
    assert (version.number, files.document_of(version)["steps"]) == (1, other_steps())
    assert events_after(before) == ["Version updated"]


def test_import_into_of_what_the_draft_says_already_does_nothing() -> None:
    workflow = imported()
    revision, before = workflow.revision, len(events())

    done = services.import_file(json.dumps(document("Another name")), into=workflow.pk)

    workflow.refresh_from_db()
    assert (done.changed, bool(done.message)) == (False, True)
    assert workflow.revision == revision
    assert events_after(before) == []


def test_import_into_of_several_is_refused() -> None:
    workflow = imported()

    with pytest.raises(ValueRefused) as refused:
        services.import_file(several(document("One"), document("Two")), into=workflow.pk, replace_draft=True)

    assert places(refused.value) == [("file", "several_workflows")]


def test_import_into_an_archived_workflow_is_refused() -> None:
    workflow = imported()
    services.archive(workflow.pk)

    with pytest.raises(TransitionRefused) as refused:
        services.import_file(json.dumps(document(steps=other_steps())), into=workflow.pk, replace_draft=True)

    assert refused.value.code == "not_possible_now"


def test_import_into_nothing_is_refused() -> None:
    with pytest.raises(WorkflowGone):
        services.import_file(json.dumps(document()), into=4711)


def test_import_into_checks_the_revision() -> None:
    workflow = active()

    with pytest.raises(Stale):
        services.import_file(json.dumps(document(steps=other_steps())), into=workflow.pk, revision=1)


def test_import_into_keeps_addresses_and_secrets_of_trigger_ids() -> None:
    workflow = imported(triggers=TRIGGERS)
    services.rotate_trigger_secret(workflow.pk, "form", value="a-secret-text")
    before = workflow.triggers.get(trigger_id="form")

    services.import_file(
        json.dumps(document(triggers=TRIGGERS, steps=other_steps())), into=workflow.pk, replace_draft=True
    )

    after = workflow.triggers.get(trigger_id="form")
    assert (after.pk, after.address, after.secret) == (before.pk, before.address, before.secret)
