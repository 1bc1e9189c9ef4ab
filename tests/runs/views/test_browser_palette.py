"""The command palette and the letters of the lists in Chromium, by keys alone."""

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


def chosen(visit: Visit) -> str:
    return visit.page.locator("[role=option][aria-selected=true] span").first.inner_text()


def test_a_verb_is_found_chosen_and_opened_by_keys_even_from_a_field(visit):
    make_workflow("Leads")
    make_workflow("Leads two")
    visit.go(LIST)
    page = visit.page
    page.locator("[data-search]").focus()
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="A page, workflow, run or verb")
    expect(field).to_be_focused()
    page.keyboard.type("pause lea")
    expect(page.get_by_role("option")).to_have_count(2)
    assert chosen(visit) == "Pause Leads"
    page.keyboard.press("ArrowDown")
    assert chosen(visit) == "Pause Leads two"
    page.keyboard.press("ArrowDown")
    assert chosen(visit) == "Pause Leads"
    page.keyboard.press("ArrowUp")
    expect(field).to_have_attribute("aria-activedescendant", "palette-verbs-2")
    expect(page.locator("#status")).to_contain_text("2 found")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Pause workflow")
    expect(dialog).to_contain_text("Leads two")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_escape_closes_it_at_once_and_gives_the_focus_back(visit):
    visit.go(LIST)
    page = visit.page
    page.locator("#palette-button").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("nothing like this")
    expect(page.locator("#palette-nothing")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert visit.focused() == "palette-button"


def test_a_page_is_reached_and_letters_off_leave_the_palette_on(visit):
    page = visit.page
    page.context.add_cookies([{"name": "signalbox_letters", "value": "off", "url": visit.root}])
    visit.go(LIST)
    page.keyboard.press("n")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("audit")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/automations/audit/")
