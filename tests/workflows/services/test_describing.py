"""Description, tags, owner and scope."""

import json

import pytest

from tests.factories import make_scope, make_user, workspace
from tests.workflows.services.material import active, events, events_after, imported, newest_event
from workflows import services
from workflows.lifecycle import TransitionRefused, ValueRefused
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def test_describe_changes_what_is_given_and_leaves_the_rest() -> None:
    workflow = active(description="old", tags=["a"])
    before = len(events())

    services.describe(workflow.pk, tags=[" b ", "c", "b"])

    workflow.refresh_from_db()
    assert (workflow.description, workflow.tags, workflow.status) == ("old", ["b", "c"], "active")
    assert events_after(before) == ["Workflow described"]
    assert json.loads(newest_event().after) == {"tags": ["b", "c"]}


def test_describe_sets_and_clears_the_owner() -> None:
    person, workflow = make_user(), imported()

    services.describe(workflow.pk, owner=person)
    given = Workflow.objects.get().owner
    services.describe(workflow.pk, owner=None)

    assert (given, Workflow.objects.get().owner) == (person, None)


def test_describe_twice_does_nothing() -> None:
    workflow = imported()
    services.describe(workflow.pk, description="new", tags=["a"])
    before = len(events())

    done = services.describe(workflow.pk, description=" new ", tags=["a"])

    assert not done.changed
    assert events_after(before) == []


def test_describe_tells_every_wrong_field() -> None:
    workflow = imported()

    with pytest.raises(ValueRefused) as refused:
        services.describe(workflow.pk, description="a\0b", tags=[f"t{number}" for number in range(21)])

    assert [(finding["path"], finding["code"]) for finding in refused.value.findings] == [
        ("description", "description_characters"),
        ("tags", "too_many_tags"),
    ]


@pytest.mark.parametrize("tag", ["x" * 41, "a,b", "a\0b", "\ud800"])
def test_describe_refuses_a_bad_tag(tag: str) -> None:
    workflow = imported()

    with pytest.raises(ValueRefused) as refused:
        services.describe(workflow.pk, tags=[tag])

    assert [finding["code"] for finding in refused.value.findings] == ["tag_not_possible"]


def test_describe_an_archived_workflow_is_refused() -> None:
    workflow = imported()
    services.archive(workflow.pk)

    with pytest.raises(TransitionRefused):
        services.describe(workflow.pk, description="")


def test_move_changes_the_scope_and_nothing_else() -> None:
    workflow, hub = active(), make_scope("hub:sydney")
    before = len(events())

    services.move(workflow.pk, scope=hub)

    workflow.refresh_from_db()
    assert (workflow.scope, workflow.status, workflow.name) == (hub, "active", "Lead")
    assert events_after(before) == ["Workflow moved"]
    assert json.loads(newest_event().before) == {"scope": "workspace"}
    assert newest_event().scope_id == hub.pk


def test_move_twice_does_nothing() -> None:
    workflow, hub = imported(), make_scope("hub:sydney")
    services.move(workflow.pk, scope=hub)
    before = len(events())

    assert not services.move(workflow.pk, scope=hub).changed
    assert events_after(before) == []


def test_move_to_where_the_name_is_taken_is_refused() -> None:
    hub = make_scope("hub:sydney")
    imported(scope="hub:sydney")
    workflow = imported()

    with pytest.raises(ValueRefused) as refused:
        services.move(workflow.pk, scope=hub)

    workflow.refresh_from_db()
    assert [finding["code"] for finding in refused.value.findings] == ["name_taken"]
    assert workflow.scope == workspace()
