"""The frame: without script, themes, narrow screens, accessibility."""

import pytest
from playwright.sync_api import expect

from tests.browser.looks import expect_fine

pytestmark = pytest.mark.browser
LIST = "/demo/workflows/"


def test_everything_works_without_script(open_site, many):
    with open_site(java_script_enabled=False) as visit:
        page = visit.page
        visit.go(LIST)
        page.locator("summary", has_text="Status is").click()
        for label in ["Draft", "Not Running", "Paused"]:
            page.get_by_label(label, exact=True).uncheck()
        page.get_by_role("button", name="Apply").click()
        assert "status=active" in page.url
        row = page.locator("[data-row]").first
        name = row.locator("th").inner_text()
        row.locator("summary").click()
        row.get_by_role("link", name="Rename").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Rename workflow")
        page.get_by_label("Name").fill("x" * 51)
        page.get_by_role("button", name="Rename").click()
        expect(page.locator("#error-summary")).to_contain_text("Use at most 50 characters.")
        page.get_by_label("Name").fill(f"{name} again")
        page.get_by_role("button", name="Rename").click()
        expect(page.get_by_role("status")).to_contain_text("Renamed.")
        expect(page.get_by_role("link", name=f"{name} again")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("link", name="undone")).to_be_visible()


def test_theme_is_chosen_in_the_account_menu_and_stays(open_site, many):
    with open_site(color_scheme="light") as visit:
        visit.go(LIST)
        visit.page.get_by_role("button", name="Account").click()
        visit.page.get_by_role("button", name="Dark").click()
        expect(visit.page.locator("html")).to_have_attribute("data-theme", "dark")
        dark = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
        visit.go("/settings/")
        assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
        expect(visit.page.get_by_label("Dark")).to_be_checked()


def test_sign_out_is_a_post_from_the_account_menu(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        visit.page.get_by_role("button", name="Account").click()
        visit.page.get_by_role("button", name="Sign out").click()
        visit.page.wait_for_url("**/login/")
        visit.go(LIST)
        assert visit.path() == f"/login/?next={LIST}"


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_scrolls_sideways(open_site, many, width):
    many[0].name = "Invoice" * 20
    many[0].save()
    with open_site(viewport={"width": width, "height": 700}) as visit:
        for path in [
            LIST,
            f"/demo/workflows/{many[0].pk}/",
            f"/demo/workflows/{many[0].pk}/rename/",
            "/settings/",
        ]:
            visit.go(path)
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_navigation_opens_from_a_button_on_narrow_screens(open_site, many):
    with open_site(viewport={"width": 320, "height": 700}) as visit:
        visit.go(LIST)
        navigation = visit.page.get_by_role("navigation", name="Automations")
        expect(navigation).to_be_hidden()
        visit.page.get_by_role("button", name="Menu").click()
        expect(navigation.get_by_role("link", name="Workflow Runs")).to_be_visible()


def test_targets_are_large_enough(open_site, many):
    too_small = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), summary, select")]
        .map((one) => [one.closest("label") || one, one])
        .filter(([box]) => box.offsetParent && !box.closest("p, li li, .hidden-text, th, .breadcrumb"))
        .map(([box, one]) => [box.getBoundingClientRect(), one.outerHTML.slice(0, 80)])
        .filter(([box]) => box.width < 24 || box.height < 24).map(([, text]) => text)"""
    with open_site() as visit:
        for path in [LIST, f"/demo/workflows/{many[0].pk}/", f"/demo/workflows/{many[0].pk}/rename/"]:
            visit.go(path)
            assert visit.page.evaluate(too_small) == []


def test_axe_finds_nothing(open_site, many):
    with open_site() as visit:
        page = visit.page
        visit.go(LIST)
        expect_fine(page, "list")
        page.get_by_role("button", name="Status is").click()
        expect_fine(page, "sentence")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Actions for Workflow 02").click()
        expect_fine(page, "menu")
        page.get_by_role("menuitem", name="Rename").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.get_by_role("dialog").get_by_label("Name").fill("x" * 51)
        page.get_by_role("button", name="Rename").click()
        expect(page.locator("#error-summary")).to_be_focused()
        expect_fine(page, "refused")
        for path in [
            f"/demo/workflows/{many[0].pk}/",
            f"{LIST}?q=nowhere&odd=1",
            "/settings/",
            "/nowhere/",
            "/help/keyboard/",
        ]:
            visit.go(path)
            expect_fine(page, path.strip("/").replace("/", "-"))


def test_axe_finds_nothing_on_the_sign_in_page(open_site):
    with open_site(session=False) as visit:
        visit.go("/login/")
        visit.page.get_by_label("Name").fill("nobody")
        visit.page.get_by_label("Password").fill("nothing")
        visit.page.get_by_role("button", name="Sign in").click()
        expect(visit.page.locator("#error-summary")).to_contain_text("Name and password do not match.")
        expect_fine(visit.page, "sign-in-refused")
