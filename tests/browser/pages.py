"""The pages as a person uses them: what stands where, by mouse and by keys."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.config.web.browsing import Visit

WORKFLOWS = "/automations/workflows/"
RUNS = "/automations/runs/"
# null: the element was just replaced by its successor, so it has to be asked again.
IS_FOCUSED = "element => element.isConnected ? element === document.activeElement : null"
STOPS = 120


def is_focused(target: Locator) -> bool:
    """Whether the target has the focus now, even while a swap replaces it."""
    while (answer := target.evaluate(IS_FOCUSED)) is None:
        pass
    return bool(answer)


def tab_to(page: Page, target: Locator, *, key: str = "Tab") -> None:
    """Tab until the focus is there; a place that Tab does not reach fails."""
    for _ in range(STOPS):
        if is_focused(target):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{STOPS} presses of {key} do not reach {target}.")


def said(page: Page) -> Locator:
    """The page's one status region."""
    return page.get_by_role("status")


@dataclass(frozen=True)
class Workflows:
    """The list of workflows."""

    visit: Visit

    @property
    def page(self) -> Page:
        return self.visit.page

    def open(self, query: str = "") -> "Workflows":
        self.visit.go(WORKFLOWS + query)
        return self

    def row(self, name: str) -> Locator:
        link = self.page.get_by_role("link", name=name, exact=True)
        return self.page.locator("#list [data-row]").filter(has=link)

    def names(self) -> list[str]:
        return self.page.locator("#list tbody th > a:first-child").all_inner_texts()

    def badge(self, name: str) -> Locator:
        return self.row(name).locator(".badge")

    def menu_button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=f"Actions for {name}", exact=True)

    def item(self, label: str) -> Locator:
        return self.page.get_by_role("menuitem", name=label, exact=True)

    def choose(self, name: str, label: str) -> None:
        """A verb from the row's menu, by mouse."""
        self.menu_button(name).click()
        self.item(label).click()

    def choose_by_keys(self, name: str, label: str) -> None:
        """The same from the keyboard: Tab to the button, Down into the menu, Down to the item."""
        keys = self.page.keyboard
        tab_to(self.page, self.menu_button(name))
        keys.press("ArrowDown")
        expect(self.page.get_by_role("menuitem").first).to_be_focused()
        for _ in range(self.page.get_by_role("menuitem").count()):
            if is_focused(self.item(label)):
                break
            keys.press("ArrowDown")
        expect(self.item(label)).to_be_focused()
        keys.press("Enter")

    @property
    def sentence(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("^Status is"))

    def box(self, label: str) -> Locator:
        return self.page.get_by_role("checkbox", name=label, exact=True)


@dataclass(frozen=True)
class DialogBox:
    """The page's one dialog while it is open."""

    page: Page
    heading: str

    @property
    def root(self) -> Locator:
        return self.page.get_by_role("dialog", name=self.heading, exact=True)

    def field(self, label: str) -> Locator:
        return self.root.get_by_label(label, exact=True)

    def button(self, label: str) -> Locator:
        return self.root.get_by_role("button", name=label, exact=True)

    @property
    def cancel(self) -> Locator:
        return self.root.get_by_role("link", name="Cancel", exact=True)

    @property
    def accept(self) -> Locator:
        """The tick for warnings."""
        return self.root.get_by_role("checkbox", name=re.compile("^Accept th"))

    @property
    def summary(self) -> Locator:
        return self.root.locator("#error-summary")

    def expect_open(self) -> "DialogBox":
        expect(self.root).to_be_visible()
        return self

    def expect_closed(self) -> None:
        expect(self.page.get_by_role("dialog")).to_have_count(0)
