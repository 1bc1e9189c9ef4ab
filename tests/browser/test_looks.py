"""axe (WCAG 2.0 to 2.2, A and AA) finds nothing, and nothing scrolls sideways: light and dark, 1280 and 320 px."""

import pytest

from tests.accessibility import orientation_locks
from tests.browser import addresses, states
from tests.browser.looks import expect_fine
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
        addresses.of_many,
        addresses.of_the_rest,
    ],
    ids=["lists", "workflows", "verbs", "runs", "many", "rest"],
)
def test_pages_look_fine(visit_as, world, part) -> None:
    with visit_as(world.manager) as visit:
        for name, path in part(world).items():
            visit.go(path)
            expect_fine(visit.page, name)


@pytest.mark.parametrize("opened", [states.menus_and_panels, states.dialogs, states.quick_look_and_notice])
def test_what_opens_looks_fine(visit_as, world, opened) -> None:
    with visit_as(world.manager) as visit:
        for name in opened(visit, world):
            expect_fine(visit.page, name)


def test_first_use_and_refusals_look_fine(visit_as, transactional_db) -> None:
    with visit_as(make_user("manager")) as visit:
        for name, path in addresses.lists().items():
            if name in addresses.FIRST_USE:
                visit.go(path)
                expect_fine(visit.page, f"first-use-{name}")
        visit.go("/automations/workflows/999999/")
        expect_fine(visit.page, "not-found")


def test_forbidden_looks_fine(visit_as, world) -> None:
    with visit_as(world.viewer) as visit:
        for name in states.forbidden(visit, world):
            expect_fine(visit.page, name)


def test_sign_in_looks_fine(visit_as, transactional_db) -> None:
    with visit_as(make_user("manager")) as visit:
        for name in states.sign_in(visit):
            expect_fine(visit.page, name)


def test_no_style_turns_the_page_back(visit_as, transactional_db) -> None:
    with visit_as(make_user("manager")) as visit:
        visit.go("/automations/workflows/")
        assert orientation_locks(visit.page) == []
