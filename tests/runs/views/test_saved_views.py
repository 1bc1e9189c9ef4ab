"""Saved views, columns and density of the workflow list."""

import re

import pytest
from django.test import Client

from audit.models import AuditEvent
from runs.models import SavedView
from tests.factories import make_scope, make_user, make_workflow
from tests.runs.views.pages import HTMX, client_of, hidden, text_of

LIST = "/automations/workflows/"
NEW = "/automations/views/new/"


def save_as(client: Client, query: str, name: str, **fields: str):
    key = hidden(client.get(f"{NEW}?{query}"), "idempotency_key")
    return client.post(f"{NEW}?{query}", {"name": name, "idempotency_key": key, **fields})


def only() -> SavedView:
    return SavedView.objects.get()


def headers(page: str) -> list[str]:
    return re.findall(r'<th scope="col"[^>]*>(?:<(?:a|span)[^>]*>)?([^<]*)', page)


def label(page: str) -> str:
    found = re.search(r'id="views-label">(.*?)</span></summary>|id="views-label">(.*?)<svg', page, re.DOTALL)
    return re.sub(r"<[^>]*>|\s+", " ", found.group(0).split(">", 1)[1].rpartition("<")[0]).strip()


def test_a_view_keeps_filters_order_columns_and_density(manager):
    make_workflow("Sleeping", status="paused")
    make_workflow("Awake")
    query = "density=compact&status=paused&sort=-last_run&page=3&columns=owner,strip&overview=7&colour=red"
    response = save_as(manager, query, "My paused ones")
    view = only()
    address = f"{LIST}?status=paused&sort=-last_run&columns=owner,strip&density=compact&view={view.pk}"
    assert (response.status_code, response.headers["Location"]) == (302, address)
    page = text_of(manager.get(address))
    assert "My paused ones" in label(page)
    assert "changed" not in label(page)
    assert headers(page)[1:] == ["Name", "Status", "Last 30 runs", "Owner", "Actions"]
    assert 'data-density="compact"' in page
    assert "Sleeping" in page
    assert ">Awake<" not in page


def test_saving_a_changed_view_and_undoing_it(manager):
    save_as(manager, "status=paused", "Mine")
    view = only()
    page = text_of(manager.get(f"{LIST}?status=active&view={view.pk}"))
    assert "changed" in label(page)
    assert f'href="{LIST}?status=paused&amp;view={view.pk}"' in page
    save = re.search(r'action="([^"]*/save/[^"]*)"', page).group(1)
    response = manager.post(save, follow=True)
    assert only().query == "status=active"
    undo = re.search(r'action="(/automations/views/[^"]*)"', text_of(response)).group(1).replace("&amp;", "&")
    manager.post(undo)
    assert only().query == "status=paused"
    refused = manager.post(undo, headers=HTMX)
    assert (refused.status_code, "changed since" in text_of(refused)) == (409, True)


def test_deleting_a_view_can_be_undone_until_its_name_is_taken(manager):
    save_as(manager, "status=paused", "Mine")
    view = only()
    response = manager.post(f"/automations/views/{view.pk}/delete/", headers=HTMX)
    assert response.headers["HX-Redirect"] == f"{LIST}?status=paused"
    assert "Mine" not in label(text_of(manager.get(LIST)))
    assert manager.get(f"{LIST}?view={view.pk}").status_code == 200
    undo = f"/automations/views/{view.pk}/undo/restore/?revision=2"
    save_as(manager, "status=draft", "Mine")
    assert manager.post(undo, headers=HTMX).status_code == 409
    SavedView.objects.exclude(pk=view.pk).delete()
    manager.post(undo)
    assert only().deleted_at is None


def test_shared_views_are_seen_in_their_scope_and_audited(db):
    hub, other = make_scope("hub:sydney"), make_scope("hub:oslo")
    olga = client_of(make_user("operator", scope=hub, username="olga"))
    inside, outside = (client_of(make_user("viewer", scope=scope)) for scope in (hub, other))
    save_as(olga, "status=paused", "Ours", scope=str(hub.pk))
    save_as(olga, "status=draft", "Private")
    assert "Ours" in text_of(inside.get(LIST))
    assert "Private" not in text_of(inside.get(LIST))
    assert "Ours" not in text_of(outside.get(LIST))
    view = SavedView.objects.get(name="Ours")
    assert inside.post(f"/automations/views/{view.pk}/delete/").status_code == 403
    assert outside.post(f"/automations/views/{view.pk}/delete/").status_code == 404
    olga.post(f"/automations/views/{view.pk}/save/?status=active")
    olga.post(f"/automations/views/{view.pk}/delete/")
    assert outside.post(f"/automations/views/{view.pk}/undo/restore/?revision=3").status_code == 404
    events = AuditEvent.objects.filter(subject_kind="view").order_by("id")
    assert [(one.event, one.subject_label, one.scope_id) for one in events] == [
        ("View shared", "Ours", hub.pk),
        ("View changed", "Ours", hub.pk),
        ("View deleted", "Ours", hub.pk),
    ]


def test_a_viewer_keeps_views_but_shares_none(viewer):
    page = text_of(viewer.get(NEW))
    assert re.findall(r"<option[^>]*>([^<]*)", page) == ["Nobody: only you see it"]
    save_as(viewer, "status=paused", "Mine")
    assert (only().name, only().scope) == ("Mine", None)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "This field is required."),
        ("x" * 41, "1 to 40 characters"),
        ("Mine", "You have a view of this name already."),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_bad_names_are_refused_in_a_sentence(manager, name, said):
    save_as(manager, "", "Mine")
    response = save_as(manager, "", name)
    assert (response.status_code, said in text_of(response)) == (422, True)
    assert SavedView.objects.count() == 1


def test_columns_and_density_are_understood_or_said_to_be_not(manager):
    make_workflow("Leads")
    page = text_of(manager.get(f"{LIST}?columns=none"))
    assert headers(page)[1:] == ["Name", "Status", "Actions"]
    assert 'data-name="columns" data-default="strip,success,runs,last_run,next_run,owner"' in page
    page = text_of(manager.get(f"{LIST}?columns=colour&density=loose&view=x"))
    assert "2 filters were not understood and are ignored: columns, density" in page
    manager.cookies["signalbox_density"] = "compact"
    assert 'data-density="compact"' in text_of(manager.get(LIST))
    assert 'data-density="comfortable"' in text_of(manager.get(f"{LIST}?density=comfortable"))


def test_htmx_is_led_to_the_new_view_and_the_list_says_so(manager):
    sent = {"name": "Mine", "idempotency_key": "k"}
    response = manager.post(f"{NEW}?status=paused", sent, headers=HTMX)
    assert response.headers["HX-Redirect"] == f"{LIST}?status=paused&view={only().pk}"
    again = manager.post(f"{NEW}?status=paused", sent, headers=HTMX)
    assert again.headers["HX-Redirect"] == response.headers["HX-Redirect"]
    assert SavedView.objects.count() == 1
    page = text_of(manager.get(response.headers["HX-Redirect"]))
    assert "The view “Mine” is saved." in page


def test_a_filter_by_htmx_brings_the_menu_along(manager):
    make_workflow("Leads")
    fragment = text_of(manager.get(f"{LIST}?status=active", headers=HTMX))
    assert 'id="views-label" hx-swap-oob="true"' in fragment
    assert 'id="view-reset"' in fragment
