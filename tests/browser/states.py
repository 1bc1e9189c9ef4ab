"""What a page looks like once somebody does something there: menus, panels, dialogs, refusals, messages.

Each function opens one state after the other and gives its name while it stands; who asks judges it or takes a picture.
"""

from collections.abc import Iterator

from playwright.sync_api import expect

from tests.browser.pages import DialogBox, Workflows
from tests.browser.world import World
from tests.config.web.browsing import Visit

WORKFLOWS = "/automations/workflows/"
# Whose menu, which item, and the button that is pressed without input; empty where nothing can be refused.
DIALOGS = (
    ("active", "Pause", "Pause"),
    ("active", "Stop", "Stop"),
    ("active", "Clone", ""),
    ("paused", "Resume", ""),
    ("draft", "Run", "Yes, start it"),
    ("broken", "Run", ""),
    ("draft", "Delete", "Delete"),
)
PANELS = (
    ("open-filters", "Add filter"),
    ("open-account", "Account"),
    ("open-columns", "Columns"),
    ("open-views", "View: All workflows"),
)


def menus_and_panels(visit: Visit, world: World) -> Iterator[str]:
    """Of the list of workflows."""
    page, workflows = visit.page, Workflows(visit).open()
    workflows.menu_button(world.active.name).click()
    yield "open-menu"
    page.keyboard.press("Escape")
    workflows.sentence.click()
    yield "open-sentence"
    page.keyboard.press("Escape")
    for name, label in PANELS:
        page.get_by_role("button", name=label).click()
        yield name
        page.keyboard.press("Escape")
    page.locator("[data-select]").first.check()
    yield "selected"
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    yield "open-palette"


def dialogs(visit: Visit, world: World) -> Iterator[str]:
    """Verbs in the page's dialog, as they ask and as they refuse."""
    for subject, item, refused in DIALOGS:
        workflows = Workflows(visit).open()
        workflows.choose(getattr(world, subject).name, item)
        dialog = DialogBox(visit.page, f"{item} workflow").expect_open()
        yield f"dialog-{subject}-{item}"
        if refused:
            dialog.button(refused).click()
            expect(dialog.summary).to_be_focused()
            yield f"dialog-{subject}-{item}-refused"


def quick_look_and_notice(visit: Visit, world: World) -> Iterator[str]:
    workflows = Workflows(visit).open(f"?overview={world.active.pk}")
    look = DialogBox(visit.page, "Quick look").expect_open()
    yield "quick-look-open"
    look.root.get_by_role("button", name="Actions for").click()
    yield "quick-look-menu"
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("Escape")
    look.expect_closed()
    workflows.choose(world.active.name, "Rename")
    dialog = DialogBox(visit.page, "Rename workflow").expect_open()
    dialog.field("Name").fill("Leads")
    dialog.button("Rename").click()
    expect(visit.page.get_by_role("button", name="Undo")).to_be_visible()
    yield "notice"


def forbidden(visit: Visit, world: World) -> Iterator[str]:
    """For somebody who only reads."""
    visit.go(f"{WORKFLOWS}{world.active.pk}/pause/")
    yield "forbidden"
    visit.go(WORKFLOWS)
    yield "workflows-viewer"


def sign_in(visit: Visit) -> Iterator[str]:
    visit.page.context.clear_cookies()
    visit.go("/login/")
    yield "sign-in"
    visit.page.get_by_label("Name").fill("admin")
    visit.page.get_by_label("Password").fill("wrong")
    visit.page.get_by_role("button", name="Sign in").click()
    expect(visit.page.locator("#error-summary")).to_be_visible()
    yield "sign-in-refused"
