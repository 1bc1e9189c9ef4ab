"""How a page looks in both themes, wide and narrow: axe, sideways scrolling, and a picture on demand."""

import os

from playwright.sync_api import Page

from tests.accessibility import findings

THEMES = ("light", "dark")
WIDTHS = (1280, 320)
PAINTED = "new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))"
# Chromium changes colours over some frames after a switch of themes, under reduced motion too.
RECOLOURED = "document.getAnimations().forEach((one) => one.finish())"
TRIES = 6
PAUSE = 150
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def expect_fine(page: Page, name: str) -> None:
    """Nothing for axe to find and nothing to scroll sideways, in four looks. Leaves the page wide and light.

    The environment's SCREENSHOTS names a folder that gets a picture of each look.
    """
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(PAINTED)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.evaluate(RECOLOURED)
            _keep(page, f"{name}-{width}-{theme}")
            found = _settled_findings(page, only_colours=theme == "dark")
            assert (name, width, theme, found) == (name, width, theme, [])
        assert page.evaluate(SIDEWAYS) <= 0, f"{name} scrolls sideways at {width} px"
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    page.emulate_media(color_scheme=THEMES[0])


def _settled_findings(page: Page, *, only_colours: bool) -> list[tuple[str, str, str]]:
    """What axe still finds once colours have arrived: Chromium changes them over some frames after a switch."""
    for _ in range(TRIES):
        found = findings(page, only_colours=only_colours)
        if not found:
            return []
        page.wait_for_timeout(PAUSE)
    return found


def _keep(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        is_covered = page.locator("dialog[open]").count() > 0
        page.screenshot(path=f"{folder}/{name}.png", full_page=not is_covered)
