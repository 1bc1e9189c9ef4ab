"""The list of workflows: refreshing, fragments, its address, and how much it asks the database."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_connection, make_scope, make_user, make_version, make_workflow
from tests.runs.views.listed_workflows import ADDRESS, ASKS, ended_run, names, queries
from tests.runs.views.pages import HTMX, client_of, text_of


def full_workflow(number):
    """A row with everything that a row may ask about."""
    definition = {**ASKS, "steps": [{"id": "a", "kind": "http_request", "connection": "crm", "path": "/"}]}
    workflow = make_workflow(
        f"Full {number:02}", definition=definition, tags=["night"], owner=make_user("viewer")
    )
    workflow.draft = make_version(workflow, state="draft", definition=definition)
    workflow.save()
    ended_run(workflow)
    make_workflow(f"Draft {number:02}", status="draft", definition=definition)
    return workflow


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_list_asks_the_same_few_queries_for_any_number_of_rows(manager, rows):
    make_connection("crm", health="failing")
    for number in range(rows):
        full_workflow(number)
    assert queries(manager, ADDRESS) == 12
    assert queries(manager, f"{ADDRESS}?q=Full&tag=night&sort=-success") == 12


def test_list_of_an_inner_scope_asks_one_query_more(db):
    hub = make_scope("hub:sydney")
    make_workflow("Inside", scope=hub)
    make_workflow("Outside")
    client = client_of(make_user("operator", scope=hub))
    assert queries(client, ADDRESS) <= 12
    assert names(client.get(ADDRESS)) == ["Inside"]


def test_unchanged_poll_has_no_body_and_asks_little(manager):
    workflow = make_workflow("Leads")
    page = text_of(manager.get(ADDRESS))
    mark = re.search(r'data-mark="([^"]*)"', page).group(1)
    assert 'data-poll="10"' in page
    with CaptureQueriesContext(connection) as caught:
        response = manager.get(ADDRESS, {"since": mark}, headers=HTMX)
    assert (response.status_code, response.content) == (204, b"")
    assert len(caught) == 5
    ended_run(workflow)
    assert manager.get(ADDRESS, {"since": mark}, headers=HTMX).status_code == 200


@pytest.mark.parametrize(
    "query", ["page=2", "sort=-success", "status=active&q=Le", "page=2&per_page=1", "page=x"]
)
def test_poll_knows_the_page_it_belongs_to(manager, query):
    for number in range(52):
        make_workflow(f"Leads {number:02}")
    mark = re.search(r'data-mark="([^"]*)"', text_of(manager.get(f"{ADDRESS}?{query}"))).group(1)
    assert manager.get(f"{ADDRESS}?{query}&since={mark}", headers=HTMX).status_code == 204


def test_list_without_active_or_draining_rows_does_not_poll(manager):
    make_workflow(status="paused")
    make_workflow(status="draft")
    assert "data-poll" not in text_of(manager.get(ADDRESS))
    make_workflow(status="paused", is_draining=True)
    assert 'data-poll="10"' in text_of(manager.get(ADDRESS))


def test_fragment_brings_the_head_and_names_its_address(manager):
    make_workflow("Leads")
    response = manager.get(
        f"{ADDRESS}?q=Leads&status=active", headers={**HTMX, "HX-Current-URL": f"http://testserver{ADDRESS}"}
    )
    page = text_of(response)
    assert page.strip().startswith('<div id="results"')
    assert '<div id="workflow-head" hx-swap-oob="true">' in page
    assert response.headers["HX-Push-Url"] == f"{ADDRESS}?status=active&q=Leads"
    assert "HX-Request" in response.headers["Vary"]


def test_strangers_are_sent_to_sign_in(client, db):
    response = client.get(ADDRESS)
    assert (response.status_code, response.url) == (302, f"/login/?next={ADDRESS}")


def test_quick_look_stands_in_the_address(manager):
    workflow = make_workflow("Leads")
    page = text_of(manager.get(f"{ADDRESS}?overview={workflow.pk}"))
    look = f"{ADDRESS}{workflow.pk}/overview/"
    assert f'aria-labelledby="dialog-title" hx-get="{look}" hx-trigger="load"' in page
    assert f'<a href="{look}">Open the quick look</a>' in page
    assert "not understood" not in page
    assert 'hx-trigger="load"' not in text_of(manager.get(f"{ADDRESS}?overview=x"))
