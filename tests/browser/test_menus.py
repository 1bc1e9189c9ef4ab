"""The menu of a workflow, key by key: in its row, in the quick look and on its page; and what stays in the browser."""

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import RUNS, WORKFLOWS, DialogBox, Workflows, tab_to
from tests.browser.prepared import NAME
from tests.config.web.browsing import Visit
from tests.factories import make_run, make_workflow

pytestmark = pytest.mark.browser

VERBS = ["Pause", "Stop", "Edit", "Test", "Trigger one run…", "Clone", "Rename", "Archive"]


def in_row(visit: Visit, pk: int) -> Locator:
    Workflows(visit).open()
    return visit.page.locator(f"#menu-{pk}-button")


def in_quick_look(visit: Visit, pk: int) -> Locator:
    visit.go(f"{WORKFLOWS}?overview={pk}")
    return DialogBox(visit.page, "Quick look").expect_open().root.locator(f"#look-{pk}-button")


def on_page(visit: Visit, pk: int) -> Locator:
    visit.go(f"{WORKFLOWS}{pk}/")
    return visit.page.get_by_role("button", name=f"Actions for {NAME}")


def active(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


@pytest.mark.parametrize("place", [in_row, in_quick_look, on_page], ids=lambda place: place.__name__)
def test_menu_follows_the_pattern_key_by_key(visit_as, manager, place) -> None:
    workflow = make_workflow(NAME)
    with visit_as(manager) as visit:
        page = visit.page
        button = place(visit, workflow.pk)
        expect(button).to_have_attribute("aria-haspopup", "menu")
        tab_to(page, button)
        for key, first in (
            ("Enter", "Pause"),
            ("Space", "Pause"),
            ("ArrowDown", "Pause"),
            ("ArrowUp", "Archive"),
        ):
            page.keyboard.press(key)
            assert (key, active(page)) == (key, first)
            expect(button).to_have_attribute("aria-expanded", "true")
            page.keyboard.press("Escape")
            expect(button).to_be_focused()
            expect(button).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("Enter")
        assert page.get_by_role("menuitem").all_inner_texts() == VERBS
        seen = []
        for key in ("ArrowUp", "ArrowDown", "End", "Home", "t", "t", "t", "r"):
            page.keyboard.press(key)
            seen.append(active(page))
        assert seen == ["Archive", "Pause", "Archive", "Pause", "Test", "Trigger one run…", "Test", "Rename"]
        page.keyboard.press("Tab")
        expect(page.get_by_role("menu")).to_have_count(0)
        tab_to(page, button)
        page.keyboard.press("Enter")
        page.keyboard.press("s")
        page.keyboard.press("Enter")
        DialogBox(page, "Stop workflow").expect_open()


def test_changed_session_is_a_message_and_never_silence(visit_as, manager) -> None:
    make_workflow(NAME)
    with visit_as(manager) as visit:
        Workflows(visit).open().choose(NAME, "Pause")
        dialog = DialogBox(visit.page, "Pause workflow").expect_open()
        dialog.field("Reason").fill("CRM outage")
        changed = {"name": "signalbox_csrf", "value": "x" * 32, "url": visit.root}
        visit.page.context.add_cookies([changed])
        dialog.button("Pause").click()
        expect(visit.page.get_by_role("alert")).to_contain_text("Your session changed")
        expect(dialog.field("Reason")).to_have_value("CRM outage")


def test_nothing_of_a_payload_stays_in_the_browser(visit_as, manager) -> None:
    workflow = make_workflow(NAME)
    run = make_run(
        workflow, input=json.dumps({"body": {"email": "ada@example.test"}, "headers": {}, "query": {}})
    )
    with visit_as(manager) as visit:
        page = visit.page
        for path in (f"{RUNS}{run.pk}/", f"{WORKFLOWS}{workflow.pk}/test/?run={run.pk}", WORKFLOWS, RUNS):
            visit.go(path)
        page.get_by_role("link", name="Workflows", exact=True).first.click()
        page.wait_for_url(f"**{WORKFLOWS}")
        page.go_back()
        stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert stored == '[{},{"htmx-current-path-for-history":"/automations/runs/"}]'
