"""Who sees maintenance windows, who may plan them, and on which workflows they are announced."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_connection, make_scope, make_user, make_workflow
from tests.signing_in import signed_in
from tests.workflows.events import words
from tests.workflows.windows import make_current, make_window
from workflows import maintenance, services
from workflows.models import MaintenanceWindow, Role, Workflow
from workflows.services.maintenance import delete_window, end_window

pytestmark = pytest.mark.django_db

LIST = "/automations/maintenance/"
HTMX = {"HX-Request": "true"}
SENT = {
    "title": "CRM upgrade", "starts_at": "2099-03-01T10:00", "ends_at": "2099-03-01T12:00", "zone_name": "Australia/Sydney",
    "tags": "", "connection": "", "in_flight": "hold", "triggers": "skip", "revision": "1",
}  # fmt: skip


def at(word: str, window: MaintenanceWindow) -> str:
    return reverse(f"maintenance:{word}", args=[window.pk])


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_viewers_read_and_operators_act() -> None:
    window, client = make_window(), signed_in(Role.VIEWER)

    assert client.get(at("detail", window)).status_code == 200
    assert "Actions for" not in client.get(at("detail", window)).content.decode()
    for address in (reverse("maintenance:create"), *(at(word, window) for word in ("edit", "end", "delete"))):
        assert (client.get(address).status_code, client.post(address).status_code) == (403, 403)
    assert words(kind="maintenance") == ["Maintenance window created"]


def test_windows_outside_the_scopes_of_a_person_are_not_there() -> None:
    hub, other = make_scope("hub:sydney"), make_scope("hub:perth")
    own = make_window("Own", scopes=[hub])
    foreign = [
        make_window("Foreign", scopes=[other]),
        make_window("Both", scopes=[hub, other]),
        make_window("All"),
    ]
    client = signed_in(Role.OPERATOR, scope=hub)

    shown = text_of(client.get(LIST))

    assert [title in shown for title in ("Own", "Foreign", "Both", "All")] == [True, False, False, False]
    assert client.get(at("detail", own)).status_code == 200
    for window in foreign:
        for word in ("detail", "edit", "end", "delete"):
            assert client.get(at(word, window)).status_code == 404


def test_planning_offers_only_scopes_where_the_person_is_operator() -> None:
    hub, other = make_scope("hub:sydney"), make_scope("hub:perth")
    client = signed_in(Role.OPERATOR, scope=hub)
    address = reverse("maintenance:create")

    assert client.post(address, {**SENT, "scopes": [other.pk]}).status_code == 422
    assert client.post(address, {**SENT, "scopes": [hub.pk]}).status_code == 200


def test_over_several_scopes_only_by_operators_of_what_holds_them() -> None:
    hubs = [make_scope("hub:sydney"), make_scope("hub:perth")]
    user = make_user(Role.OPERATOR, scope=hubs[0])
    user.memberships.create(scope=hubs[1], role=Role.OPERATOR)
    client = Client()
    client.force_login(user)

    answer = client.post(reverse("maintenance:create"), {**SENT, "scopes": [hub.pk for hub in hubs]})

    assert answer.status_code == 422
    assert "the one that holds them all" in text_of(answer)


def reach(workflow: Workflow) -> list[str]:
    return [window.title for window in maintenance.announced(Workflow.objects.get(pk=workflow.pk))]


def test_announced_are_those_of_scope_tag_and_connection_in_one_query(
    django_assert_num_queries: Callable,
) -> None:
    hub = make_scope("hub:sydney")
    ask = {
        "format": "signalbox/1", "triggers": [{"id": "by_hand", "kind": "manual"}],
        "steps": [{"id": "ask", "kind": "http_request", "connection": "crm", "path": "/"}],
    }  # fmt: skip
    crm = make_connection()
    flow = make_workflow(scope=make_scope("card:spring", parent=hub), tags=["night"], definition=ask)
    other = make_workflow()
    make_window("Hub", scopes=[hub])
    make_window("Tag", tags=["night"])
    make_window("Connection", connection=crm, begins=3, ends=4)
    make_window("Perth", scopes=[make_scope("hub:perth")])
    make_window("Far", begins=24 * 20, ends=24 * 21)
    delete_window(make_window("Deleted").pk)
    end_window(make_current("Ended").pk)

    assert sorted(reach(flow)) == ["Connection", "Hub", "Tag"]
    assert reach(other) == []
    loaded = Workflow.objects.select_related("published", "draft").get(pk=flow.pk)
    with django_assert_num_queries(1):
        maintenance.announced(loaded)


@pytest.mark.parametrize("address", ["workflow_page", "workflow_overview"])
def test_page_and_quick_look_announce_it_and_link_only_who_sees_it(address: str) -> None:
    hub = make_scope("hub:sydney")
    flow = make_workflow(scope=hub)
    make_window("Whole workspace")
    make_window("Sydney alone", scopes=[hub])

    page = signed_in(Role.VIEWER, scope=hub).get(reverse(address, args=[flow.pk]))

    assert "Whole workspace" in text_of(page)
    links = re.findall(r'href="/automations/maintenance/\d+/"', page.content.decode())
    assert len(links) == 1


def test_archived_workflows_are_told_of_none() -> None:
    flow = make_workflow()
    make_window()
    services.stop(flow.pk, reason="season over", archive=True)

    assert reach(flow) == []
