"""Maintenance windows in Chromium: planned by keyboard, ended, deleted; without script; in both themes and widths."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.looks import expect_fine
from tests.factories import make_connection, make_scope, make_user, make_workflow
from tests.workflows.browser_fixtures import visit_as as visit_as
from tests.workflows.windows import make_current, make_window
from workflows.models import MaintenanceWindow, Role, WindowPause
from workflows.services.maintenance import end_window
from workflows.services.maintenance_pauses import take

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/automations/maintenance/"


@pytest.fixture
def current(transactional_db: Any) -> MaintenanceWindow:
    """One window in force with two workflows, one ahead, one over of which one workflow stayed paused."""
    hub = make_scope("hub:sydney")
    leads, stock = make_workflow("Lead qualification", tags=["crm"]), make_workflow("Stock alerts", scope=hub)
    make_window("Payment gateway certificate", connection=make_connection(), zone="Australia/Sydney")
    over = make_current("Warehouse move", scopes=[hub])
    end_window(over.pk)
    moment = timezone.now() - timedelta(days=1)
    for flow, outcome, why in (
        (leads, "resumed", ""),
        (stock, "stays", "Connection crm does not answer: 503."),
    ):
        WindowPause.objects.create(
            window=over, workflow=flow, paused_at=moment, reason="x", until=moment, outcome=outcome, why=why, closed_at=moment
        )  # fmt: skip
    window = make_current("CRM upgrade to version 9")
    for flow in (leads, stock):
        take(window, flow.pk)
    return window


def fill(page: Page, *, title: str) -> None:
    page.get_by_label("Title").fill(title)
    page.get_by_label("From").fill("2099-03-01T10:00")
    page.get_by_label("To", exact=True).fill("2099-03-01T12:00")


def test_planned_by_keyboard_with_the_numbers_between(visit_as, transactional_db) -> None:
    make_workflow("Lead qualification")
    with visit_as(make_user(Role.OPERATOR)) as visit:
        page = visit.page
        visit.go(LIST)
        page.get_by_role("link", name="Plan a window").focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Plan maintenance window")
        expect(dialog.get_by_label("Title")).to_be_focused()
        page.keyboard.press("Enter")
        expect(dialog.locator("#error-summary")).to_be_focused()
        fill(page, title="CRM upgrade")
        dialog.get_by_role("button", name="Continue").press("Enter")
        expect(dialog).to_contain_text("It is bound to 1 workflow. 1 is Active now")
        expect(dialog).to_contain_text("Lead qualification")
        expect_fine(page, "window-numbers")
        dialog.get_by_role("button", name="Plan it").press("Enter")

        expect(dialog).to_be_hidden()
        expect(page.get_by_role("status")).to_contain_text("Planned CRM upgrade.")
        expect(page.get_by_role("table", name="Upcoming")).to_contain_text("1 workflow, 1 Active")


def test_planned_without_script(visit_as, transactional_db) -> None:
    with visit_as(make_user(Role.OPERATOR), java_script_enabled=False) as visit:
        page = visit.page
        visit.go(LIST)
        page.get_by_role("link", name="Plan a window").click()
        fill(page, title="CRM upgrade")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("It is bound to 0 workflows.")).to_be_visible()
        page.get_by_role("button", name="Plan it").click()

        expect(page.get_by_role("table", name="Upcoming")).to_contain_text("CRM upgrade")
    assert MaintenanceWindow.objects.get().title == "CRM upgrade"


def test_ended_and_deleted_from_its_page(visit_as, current: MaintenanceWindow) -> None:
    with visit_as(make_user(Role.OPERATOR)) as visit:
        page = visit.page
        visit.go(f"{LIST}{current.pk}/")
        page.get_by_role("button", name="Actions for CRM upgrade").click()
        page.get_by_role("menuitem", name="End now").click()
        dialog = page.get_by_role("dialog", name="End maintenance window")
        expect(dialog).to_contain_text("2 workflows that it paused will be resumed")
        dialog.get_by_role("button", name="End now").click()
        expect(page.locator("#window")).to_contain_text("Ended early")

        page.get_by_role("button", name="Actions for CRM upgrade").click()
        page.get_by_role("menuitem", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_role("status")).to_contain_text("Deleted CRM upgrade to version 9.")
        assert visit.path() == LIST


def test_pages_look_fine(visit_as, current: MaintenanceWindow) -> None:
    over = MaintenanceWindow.objects.get(title="Warehouse move")
    with visit_as(make_user(Role.OPERATOR)) as visit:
        for name, path in {
            "list": LIST,
            "in-force": f"{LIST}{current.pk}/",
            "over": f"{LIST}{over.pk}/",
        }.items():
            visit.go(path)
            expect_fine(visit.page, f"maintenance-{name}")
        visit.go(f"/automations/workflows/{over.pauses.first().workflow_id}/")
        expect_fine(visit.page, "maintenance-announced")
