"""WCAG 2.1.2, 2.4.3, 2.4.7 and 2.4.11: Tab passes through each page and out of it, in the order in which it is read;
each stop is seen, has its ring and lies under nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.browser import addresses
from tests.browser.world import World, make_world

pytestmark = pytest.mark.browser

WIDTHS = (1280, 320)
# More than any of these pages has.
MOST = 200
# Where the focus stands, whether it is drawn and on top, and its place on the whole page; null once it has left the page.
STOP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const ringed = (element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const around = [one, one.parentElement, one.closest("label"), one.nextElementSibling].filter(Boolean);
  const [first] = one.getClientRects(), box = first || one.getBoundingClientRect();
  // The middle of what the window shows of it.
  const middle = (from, to, end) => (Math.max(from, 0) + Math.min(to, end)) / 2;
  const [x, y] = [middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight)];
  const top = document.elementFromPoint(x, y);
  return {
    name: `${one.tagName.toLowerCase()}#${one.id} "${(one.ariaLabel || one.textContent || one.name || "").trim().slice(0, 40)}"`,
    ringed: around.some(ringed),
    shown: box.width > 1 && box.height > 1 && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight,
    covered: top && (one.contains(top) || top.contains(one) || top.closest("label")?.control === one) ? "" : top?.outerHTML.slice(0, 80) ?? "nothing",
    left: box.left + scrollX, right: box.right + scrollX, top: box.top + scrollY, bottom: box.bottom + scrollY,
  };
}"""


@dataclass(frozen=True)
class Stop:
    name: str
    ringed: bool
    shown: bool
    covered: str
    left: float
    right: float
    top: float
    bottom: float

    def follows(self, before: "Stop") -> bool:
        """Whether somebody who reads by rows, or by columns beside each other, comes here after that."""
        shared = min(self.bottom, before.bottom) - max(self.top, before.top)
        if shared > min(self.bottom - self.top, before.bottom - before.top) / 2:
            return self.right > before.left
        return self.bottom > before.top or self.left >= before.right

    def faults(self, before: "Stop | None") -> Iterator[str]:
        if not self.shown:
            yield f"{self.name} is not in sight"
        elif self.covered:
            yield f"{self.name} lies under {self.covered}"
        if not self.ringed:
            yield f"{self.name} has no ring"
        if before and not self.follows(before):
            yield f"{self.name} comes after {before.name}"


def stops(page: Page) -> list[Stop]:
    """All of the page, or of its open dialog, by Tab; fails where one keeps the focus."""
    found: list[Stop] = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        seen = page.evaluate(STOP)
        if seen is None or (found and seen["name"] == found[0].name):
            return found
        found.append(Stop(**seen))
    raise AssertionError(f"Tab never leaves the page: {[stop.name for stop in found[-5:]]}")


def faults(page: Page) -> list[str]:
    """Empty where all is well."""
    found = stops(page)
    assert found
    befores = [None, *found[:-1]]
    return [fault for before, stop in zip(befores, found, strict=True) for fault in stop.faults(before)]


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def shown(world: World) -> dict[str, str]:
    """Pages of each kind."""
    flows, runs, rest = addresses.of_workflows(world), addresses.of_runs(world), addresses.of_the_rest(world)
    lists = addresses.lists()
    several = (
        "workflows",
        "monitoring",
        "audit",
        "connections",
        "maintenance",
        "findings",
        "settings",
        "import",
    )
    return {
        **{name: lists[name] for name in several},
        "runs": f"{lists['runs']}?status=held,running",
        **{
            name: flows[name]
            for name in ("workflow", "workflow-versions", "workflow-settings", "workflow-edit")
        },
        "editor-step": f"{flows['workflow-edit']}?step=ask",
        "editor-text": f"{flows['workflow-edit']}?mode=text",
        "run-step": runs["run-step"],
        "window": rest["window"],
    }


@pytest.mark.parametrize("width", WIDTHS)
def test_tab_stops_of_each_page(visit_as, world, width: int) -> None:
    found = {}
    with visit_as(world.manager) as visit:
        visit.page.set_viewport_size({"width": width, "height": 800})
        for name, path in shown(world).items():
            visit.go(path)
            found[name] = faults(visit.page)
    wrong = [f"{name}: {fault}" for name, one in found.items() for fault in one]
    assert not wrong, "\n".join(wrong)
