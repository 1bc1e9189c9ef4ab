"""The connections pages in Chromium: by mouse, by keyboard, without script, in both themes, on a phone."""

import os

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import expect_fine
from tests.factories import make_user, make_workflow, workspace
from tests.workflows.browser_fixtures import visit_as as visit_as
from tests.workflows.connection_fixtures import sink as sink
from workflows import services
from workflows.models import Connection, Role, Workflow
from workflows.services.connection_values import Credentials
from workflows.services.connections import create_connection

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/automations/connections/"
DEFINITION = {
    "format": "signalbox/1", "name": "Test",
    "triggers": [{"id": "by_hand", "kind": "manual"}],
    "steps": [{"id": "ask", "kind": "http_request", "connection": "crm", "path": "/leads"}],
}  # fmt: skip


def keep(page: Page, name: str) -> None:
    """A picture for whoever wants to look: SCREENSHOTS names the folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True, caret="initial")


@pytest.fixture
def material(sink) -> Connection:
    create_connection("billing", base_url="https://billing.example.com/api", scope=workspace(),
                      credentials=Credentials("header", header_name="X-Key"))  # fmt: skip
    create_connection("chat", kind="chat", base_url="https://chat.example.com/hook", scope=workspace())
    make_workflow("Lead qualification", definition=DEFINITION)
    return create_connection("crm", base_url=sink.url, scope=workspace(),
                             credentials=Credentials("bearer", secret="canary"))[1]  # fmt: skip


def test_test_button_updates_its_own_row_and_says_so(visit_as, material) -> None:
    with visit_as(make_user(Role.OPERATOR)) as visit:
        visit.go(LIST)
        rows = visit.page.locator("[data-row]")
        rows.nth(2).get_by_role("button", name="Test crm").click()

        expect(rows.nth(2)).to_contain_text("Answered with 200.")
        expect(visit.page.get_by_role("status")).to_contain_text("crm: Answers. Answered with 200.")
        assert rows.count() == 3
        assert visit.path() == LIST
        assert visit.focused() == f"test-{material.pk}"
        keep(visit.page, "connections")


def test_mark_down_and_up_through_the_menu(visit_as, material) -> None:
    with visit_as(make_user(Role.OPERATOR)) as visit:
        page = visit.page
        visit.go(LIST)
        page.get_by_role("button", name="Actions for crm").click()
        page.get_by_role("menuitem", name="Mark as down").click()
        dialog = page.get_by_role("dialog", name="Mark connection as down")
        expect(dialog).to_contain_text("1 Active workflow uses it and will be paused")
        keep(page, "mark-down")
        dialog.get_by_role("button", name="Mark as down").click()

        expect(page.get_by_role("status")).to_contain_text("crm is down; paused 1 workflow.")
        expect(page.locator(f"#connection-{material.pk}")).to_contain_text("Marked as down")
        assert Workflow.objects.get().status == "paused"

        page.get_by_role("button", name="Actions for crm").click()
        page.get_by_role("menuitem", name="Mark as up").click()
        page.get_by_role("dialog").get_by_role("button", name="Mark as up").click()
        expect(page.get_by_role("status")).to_contain_text("crm is up; resumed 1 workflow.")
        assert Workflow.objects.get().status == "active"


def test_create_by_keyboard_with_a_mistake_first(visit_as, material) -> None:
    with visit_as(make_user(Role.MANAGER)) as visit:
        page = visit.page
        visit.go(LIST)
        page.get_by_role("link", name="Create connection").focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Create connection")
        expect(dialog.get_by_label("Name", exact=True)).to_be_focused()
        page.keyboard.type("my mail")
        dialog.get_by_label("Address").fill("https://mail.example.com")
        keep(page, "create")
        page.keyboard.press("Enter")

        expect(dialog.locator("#error-summary")).to_contain_text("no blanks")
        expect(dialog.locator("#error-summary")).to_be_focused()
        dialog.get_by_label("Name", exact=True).fill("mail")
        page.keyboard.press("Enter")

        expect(dialog).to_be_hidden()
        expect(page.get_by_role("status")).to_contain_text("Created mail.")
        expect(page.locator("[data-row]")).to_have_count(4)
        assert Connection.objects.filter(name="mail").exists()


def test_page_of_one_connection_follows_its_acts(visit_as, material) -> None:
    with visit_as(make_user(Role.MANAGER)) as visit:
        page = visit.page
        visit.go(f"{LIST}{material.pk}/")
        page.get_by_role("button", name="Actions for crm").click()
        page.get_by_role("menuitem", name="Mark as down").click()
        page.get_by_role("dialog").get_by_role("button", name="Mark as down").click()
        expect(page.locator("#connection")).to_contain_text("Marked as down")
        page.get_by_role("button", name="Actions for crm").click()
        expect(page.get_by_role("menuitem", name="Mark as up")).to_be_visible()

        services.stop(Workflow.objects.get().pk, reason="not needed any more", archive=True)
        services.delete(Workflow.objects.get().pk, confirm="Lead qualification")
        page.get_by_role("menuitem", name="Delete").click()
        dialog = page.get_by_role("dialog", name="Delete connection")
        dialog.get_by_label("Type the name to confirm").fill("crm")
        dialog.get_by_role("button", name="Delete").click()
        page.wait_for_url(f"**{LIST}")
        expect(page.get_by_role("status")).to_contain_text("Deleted crm.")


def test_everything_works_without_script(visit_as, material) -> None:
    with visit_as(make_user(Role.MANAGER), java_script_enabled=False) as visit:
        page = visit.page
        visit.go(LIST)
        page.get_by_role("button", name="Test crm").click()
        expect(page.get_by_role("status")).to_contain_text("Answered with 200.")
        page.get_by_role("link", name="chat", exact=True).click()
        page.locator("summary[aria-label='Actions for chat']").click()
        page.get_by_role("link", name="Delete").click()
        page.get_by_label("Type the name to confirm").fill("chat")
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("status")).to_contain_text("Deleted chat.")


def test_axe_finds_nothing_and_nothing_overflows(visit_as, material) -> None:
    with visit_as(make_user(Role.MANAGER)) as visit:
        for name, path in (
            ("list", LIST),
            ("detail", f"{LIST}{material.pk}/"),
            ("create", f"{LIST}new/"),
            ("delete", f"{LIST}{material.pk}/delete/"),
        ):
            visit.go(path)
            expect_fine(visit.page, f"connection-{name}")
