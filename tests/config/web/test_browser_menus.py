"""The menu button pattern, key by key, and dropdowns."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
LIST = "/demo/workflows/"


def texts(page):
    return page.get_by_role("menuitem").all_inner_texts()


def active(page):
    return page.evaluate("document.activeElement.textContent.trim()")


def test_menu_is_named_and_holds_menu_items(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        button = visit.page.get_by_role("button", name="Actions for Workflow 02")
        expect(button).to_have_attribute("aria-haspopup", "menu")
        expect(button).to_have_attribute("aria-expanded", "false")
        button.click()
        expect(button).to_have_attribute("aria-expanded", "true")
        assert texts(visit.page) == ["Pause", "Edit", "Rename", "Clone", "Delete"]


def test_menu_keys_move_wrap_and_find_letters(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        page = visit.page
        page.get_by_role("button", name="Actions for Workflow 02").focus()
        seen = []
        for key in ["ArrowDown", "ArrowUp", "ArrowDown", "End", "ArrowDown", "End", "Home", "r", "d"]:
            page.keyboard.press(key)
            seen.append(active(page))
        assert seen == ["Pause", "Delete", "Pause", "Delete", "Pause", "Delete", "Pause", "Rename", "Delete"]


@pytest.mark.parametrize(("key", "first"), [("Enter", "Pause"), ("Space", "Pause"), ("ArrowUp", "Delete")])
def test_menu_opens_on_an_item_by_key(open_site, many, key, first):
    with open_site() as visit:
        visit.go(LIST)
        visit.page.get_by_role("button", name="Actions for Workflow 02").focus()
        visit.page.keyboard.press(key)
        assert active(visit.page) == first


def test_escape_closes_the_menu_and_returns_the_focus(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        button = visit.page.get_by_role("button", name="Actions for Workflow 02")
        button.focus()
        visit.page.keyboard.press("Enter")
        visit.page.keyboard.press("Escape")
        expect(button).to_be_focused()
        expect(visit.page.get_by_role("menu")).to_have_count(0)


def test_tab_closes_the_menu_and_goes_on(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        page = visit.page
        page.get_by_role("button", name="Actions for Workflow 02").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("menu")).to_have_count(0)
        expect(page.get_by_label("Select Workflow 03")).to_be_focused()


def test_only_one_menu_is_open(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        visit.page.get_by_role("button", name="Actions for Workflow 02").click()
        visit.page.get_by_role("button", name="Account").click()
        expect(visit.page.get_by_role("menu")).to_have_count(0)
        expect(visit.page.get_by_role("button", name="Sign out")).to_be_visible()


def test_menu_survives_a_refresh_of_the_list_as_a_button(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        button = visit.page.get_by_role("button", name="Actions for Workflow 02")
        button.focus()
        with visit.page.expect_response("**/demo/workflows/"):
            visit.page.evaluate("htmx.trigger(document.body, 'workflow-changed')")
        expect(button).to_be_focused()
        button.press("Enter")
        assert active(visit.page) == "Pause"


def test_letters_reach_rows_menus_pages_and_help(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        page = visit.page
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert active(page) == "Workflow 02"
        page.keyboard.press("x")
        expect(page.get_by_label("Select Workflow 02")).to_be_checked()
        page.keyboard.press("x")
        page.keyboard.press(".")
        assert active(page) == "Pause"
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type("gr?")
        expect(page.get_by_label("Search", exact=True)).to_have_value("gr?")
        page.get_by_role("link", name="Import").focus()
        page.keyboard.press("g")
        page.keyboard.press("r")
        page.wait_for_url("**/demo/runs/")


def test_letters_switched_off_do_nothing(open_site, many):
    with open_site() as visit:
        visit.go("/settings/")
        visit.page.get_by_label("Letter shortcuts").uncheck()
        visit.page.get_by_role("button", name="Save").click()
        expect(visit.page.get_by_role("status")).to_contain_text("Your settings are saved.")
        visit.page.keyboard.press("?")
        visit.page.keyboard.press("g")
        visit.page.keyboard.press("w")
        expect(visit.page.get_by_role("dialog")).to_have_count(0)
        assert visit.path() == "/settings/"
