"""Saved views of the list of runs: beside those of workflows, by the same rules."""

import re

import pytest

from runs.models import SavedView
from tests.factories import make_run, make_workflow
from tests.runs.views.pages import HTMX, hidden, text_of

LIST = "/automations/runs/"
NEW = "/automations/views/new/"


def save_as(client, query, name, **fields):
    address = f"{NEW}?{query}&place=runs"
    key = hidden(client.get(address), "idempotency_key")
    return client.post(address, {"name": name, "idempotency_key": key, **fields})


def test_a_view_keeps_filters_and_what_is_listed(manager):
    make_run(make_workflow("Sleeping"), status="failed", error="Broken")
    response = save_as(manager, "status=failed&trigger=manual&cursor=abc&step=x&show=errors", "Broken ones")
    view = SavedView.objects.get()
    address = f"{LIST}?status=failed&trigger=manual&show=errors&view={view.pk}"
    assert (view.place, response.headers["Location"]) == ("runs", address)
    page = text_of(manager.get(address))
    assert re.search(r'id="views-label">.*Broken ones', page)
    assert "not understood" not in page


def test_each_list_has_its_own_views(manager):
    save_as(manager, "status=failed", "Mine")
    manager.post(NEW + "?status=paused", {"name": "Mine"})
    assert list(SavedView.objects.order_by("pk").values_list("place", "name")) == [
        ("runs", "Mine"),
        ("workflows", "Mine"),
    ]
    runs, workflows = (text_of(manager.get(path)) for path in (LIST, "/automations/workflows/"))
    of_runs, of_workflows = SavedView.objects.order_by("pk")
    assert f'id="view-{of_runs.pk}"' in runs and f'id="view-{of_workflows.pk}"' not in runs
    assert f'id="view-{of_workflows.pk}"' in workflows and f'id="view-{of_runs.pk}"' not in workflows
    assert "All runs" in runs and "All workflows" in workflows


def test_a_changed_view_is_saved_reset_and_deleted_in_its_list(manager):
    save_as(manager, "status=failed", "Mine")
    view = SavedView.objects.get()
    page = text_of(manager.get(f"{LIST}?status=held&view={view.pk}"))
    assert f'id="view-reset" class="panel-link" href="{LIST}?status=failed&amp;view={view.pk}"' in page
    save = re.search(r'action="([^"]*/save/[^"]*)"', page).group(1)
    assert manager.post(save).headers["Location"] == f"{LIST}?status=held&view={view.pk}"
    assert SavedView.objects.get().query == "status=held"
    delete = f"/automations/views/{view.pk}/delete/"
    assert f'action="{delete}"' in page
    assert manager.post(delete).headers["Location"] == f"{LIST}?status=held"


def test_the_menu_follows_a_refresh_of_the_list(viewer):
    fragment = text_of(viewer.get(f"{LIST}?status=failed", headers=HTMX))
    assert 'id="views-label" hx-swap-oob="true"' in fragment
    assert "place=runs" in fragment


def test_the_runs_tab_of_a_workflow_has_none(viewer):
    page = text_of(viewer.get(f"/automations/workflows/{make_workflow().pk}/runs/"))
    assert "views-button" not in page


@pytest.mark.parametrize("place", ["nowhere", "RUNS", ""])
def test_other_places_are_not_found(viewer, place):
    assert viewer.get(f"{NEW}?place={place}").status_code == 404
