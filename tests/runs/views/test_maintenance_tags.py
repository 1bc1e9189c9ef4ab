"""Maintenance windows, announced on the rows that they touch, at no query more."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from config.web import time
from tests.factories import make_connection, make_scope, make_user, make_workflow
from tests.runs.views.listed_workflows import ADDRESS, queries
from tests.runs.views.pages import HTMX, client_of
from tests.workflows.windows import make_current, make_window
from workflows import services
from workflows.services.maintenance import delete_window, end_window

pytestmark = pytest.mark.django_db

TAG = re.compile(r'<(a|span)[^>]*class="tag \w+" title="([^"]*)"><svg.*?</svg>(Maintenance [^<]*)</\1>')
ASKS = {
    "format": "signalbox/1", "triggers": [{"id": "by_hand", "kind": "manual"}],
    "steps": [{"id": "ask", "kind": "http_request", "connection": "crm", "path": "/"}],
}  # fmt: skip


def told(client: Client, workflow) -> list[str]:
    """The titles of the windows on a workflow's row, and what the tag says."""
    page = client.get(f"{ADDRESS}?q={workflow.name}&status=active,archived").content.decode()
    return [f"{title.split(':')[0]}: {words}" for _element, title, words in TAG.findall(page)]


def test_window_is_told_on_rows_of_its_scope_tag_or_connection(manager) -> None:
    hub = make_scope("hub:sydney")
    inside = make_workflow("Inside", scope=make_scope("card:spring", parent=hub))
    tagged, using, other = make_workflow("Tagged", tags=["night"]), make_workflow("Using", definition=ASKS), make_workflow("Other")  # fmt: skip
    make_window("Of the hub", scopes=[hub], begins=24 * 3, ends=24 * 3 + 1)
    make_window("Of the tag", tags=["night"], begins=24 * 3, ends=24 * 3 + 1)
    window = make_window("Of crm", connection=make_connection(), begins=24 * 3, ends=24 * 3 + 1)
    when = time.soon(window.starts_at)

    assert told(manager, inside) == [f"Of the hub: Maintenance {when}"]
    assert told(manager, tagged) == [f"Of the tag: Maintenance {when}"]
    assert told(manager, using) == [f"Of crm: Maintenance {when}"]
    assert told(manager, other) == []


def test_window_in_force_is_told_until_when_and_others_are_counted(manager) -> None:
    workflow = make_workflow("Leads")
    make_window("Later", begins=30, ends=31)
    current = make_current("Now")

    assert told(manager, workflow) == [f"Now: Maintenance until {time.soon(current.ends_at)} +1"]


def test_neither_far_nor_ended_nor_deleted_windows_are_told(manager) -> None:
    workflow = make_workflow("Leads")
    make_window("Far", begins=24 * 20, ends=24 * 21)
    delete_window(make_window("Deleted").pk)
    end_window(make_current("Ended").pk)

    assert told(manager, workflow) == []


def test_archived_workflows_are_told_of_none(manager) -> None:
    workflow = make_workflow("Leads")
    make_window()
    services.stop(workflow.pk, reason="season over", archive=True)

    assert told(manager, workflow) == []


def test_tag_leads_to_the_window_for_those_who_see_it() -> None:
    hub = make_scope("hub:sydney")
    make_workflow("Leads", scope=hub)
    make_window("Everywhere")
    viewer = client_of(make_user("viewer", scope=hub))

    assert [element for element, *_ in TAG.findall(viewer.get(ADDRESS).content.decode())] == ["span"]
    window = make_window("Of the hub", scopes=[hub], begins=0.5)
    page = viewer.get(ADDRESS).content.decode()
    assert [element for element, *_ in TAG.findall(page)] == ["a"]
    assert f'href="/automations/maintenance/{window.pk}/"' in page


@pytest.mark.parametrize("windows", [1, 3])
def test_windows_cost_no_query(manager, windows) -> None:
    make_connection()
    for number in range(3):
        make_workflow(f"Leads {number}", definition=ASKS)
    before = queries(manager, ADDRESS)
    for number in range(windows):
        make_window(f"Window {number}")

    assert queries(manager, ADDRESS) == before


def test_poll_brings_a_window_that_was_planned_since(manager) -> None:
    make_workflow("Leads")
    mark = re.search(r'data-mark="(\w+)"', manager.get(ADDRESS).content.decode())[1]
    poll = f"{ADDRESS}?since={mark}"
    assert manager.get(poll, headers=HTMX).status_code == 204

    make_window()

    answer = manager.get(poll, headers=HTMX)
    assert answer.status_code == 200
    assert TAG.search(answer.content.decode())


def test_time_alone_is_told_of_today() -> None:
    now = timezone.localtime(timezone.now()).replace(hour=12, minute=5)

    assert time.soon(now) == "12:05"
    assert time.soon(now + timedelta(days=1)).endswith(", 12:05")
