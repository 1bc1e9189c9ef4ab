"""axe on the page as it stands: WCAG 2.0 to 2.2, levels A and AA."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
COLOURS = ["color-contrast"]
IS_THERE = "typeof axe !== 'undefined'"
# axe parses the same few colours thousands of times a page, by a library for all colour spaces: a fifth of its time.
REMEMBER_COLOURS = """
(() => {
  const colour = axe.commons.color.Color.prototype, parse = colour.parseString, known = new Map();
  colour.parseString = function (text) {
    if (known.has(text)) [this.r, this.g, this.b, this.alpha] = known.get(text);
    else {
      parse.call(this, text);
      known.set(text, [this.r, this.g, this.b, this.alpha]);
    }
    return this;
  };
})()"""


def findings(page: Page, *, only_colours: bool = False) -> list[tuple[str, str, str]]:
    """Each breach as rule, element and axe's own words. The script is evaluated, so no policy stands in its way.

    `only_colours` asks about contrast alone: all that another theme of the same page can break.
    """
    chosen = {"type": "rule", "values": COLOURS} if only_colours else {"type": "tag", "values": TAGS}
    # Preloading fetches all style sheets anew, for a rule that `orientation_locks` asks.
    return _asked(page, {"runOnly": chosen, "preload": False})


def orientation_locks(page: Page) -> list[tuple[str, str, str]]:
    """Style sheets that turn the page back: as every page has the same ones, one page tells about all."""
    return _asked(page, {"runOnly": {"type": "rule", "values": ["css-orientation-lock"]}})


def _asked(page: Page, options: dict[str, Any]) -> list[tuple[str, str, str]]:
    if not page.evaluate(IS_THERE):
        page.evaluate(AXE_SCRIPT + REMEMBER_COLOURS)
    options = {**options, "resultTypes": ["violations"]}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        (broken["id"], node["html"][:300], node["failureSummary"])
        for broken in found["violations"]
        for node in broken["nodes"]
    ]
