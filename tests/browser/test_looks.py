"""axe (WCAG 2.0 to 2.2, A and AA) finds nothing, and nothing scrolls sideways: light and dark, 1280 and 320 px."""

import pytest
from playwright.sync_api import expect

from tests.browser import addresses
from tests.browser.looks import expect_fine
from tests.browser.pages import DialogBox, Workflows
from tests.browser.world import World, make_world
from tests.factories import make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


@pytest.mark.parametrize(
    "part",
    [
        lambda world: addresses.lists(),
        addresses.of_workflows,
        addresses.of_verbs,
        addresses.of_runs,
        addresses.of_the_rest,
    ],
    ids=["lists", "workflows", "verbs", "runs", "rest"],
)
def test_pages_look_fine(visit_as, world, part) -> None:
    with visit_as(world.manager) as visit:
        for name, path in part(world).items():
            visit.go(path)
            expect_fine(visit.page, name)


def test_menus_and_panels_look_fine(visit_as, world) -> None:
    with visit_as(world.manager) as visit:
        page, workflows = visit.page, Workflows(visit).open()
        workflows.menu_button(world.active.name).click()
        expect_fine(page, "open-menu")
        page.keyboard.press("Escape")
        workflows.sentence.click()
        expect_fine(page, "open-sentence")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Add filter").click()
        expect_fine(page, "open-filters")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Account").click()
        expect_fine(page, "open-account")


@pytest.mark.parametrize(
    ("subject", "item", "refused"),
    [
        ("active", "Pause", "Pause"),
        ("active", "Stop", "Stop"),
        ("active", "Clone", ""),
        ("paused", "Resume", ""),
        ("draft", "Run", "Yes, start it"),
        ("broken", "Run", ""),
        ("draft", "Delete", "Delete"),
    ],
)
def test_dialogs_look_fine(visit_as, world, subject: str, item: str, refused: str) -> None:
    with visit_as(world.manager) as visit:
        workflows = Workflows(visit).open()
        workflows.choose(getattr(world, subject).name, item)
        dialog = DialogBox(visit.page, f"{item} workflow").expect_open()
        expect_fine(visit.page, f"dialog-{subject}-{item}")
        if refused:
            dialog.button(refused).click()
            expect(dialog.summary).to_be_focused()
            expect_fine(visit.page, f"dialog-{subject}-{item}-refused")


def test_quick_look_and_notice_look_fine(visit_as, world) -> None:
    with visit_as(world.manager) as visit:
        workflows = Workflows(visit).open()
        workflows.row(world.active.name).get_by_role("link", name=world.active.name).focus()
        visit.page.keyboard.press("o")
        DialogBox(visit.page, "Quick look").expect_open()
        expect_fine(visit.page, "quick-look")
        visit.page.keyboard.press("Escape")
        workflows.choose(world.active.name, "Rename")
        dialog = DialogBox(visit.page, "Rename workflow").expect_open()
        dialog.field("Name").fill("Leads")
        dialog.button("Rename").click()
        expect(visit.page.get_by_role("button", name="Undo")).to_be_visible()
        expect_fine(visit.page, "notice")


def test_first_use_and_refusals_look_fine(visit_as, transactional_db) -> None:
    with visit_as(make_user("manager")) as visit:
        for name, path in addresses.lists().items():
            if name in ("workflows", "runs", "audit", "connections"):
                visit.go(path)
                expect_fine(visit.page, f"first-use-{name}")
        visit.go("/automations/workflows/999999/")
        expect_fine(visit.page, "not-found")


def test_forbidden_looks_fine(visit_as, world) -> None:
    with visit_as(world.viewer) as visit:
        visit.go(f"/automations/workflows/{world.active.pk}/pause/")
        expect_fine(visit.page, "forbidden")
        visit.go("/automations/workflows/")
        expect_fine(visit.page, "workflows-viewer")


def test_sign_in_looks_fine(visit_as, transactional_db) -> None:
    with visit_as(make_user("manager")) as visit:
        visit.page.context.clear_cookies()
        visit.go("/login/")
        expect_fine(visit.page, "sign-in")
        visit.page.get_by_label("Name").fill("admin")
        visit.page.get_by_label("Password").fill("wrong")
        visit.page.get_by_role("button", name="Sign in").click()
        expect(visit.page.locator("#error-summary")).to_be_visible()
        expect_fine(visit.page, "sign-in-refused")
