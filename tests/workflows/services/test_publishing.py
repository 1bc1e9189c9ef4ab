"""Publishing, at once or with a start."""

import json
from typing import Any

import pytest

from runs.models import Schedule
from tests.factories import workspace
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
from workflows.lifecycle import GuardRefused, Stale, TransitionRefused
from workflows.models import Trigger, Version, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def with_draft(workflow: Workflow, **changes: Any) -> Workflow:
    return services.save_draft(workflow.pk, document(**({"steps": other_steps()} | changes))).workflow


def test_publish_makes_the_draft_the_published_version() -> None:
    workflow = with_draft(active())
    before = len(events())

    done = services.publish(workflow.pk, accept_warnings=True)

    workflow.refresh_from_db()
    assert done.changed
    assert (workflow.status, workflow.published.number, workflow.draft) == ("active", 2, None)
    assert dict(workflow.versions.values_list("number", "state")) == {1: "superseded", 2: "published"}
    assert workflow.published.published_at is not None
    assert events_after(before) == ["Version published"]


def test_publish_tells_the_versions_before_and_after() -> None:
    workflow = with_draft(active())

    services.publish(workflow.pk, accept_warnings=True)

    event = newest_event()
    before, after = json.loads(event.before), json.loads(event.after)
    assert before == {"draft_version": 2, "published_version": 1}
    assert (after["draft_version"], after["published_version"]) == (None, 2)
    assert json.loads(event.history).keys() == {"version", "workflow"}


@pytest.mark.parametrize("status", ["paused", "not_running"])
def test_publish_leaves_the_status(status: str) -> None:
    workflow = with_draft(active())
    if status == "paused":
        services.pause(workflow.pk, reason="maintenance")
    else:
        services.stop(workflow.pk, reason="maintenance")

    services.publish(workflow.pk, accept_warnings=True)

    workflow.refresh_from_db()
    assert (workflow.status, workflow.published.number) == (status, 2)


def test_publish_without_a_draft_does_nothing() -> None:
    workflow = active()
    before = len(events())

    done = services.publish(workflow.pk)

    assert (done.changed, done.message) == (False, "Nothing to do: there is no draft.")
    assert events_after(before) == []


def test_publish_while_draft_is_refused() -> None:
    with pytest.raises(TransitionRefused) as refused:
        services.publish(imported().pk, accept_warnings=True)

    assert refused.value.code == "not_possible_now"


def test_publish_asks_for_warnings_to_be_accepted() -> None:
    workflow = with_draft(active())

    with pytest.raises(GuardRefused) as refused:
        services.publish(workflow.pk)

    workflow.refresh_from_db()
    assert {finding["level"] for finding in refused.value.findings} == {"warning"}
    assert workflow.published.number == 1


def test_publish_is_blocked_by_errors_even_when_warnings_are_accepted() -> None:
    workflow = with_draft(active(), triggers=[])

    with pytest.raises(GuardRefused) as refused:
        services.publish(workflow.pk, accept_warnings=True)

    assert refused.value.code == "checks_failed"
    assert "error" in {finding["level"] for finding in refused.value.findings}
    assert Version.objects.get(number=2).state == "draft"


def test_publish_checks_the_revision() -> None:
    workflow = with_draft(active())

    with pytest.raises(Stale):
        services.publish(workflow.pk, accept_warnings=True, revision=workflow.revision - 1)


def test_publish_moves_what_is_live() -> None:
    workflow = with_draft(
        active(), triggers=[TRIGGERS[3], {"id": "captured", "kind": "event", "event": "other"}]
    )

    services.publish(workflow.pk, accept_warnings=True)

    assert Trigger.objects.get(trigger_id="captured").event == "other"


def test_publish_takes_a_removed_trigger_off_and_keeps_its_address() -> None:
    workflow = active()
    address = Trigger.objects.get(trigger_id="captured").address
    with_draft(workflow, triggers=[TRIGGERS[3]])

    services.publish(workflow.pk, accept_warnings=True)
    removed = Trigger.objects.get(trigger_id="captured")
    with_draft(workflow, triggers=[TRIGGERS[1], TRIGGERS[3]])
    services.publish(workflow.pk, accept_warnings=True)

    back = Trigger.objects.get(trigger_id="captured")
    assert (removed.is_live, removed.event) == (False, "")
    assert (back.is_live, back.event, back.address) == (True, "data.captured", address)


def test_publish_while_active_arms_schedules_anew() -> None:
    workflow = with_draft(active(), triggers=[TRIGGERS[2]])

    services.publish(workflow.pk, accept_warnings=True)

    assert Schedule.objects.get(trigger__trigger_id="nightly").is_armed


def test_publish_while_paused_lets_removed_schedules_go() -> None:
    workflow = active()
    services.save_draft(workflow.pk, document(triggers=[TRIGGERS[2]]))
    services.publish(workflow.pk, accept_warnings=True)
    services.pause(workflow.pk, reason="maintenance")
    assert Schedule.objects.get(trigger__trigger_id="nightly").is_armed

    services.save_draft(workflow.pk, document(triggers=[{"id": "by_hand", "kind": "manual"}]))
    services.publish(workflow.pk, accept_warnings=True)

    assert not Schedule.objects.get(trigger__trigger_id="nightly").is_armed


def test_run_on_a_draft_publishes_and_activates_with_two_events() -> None:
    workflow = imported()
    before = len(events())

    services.run(workflow.pk, accept_warnings=True)

    assert events_after(before) == ["Version published", "Workflow activated"]


def test_a_published_definition_cannot_be_changed_by_saving() -> None:
    version = active().versions.get()
    version.definition = "{}"

    with pytest.raises(Exception, match="published and cannot change"):
        version.save()


def test_publish_tells_which_fields_of_the_file_are_ignored() -> None:
    workflow = active()
    services.save_draft(workflow.pk, document("Other name", steps=other_steps()))

    done = services.publish(workflow.pk, accept_warnings=True)

    assert [(one.code, one.path) for one in done.figures["findings"]] == [("ignored_field", "name")]
    assert done.workflow.name == "Lead"
