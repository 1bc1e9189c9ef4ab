"""Renaming."""

import pytest

from tests.factories import make_scope, workspace
from tests.workflows.services.material import active, events, events_after, imported, newest_event
from workflows import services
from workflows.lifecycle import Stale, TransitionRefused, ValueRefused
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def test_rename_gives_the_name_and_tells_both() -> None:
    workflow = active()
    address = workflow.triggers.get(trigger_id="captured").address
    before = len(events())

    services.rename(workflow.pk, name=" New name ")

    workflow.refresh_from_db()
    assert (workflow.name, workflow.status) == ("New name", "active")
    assert workflow.triggers.get(trigger_id="captured").address == address
    assert events_after(before) == ["Workflow renamed"]
    assert (newest_event().before, newest_event().after) == ('{"name":"Lead"}', '{"name":"New name"}')


def test_rename_twice_does_nothing() -> None:
    workflow = imported()
    services.rename(workflow.pk, name="New")
    before = len(events())

    assert not services.rename(workflow.pk, name="New", revision=1).changed
    assert events_after(before) == []


def test_rename_may_change_the_case_alone() -> None:
    workflow = imported()

    assert services.rename(workflow.pk, name="LEAD").workflow.name == "LEAD"


def test_rename_to_a_taken_name_is_refused() -> None:
    imported("Taken")
    workflow = imported()

    with pytest.raises(ValueRefused) as refused:
        services.rename(workflow.pk, name="taken")

    assert [finding["code"] for finding in refused.value.findings] == ["name_taken"]
    assert Workflow.objects.get(pk=workflow.pk).name == "Lead"


def test_rename_takes_a_name_used_in_another_scope() -> None:
    make_scope("hub:sydney")
    imported("Taken", scope="hub:sydney")

    assert services.rename(imported().pk, name="Taken").changed


def test_rename_of_an_archived_workflow_is_refused() -> None:
    workflow = imported()
    services.archive(workflow.pk)

    for name in ("Lead", "New"):
        with pytest.raises(TransitionRefused):
            services.rename(workflow.pk, name=name)


def test_rename_checks_the_revision() -> None:
    workflow = imported()

    with pytest.raises(Stale):
        services.rename(workflow.pk, name="New", revision=workflow.revision - 1)
