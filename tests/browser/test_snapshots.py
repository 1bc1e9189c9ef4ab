"""WCAG 1.3.1, 2.4.6 and 4.1.2: outline, headers of tables, names, roles and states of each kind of page are as kept.

After a wanted change: `SNAPSHOTS=renew .venv/bin/python -m pytest -q tests/browser/test_snapshots.py`; then read the diff.
"""

import os
from difflib import unified_diff
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import addresses, states
from tests.browser.outline import told
from tests.browser.world import World, make_world

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parent / "snapshots"
# Its rows are weekdays and its columns hours: what is filled depends on now.
BY_THE_HOUR = 'region "When runs ended'
LISTS = (
    "workflows",
    "connections",
    "maintenance",
    "findings",
    "monitoring",
    "notifications",
    "settings",
    "new",
    "import",
)
OF_WORKFLOWS = ("workflow", "workflow-versions", "workflow-versions-1..2", "workflow-settings", "workflow-edit",
                "workflow-draft")  # fmt: skip


def differs(page: Page, name: str, part: str = "main") -> list[str]:
    """Lines that are not as they were; the file is written anew on demand."""
    path, now = FOLDER / f"{name}.txt", told(page, part, BY_THE_HOUR)
    if os.environ.get("SNAPSHOTS") == "renew":
        path.write_text(now)
    kept = path.read_text() if path.exists() else ""
    return list(unified_diff(kept.splitlines(), now.splitlines(), f"kept {name}", f"now {name}", lineterm=""))


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def shown(world: World) -> dict[str, str]:
    lists, flows = addresses.lists(), addresses.of_workflows(world)
    return {
        **{name: lists[name] for name in LISTS},
        **{name: flows[name] for name in OF_WORKFLOWS},
        "runs": f"{lists['runs']}?status=held,running,waiting,needs_decision&version=1",
        "audit": f"{lists['audit']}?event=Workflow+renamed",
        "run-step": addresses.of_runs(world)["run-step"],
        "event": addresses.of_the_rest(world)["event"],
    }


def test_pages_are_as_kept(visit_as, world) -> None:
    with visit_as(world.manager) as visit:
        found = []
        for name, path in shown(world).items():
            visit.go(path)
            found += differs(visit.page, name)
        visit.go(addresses.lists()["workflows"])
        found += differs(visit.page, "frame", "body > header")
    assert not found, "\n".join(found)


def test_what_opens_is_as_kept(visit_as, world) -> None:
    with visit_as(world.manager) as visit:
        found = [
            line for name in states.dialogs(visit, world) for line in differs(visit.page, name, "dialog")
        ]
        for name in states.menus_and_panels(visit, world):
            part = (
                "dialog"
                if name == "open-palette"
                else ".menu [role=menu]:not([hidden])"
                if name == "open-menu"
                else ""
            )
            found += differs(visit.page, name, part) if part else []
    assert not found, "\n".join(found)
