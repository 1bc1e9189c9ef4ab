"""A person at the keyboard: only key presses, no pointer, and no focus that is not reached."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import DialogBox, is_focused, tab_to
from tests.config.web.browsing import Visit


@dataclass(frozen=True)
class Hands:
    """What ten fingers can do on a page."""

    visit: Visit

    @property
    def page(self) -> Page:
        return self.visit.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def follow(self, target: Locator) -> None:
        """Tab to a link or button and press Enter."""
        tab_to(self.page, target)
        self.press("Enter")

    def fill(self, target: Locator, text: str) -> None:
        """Tab to a field and type over what it holds."""
        tab_to(self.page, target)
        self.press("ControlOrMeta+a")
        self.type(text)

    def pick(self, target: Locator, word: str) -> None:
        """Tab to a list of choices and type the beginning of one."""
        tab_to(self.page, target)
        self.type(word)

    def moment(self, target: Locator, day: str, time: str) -> None:
        """Tab to a field for date and time; type month, day and year, go on, and type the time."""
        tab_to(self.page, target)
        self.type(day)
        self.press("ArrowRight")
        self.type(time)

    def tick(self, target: Locator) -> None:
        tab_to(self.page, target)
        self.press("Space")

    def back_to(self, target: Locator) -> None:
        """Shift and Tab until the focus is there."""
        tab_to(self.page, target, key="Shift+Tab")

    def choose(self, group: Locator, label: str) -> None:
        """Tab to a group of radio buttons and go down to one of them."""
        wanted = group.get_by_label(label)
        radios = group.get_by_role("radio")
        chosen = group.locator("input:checked")
        tab_to(self.page, chosen if chosen.count() else radios.first)
        for _ in range(radios.count()):
            if wanted.is_checked():
                return
            self.press("ArrowDown")
        expect(wanted).to_be_checked()

    def menu(self, button: Locator, item: str) -> None:
        """Tab to a menu's button, open it and find the item by its first letter."""
        tab_to(self.page, button)
        self.press("Enter")
        wanted = self.page.get_by_role("menuitem", name=item, exact=True)
        expect(wanted).to_be_visible()
        for _ in range(self.page.get_by_role("menuitem").count()):
            if is_focused(wanted):
                break
            self.press(item[0].lower())
        expect(wanted).to_be_focused()
        self.press("Enter")

    def row_menu(self, name: str, item: str) -> None:
        """The same in the menu that acts on a thing."""
        self.menu(self.page.get_by_role("button", name=f"Actions for {name}", exact=True), item)

    def dialog(self, heading: str) -> DialogBox:
        return DialogBox(self.page, heading).expect_open()

    def go(self, letter: str, heading: str) -> None:
        """g and a letter, to a page that begins with a heading."""
        self.press("g", letter)
        expect(self.page.get_by_role("heading", name=heading, level=1)).to_be_visible()
