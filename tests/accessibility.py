"""axe on the page as it stands: WCAG 2.0 to 2.2, levels A and AA."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}


def findings(page: Page) -> list[tuple[str, str, str]]:
    """Each breach as rule, element and axe's own words. The script is evaluated, so no policy stands in its way."""
    page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", OPTIONS)
    return [
        (broken["id"], node["html"][:300], node["failureSummary"])
        for broken in found["violations"]
        for node in broken["nodes"]
    ]
