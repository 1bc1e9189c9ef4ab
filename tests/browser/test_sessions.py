"""A session that ends leads to one sign-in page, and from there back to the same address."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Workflows
from tests.browser.prepared import NAME
from tests.factories import make_workflow

pytestmark = pytest.mark.browser


def sign_in(page: Page) -> None:
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill("secret-pass")
    page.get_by_role("button", name="Sign in").click()


def test_ended_session_leads_to_one_sign_in_and_back_to_the_address(visit_as, manager) -> None:
    make_workflow(NAME)
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open("?status=active,paused")
        visit.page.context.clear_cookies(name="signalbox_session")
        workflows.choose(NAME, "Pause")
        visit.page.wait_for_url("**/login/?next=*")
        assert visit.sent("/login/") == 1
        sign_in(visit.page)
        visit.page.wait_for_url("**/automations/workflows/?status=active,paused")
        expect(workflows.row(NAME)).to_be_visible()


def test_signed_out_page_comes_back_after_signing_in(visit_as, manager) -> None:
    with visit_as(manager) as visit:
        visit.page.context.clear_cookies()
        visit.go("/automations/audit/?event=Sign-in")
        assert visit.path() == "/login/?next=/automations/audit/%3Fevent%3DSign-in"
        sign_in(visit.page)
        visit.page.wait_for_url("**/automations/audit/?event=Sign-in")
        expect(visit.page.get_by_role("heading", name="Audit log", level=1)).to_be_visible()


def test_password_is_pasted_and_kept_by_the_browser(visit_as, manager) -> None:
    with visit_as(manager) as visit:
        page = visit.page
        page.context.clear_cookies()
        visit.go("/login/")
        name, password = page.get_by_label("Name"), page.get_by_label("Password")
        name.fill("secret-pass")
        for key in ("a", "x"):
            page.keyboard.press(f"ControlOrMeta+{key}")
        password.focus()
        page.keyboard.press("ControlOrMeta+v")
        expect(password).to_have_value("secret-pass")
        expect(name).to_have_attribute("autocomplete", "username")
        expect(password).to_have_attribute("autocomplete", "current-password")
