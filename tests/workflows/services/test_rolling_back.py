"""Rolling back to an older version."""

import json

import pytest
from django.db import connection

from tests.factories import workspace
from tests.workflows.services.material import (
    active,
    document,
    events,
    events_after,
    imported,
    newest_event,
    other_steps,
)
from workflows import files, services
from workflows.lifecycle import GuardRefused, TransitionRefused, ValueRefused
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture
def workflow(db: None) -> Workflow:
    """Active on version 2; version 1 is older and says something else."""
    workspace()
    made = active()
    services.save_draft(made.pk, document(steps=other_steps()))
    return services.publish(made.pk, accept_warnings=True).workflow


def test_roll_back_makes_a_draft_with_the_old_content(workflow: Workflow) -> None:
    before = len(events())

    done = services.roll_back(workflow.pk, to=1)

    workflow.refresh_from_db()
    assert done.changed
    assert (workflow.published.number, workflow.draft.number) == (2, 3)
    assert files.document_of(workflow.draft) == document()
    assert events_after(before) == ["Version created"]


def test_roll_back_and_publish_is_two_events(workflow: Workflow) -> None:
    before = len(events())

    services.roll_back(workflow.pk, to=1, publish=True)

    workflow.refresh_from_db()
    assert (workflow.status, workflow.published.number, workflow.draft) == ("active", 3, None)
    assert dict(workflow.versions.values_list("number", "state")) == {
        1: "superseded",
        2: "superseded",
        3: "published",
    }
    assert events_after(before) == ["Version created", "Version published"]


def test_roll_back_says_to_which_version(workflow: Workflow) -> None:
    services.roll_back(workflow.pk, to=1)

    assert json.loads(newest_event().after)["rolled_back_to"] == 1


@pytest.mark.parametrize("publish", [False, True])
def test_roll_back_twice_does_nothing(workflow: Workflow, publish: bool) -> None:
    services.roll_back(workflow.pk, to=1, publish=publish)
    before = len(events())

    done = services.roll_back(workflow.pk, to=1, publish=publish)

    assert not done.changed
    assert events_after(before) == []


def test_roll_back_to_the_published_version_does_nothing(workflow: Workflow) -> None:
    assert not services.roll_back(workflow.pk, to=2).changed


def test_roll_back_is_refused_while_a_draft_stands(workflow: Workflow) -> None:
    services.save_draft(workflow.pk, document(steps=other_steps("new work")))

    with pytest.raises(services.DraftExists):
        services.roll_back(workflow.pk, to=1)

    workflow.refresh_from_db()
    assert files.document_of(workflow.draft)["steps"] == other_steps("new work")


def test_roll_back_replaces_the_draft_when_told_to(workflow: Workflow) -> None:
    services.save_draft(workflow.pk, document(steps=other_steps("new work")))
    before = len(events())

    services.roll_back(workflow.pk, to=1, replace_draft=True)

    workflow.refresh_from_db()
    assert workflow.draft.number == 4
    assert files.document_of(workflow.draft) == document()
    assert sorted(workflow.versions.values_list("number", flat=True)) == [1, 2, 4]
    assert events_after(before) == ["Version created"]


@pytest.mark.parametrize("number", [0, 3, 99])
def test_roll_back_to_no_older_version_is_refused(workflow: Workflow, number: int) -> None:
    services.save_draft(workflow.pk, document(steps=other_steps("version three")))

    with pytest.raises(ValueRefused) as refused:
        services.roll_back(workflow.pk, to=number, replace_draft=True)

    assert [(finding["path"], finding["code"]) for finding in refused.value.findings] == [
        ("to", "unknown_version")
    ]


def test_roll_back_with_errors_cannot_be_published_at_once(workflow: Workflow) -> None:
    services.save_draft(workflow.pk, document(steps=other_steps("third")))
    services.publish(workflow.pk, accept_warnings=True)
    older = workflow.versions.get(number=1)
    before = len(events())
    broken = json.dumps(document(triggers=[]))
    _rewrite(older.pk, broken)

    with pytest.raises(GuardRefused):
        services.roll_back(workflow.pk, to=1, publish=True)

    workflow.refresh_from_db()
    assert (workflow.published.number, workflow.draft) == (3, None)
    assert events_after(before) == []


def _rewrite(pk: int, text: str) -> None:
    """Past every protection: as if an older release had let this through."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflows_version SET definition = %s WHERE id = %s", [text, pk])


def test_roll_back_tells_which_fields_are_ignored(workflow: Workflow) -> None:
    services.rename(workflow.pk, name="New name")

    done = services.roll_back(workflow.pk, to=1)

    assert [(one.code, one.path) for one in done.figures["findings"]] == [("ignored_field", "name")]
    assert Workflow.objects.get().name == "New name"


def test_roll_back_while_draft_is_refused() -> None:
    workspace()

    with pytest.raises(TransitionRefused):
        services.roll_back(imported().pk, to=7)


def test_roll_back_keeps_paused_paused(workflow: Workflow) -> None:
    services.pause(workflow.pk, reason="maintenance")

    services.roll_back(workflow.pk, to=1, publish=True)

    workflow.refresh_from_db()
    assert (workflow.status, workflow.published.number) == ("paused", 3)
