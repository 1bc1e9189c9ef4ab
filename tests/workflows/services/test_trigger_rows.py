"""Trigger rows follow the definitions."""

import pytest

from tests.factories import workspace
from tests.workflows.services.material import TRIGGERS, active, document, imported
from workflows import services
from workflows.models import Trigger
from workflows.services.trigger_rows import sync_triggers, triggers_of

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def rows() -> dict[str, tuple[str, bool, str]]:
    return {row.trigger_id: (row.kind, row.is_live, row.event) for row in Trigger.objects.order_by("pk")}


def test_rows_of_a_draft_are_not_live_and_match_no_event() -> None:
    imported(triggers=TRIGGERS)

    assert rows() == {
        "form": ("webhook", False, ""),
        "captured": ("event", False, ""),
        "nightly": ("schedule", False, ""),
        "by_hand": ("manual", False, ""),
    }


def test_rows_become_live_with_the_published_version() -> None:
    active()

    assert rows() == {"captured": ("event", True, "data.captured"), "by_hand": ("manual", True, "")}


def test_a_kind_changes_only_when_published() -> None:
    workflow = active()
    services.save_draft(workflow.pk, document(triggers=[{"id": "captured", "kind": "manual"}]))
    before = rows()["captured"]

    services.publish(workflow.pk, accept_warnings=True)

    assert before == ("event", True, "data.captured")
    assert rows()["captured"] == ("manual", True, "")


def test_a_trigger_that_leaves_the_draft_keeps_its_row_and_address() -> None:
    workflow = imported()
    address = Trigger.objects.get(trigger_id="captured").address

    services.save_draft(workflow.pk, document(triggers=[TRIGGERS[3]]))
    services.save_draft(workflow.pk, document())

    assert Trigger.objects.get(trigger_id="captured").address == address


def test_repeating_writes_nothing(django_assert_num_queries) -> None:
    workflow = active()

    with django_assert_num_queries(1):
        sync_triggers(workflow)


def test_status_does_not_decide_what_is_live() -> None:
    workflow = active()

    services.stop(workflow.pk, reason="season")

    assert rows()["captured"] == ("event", True, "data.captured")


def test_triggers_of_nothing_are_none() -> None:
    assert triggers_of(None) == {}
