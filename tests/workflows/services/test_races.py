"""Two at once: one wins, the other is told; nothing is half done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from tests.factories import make_scope, workspace
from tests.workflows.services.material import active, document, events, events_after, imported, other_steps
from workflows import services
from workflows.lifecycle import Refusal
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Perform the acts at the same time; gives each one's result, or the code of its refusal."""
    start = Barrier(len(acts))

    def perform(act: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=10)
            return act()
        except Refusal as refusal:
            return refusal.findings[0]["code"] if refusal.findings else refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(perform, acts))


def test_one_name_is_given_once() -> None:
    scope = workspace()

    results = at_once(*[lambda: services.create(name="Lead", scope=scope)] * 4)

    assert sorted(result for result in results if isinstance(result, str)) == ["name_taken"] * 3
    assert Workflow.objects.count() == 1
    assert events() == ["Workflow created", "Version created"]


def test_a_rename_and_a_move_cannot_meet_in_one_name() -> None:
    workspace()
    hub = make_scope("hub:sydney")
    outer, inner = imported("Lead"), imported("Other", scope="hub:sydney")

    results = at_once(
        lambda: services.move(outer.pk, scope=hub),
        lambda: services.rename(inner.pk, name="Lead"),
    )

    assert sum(result == "name_taken" for result in results) == 1
    assert Workflow.objects.filter(scope=hub, name="Lead").count() == 1


def test_publish_twice_at_once_publishes_once() -> None:
    workspace()
    workflow = active()
    services.save_draft(workflow.pk, document(steps=other_steps()))
    before = len(events())

    results = at_once(*[lambda: services.publish(workflow.pk, accept_warnings=True)] * 3)

    assert sorted(result.changed for result in results) == [False, False, True]
    assert events_after(before) == ["Version published"]
    assert dict(workflow.versions.values_list("number", "state")) == {1: "superseded", 2: "published"}


def test_two_edits_of_one_revision_keep_the_first() -> None:
    workspace()
    workflow = imported()

    results = at_once(
        *[
            lambda text=text: services.save_draft(
                workflow.pk, document(steps=other_steps(text)), revision=workflow.revision
            )
            for text in ("one", "two")
        ]
    )

    assert sum(result == "stale_revision" for result in results) == 1
    assert Workflow.objects.get().revision == workflow.revision + 1


def test_publish_and_discard_at_once_leave_one_outcome() -> None:
    workspace()
    workflow = active()
    services.save_draft(workflow.pk, document(steps=other_steps()))
    before = len(events())

    at_once(
        lambda: services.publish(workflow.pk, accept_warnings=True),
        lambda: services.discard_draft(workflow.pk),
    )

    assert events_after(before) in (["Version published"], ["Version deleted"])
    workflow.refresh_from_db()
    assert workflow.draft is None
