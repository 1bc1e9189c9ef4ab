"""Pictures of all pages and states in both themes and three widths, for eyes: `make gallery`. Nothing is judged here.

Not collected by itself, because its name does not begin with "test".
"""

import html
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from bench.seeding import seed
from tests.browser import addresses, states
from tests.browser.looks import PAINTED, THEMES
from tests.browser.world import World, make_world
from tests.factories import make_run, make_user, make_workflow

pytestmark = pytest.mark.browser

FOLDER = Path(os.environ.get("GALLERY", "gallery"))
WIDTHS = (1280, 768, 320)
MANY = {"workflows": 3_000, "runs": 30_000}
HEAD = """<!doctype html><meta charset="utf-8"><title>Gallery</title><style>
body { font: 14px system-ui; margin: 1rem; background: #888 } section { margin-block: 1rem }
div { display: flex; gap: 1rem; align-items: start } img { max-block-size: 30rem; max-inline-size: 32vw }
</style>"""


@pytest.fixture(scope="session", autouse=True)
def index() -> Iterator[None]:
    """One page that shows them all, by name."""
    FOLDER.mkdir(exist_ok=True)
    yield
    names = sorted({path.name.rsplit("-", 2)[0] for path in FOLDER.glob("*.png")})
    sections = (f"<section><h2>{html.escape(name)}</h2>{_row(name)}</section>" for name in names)
    (FOLDER / "index.html").write_text(HEAD + "\n".join(sections))


def _row(name: str) -> str:
    pictures = sorted(FOLDER.glob(f"{name}-*-*.png"), key=lambda path: path.name, reverse=True)
    mine = (path.name for path in pictures if path.name.rsplit("-", 2)[0] == name)
    return (
        "<div>"
        + "".join(f'<a href="{one}"><img src="{one}" alt="{one}" loading="lazy"></a>' for one in mine)
        + "</div>"
    )


def shoot(page: Page, name: str) -> None:
    """Six pictures of the page as it stands; leaves it wide and light."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.evaluate(PAINTED)
            is_covered = page.locator("dialog[open]").count() > 0
            page.screenshot(path=FOLDER / f"{name}-{width}-{theme}.png", full_page=not is_covered)
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    page.emulate_media(color_scheme=THEMES[0])


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def test_pages(visit_as, world) -> None:
    pages = addresses.everything(world)
    with visit_as(world.manager) as visit:
        for name in (name for name in pages if name not in addresses.of_admin()):
            visit.go(pages[name])
            shoot(visit.page, name)


@pytest.mark.parametrize("opened", [states.menus_and_panels, states.dialogs, states.quick_look_and_notice])
def test_states(visit_as, world, opened) -> None:
    with visit_as(world.manager) as visit:
        for name in opened(visit, world):
            shoot(visit.page, name)


def test_for_somebody_who_only_reads(visit_as, world) -> None:
    with visit_as(world.viewer) as visit:
        for name in states.forbidden(visit, world):
            shoot(visit.page, name)


def lists_shot(visit, prefix: str) -> None:
    for name, path in addresses.lists().items():
        if name in addresses.FIRST_USE:
            visit.go(path)
            shoot(visit.page, f"{prefix}-{name}")


def test_nothing_yet_and_signing_in(visit_as, transactional_db) -> None:
    with visit_as(make_user("manager")) as visit:
        lists_shot(visit, "first-use")
        visit.go("/automations/workflows/999999/")
        shoot(visit.page, "not-found")
        for name in states.sign_in(visit):
            shoot(visit.page, name)


def test_one_row_and_thousands(visit_as, transactional_db) -> None:
    now = timezone.now()
    run = make_run(make_workflow("Lead qualification"), status="success", started_at=now, ended_at=now)
    with visit_as(make_user("manager")) as visit:
        lists_shot(visit, "one-row")
        seed(run, **MANY)
        lists_shot(visit, "thousands")
