"""Operator tasks by keyboard alone: versions, the editor, connections (20, 21, 24)."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser import trail
from tests.browser.keys import Hands
from tests.browser.pages import Workflows, said, tab_to
from tests.factories import DEFINITION, make_connection, make_version, make_workflow
from workflows.models import Connection, Workflow

pytestmark = pytest.mark.browser


def test_task_20_compare_two_versions_and_roll_back(visit_as, manager) -> None:
    workflow = make_workflow("Leads")
    workflow.published.state = "superseded"
    workflow.published.save()
    changed = {**DEFINITION, "steps": [{"id": "greet", "kind": "set", "values": {"text": "Good day"}}]}
    workflow.published = make_version(workflow, definition=changed)
    workflow.save()
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        Workflows(visit).open()
        hands.follow(page.get_by_role("link", name="Leads", exact=True))
        hands.follow(page.get_by_role("link", name="Versions"))
        hands.pick(page.locator("#compare-old"), "1")
        hands.pick(page.locator("#compare-new"), "2")
        hands.follow(page.locator("#compare"))
        page.wait_for_url("**/versions/1..2/")
        expect(page.get_by_role("main")).to_contain_text("Good day")
        before = trail.newest()
        hands.follow(page.locator("#roll-back"))
        dialog = hands.dialog("Roll back workflow")
        hands.choose(dialog.root.get_by_role("group", name="Make it"), "The published version, at once")
        if dialog.accept.count():
            hands.tick(dialog.accept)
        hands.follow(dialog.root.locator("#dialog-confirm"))
        dialog.expect_closed()
    assert trail.since(before) == ["Version created", "Version published"]
    assert "Hello" in Workflow.objects.get().published.definition


def test_task_21_add_move_and_configure_a_step_test_and_publish(visit_as, manager) -> None:
    workflow = make_workflow("Leads")
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        Workflows(visit).open()
        tab_to(page, page.get_by_role("link", name="Leads", exact=True))
        hands.press("e")
        page.wait_for_url("**/edit/")
        hands.follow(page.locator("#add-steps-1"))
        expect(page.get_by_label("Search the library")).to_be_focused()
        hands.follow(page.locator("#kind-delay"))
        expect(page.get_by_role("heading", name="delay")).to_be_visible()
        hands.fill(page.get_by_label("Wait for"), "PT1S")
        hands.press("Alt+ArrowUp")
        expect(said(page)).to_contain_text("Moved delay up.")
        hands.press("Control+s")
        expect(said(page)).to_contain_text("Saved as the draft, version 2.")
        hands.press("Control+Enter")
        expect(page.locator("#test-result")).to_be_visible()
        hands.follow(page.locator("#editor-publish"))
        expect(page.get_by_role("heading", name="Publish changes", level=1)).to_be_visible()
        hands.tick(page.get_by_role("checkbox", name=re.compile("^Accept th")))
        hands.follow(page.get_by_role("button", name="Publish", exact=True))
        expect(said(page)).to_contain_text("Version 2 is published.")
    workflow.refresh_from_db()
    assert [step["id"] for step in json.loads(workflow.published.definition)["steps"]] == ["delay", "greet"]


def test_task_24_rotate_a_secret_and_mark_the_connection_as_down(visit_as, manager) -> None:
    connection = make_connection("crm", auth="bearer")
    ask = {"id": "ask", "kind": "http_request", "connection": "crm", "path": "/"}
    make_workflow("Leads", definition={**DEFINITION, "steps": [ask]})
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        Workflows(visit).open()
        hands.follow(page.get_by_role("navigation").get_by_role("link", name="Connections"))
        hands.row_menu("crm", "Rotate secret")
        dialog = hands.dialog("Rotate secret")
        hands.fill(dialog.field("New secret"), "quite-another-one")
        with page.expect_response("**/automations/connections/"):
            hands.press("Enter")
        expect(said(page)).to_contain_text("Rotated the secret of crm.")
        expect(page.locator("#list.htmx-request")).to_have_count(0)
        hands.row_menu("crm", "Mark as down")
        dialog = hands.dialog("Mark connection as down")
        hands.follow(dialog.button("Mark as down"))
        expect(said(page)).to_contain_text(re.compile("crm is down; paused 1 workflow."))
    connection = Connection.objects.get(pk=connection.pk)
    assert connection.secret_set_at is not None
    assert Workflow.objects.get().status == "paused"
