"""Quick look in Chromium: its address, Up and Down, Esc and Back."""

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


def test_opens_in_the_address_moves_by_arrows_and_closes_by_escape(visit):
    one, two, three = (make_workflow(name) for name in ("One", "Two", "Three"))
    visit.go(f"{LIST}?status=active")
    page = visit.page
    steps = page.evaluate("history.length")
    page.locator(f"#name-{one.pk}").focus()
    page.keyboard.press("o")
    dialog = page.get_by_role("dialog", name="Quick look")
    expect(dialog).to_contain_text("One")
    page.wait_for_url(f"**/?status=active&overview={one.pk}")
    page.keyboard.press("ArrowDown")
    page.wait_for_url(f"**/?status=active&overview={three.pk}")
    expect(dialog).to_contain_text("Three")
    page.keyboard.press("ArrowDown")
    page.wait_for_url(f"**/?status=active&overview={two.pk}")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Workflow below")).to_be_disabled()
    page.keyboard.press("ArrowUp")
    page.wait_for_url(f"**/?status=active&overview={three.pk}")
    assert page.evaluate("history.length") == steps + 1
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.wait_for_url("**/?status=active")
    assert visit.focused() in {f"look-{one.pk}", f"name-{one.pk}", f"look-{three.pk}"}


def test_back_closes_it_without_loading_the_list_anew(visit):
    one = make_workflow("One")
    visit.go(LIST)
    page = visit.page
    page.evaluate("window.stays = true")
    page.get_by_role("link", name="Quick look at One").click()
    expect(page.get_by_role("dialog", name="Quick look")).to_be_visible()
    page.wait_for_url(f"**/?overview={one.pk}")
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.wait_for_url(f"**{LIST}")
    assert page.evaluate("window.stays")


def test_opens_cold_and_a_verb_leaves_the_address(visit):
    one = make_workflow("One")
    visit.go(f"{LIST}?overview={one.pk}")
    page = visit.page
    dialog = page.get_by_role("dialog", name="Quick look")
    expect(dialog).to_contain_text("One")
    page.locator("#overview-action").click()
    expect(page.get_by_role("dialog", name="Pause workflow")).to_be_visible()
    page.wait_for_url(f"**{LIST}")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
