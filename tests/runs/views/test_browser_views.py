"""Chips, columns, density and saved views in Chromium."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect

from tests.config.web.browsing import Visit, visiting
from tests.factories import make_user, make_workflow
from tests.runs.views.pages import client_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/automations/workflows/"


@pytest.fixture
def visit(browser: Browser, live_server, transactional_db) -> Iterator[Visit]:
    """A manager's browser."""
    client = client_of(make_user("manager", username="admin"))
    name = settings.SESSION_COOKIE_NAME
    with visiting(browser, live_server.url, {name: client.cookies[name].value}) as opened:
        yield opened


def test_a_chip_takes_its_filter_away_for_good_and_enter_in_the_search_does_not(visit):
    make_workflow("Leads", tags=["night"])
    make_workflow("Other")
    visit.go(f"{LIST}?tag=night&sort=-name")
    page = visit.page
    page.locator("[data-search]").fill("e")
    page.locator("[data-search]").press("Enter")
    page.wait_for_url("**/?q=e&tag=night&sort=-name")
    page.get_by_role("button", name="Remove filter Tag").press("Enter")
    page.wait_for_url("**/?q=e&sort=-name")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert visit.focused() == "more-filters-button"
    page.locator("#choice-status-button").click()
    page.get_by_label("Draft", exact=True).click()
    page.wait_for_url("**/?status=active,paused,not_running&q=e&sort=-name")


def test_columns_and_density_apply_at_once_and_a_view_opens_cold(visit):
    make_workflow("Leads")
    visit.go(LIST)
    page = visit.page
    page.locator("#looks-button").click()
    page.get_by_role("checkbox", name="Owner").uncheck()
    page.get_by_label("Compact").check()
    page.wait_for_url("**/?columns=strip,success,runs,last_run,next_run&density=compact")
    expect(page.get_by_role("columnheader", name="Owner")).to_have_count(0)
    expect(page.locator("#results")).to_have_attribute("data-density", "compact")
    page.keyboard.press("Escape")
    page.locator("#views-button").click()
    page.locator("#view-save-as").click()
    page.get_by_role("dialog", name="Save view").get_by_label("Name").fill("Dense")
    page.locator("#dialog-confirm").click()
    page.wait_for_url("**&view=*")
    expect(page.locator("#views-button")).to_have_text("View: Dense")
    expect(page.locator("#status")).to_contain_text("The view “Dense” is saved.")
    address = page.url
    visit.go(LIST)
    page.goto(address)
    expect(page.get_by_role("columnheader", name="Owner")).to_have_count(0)
