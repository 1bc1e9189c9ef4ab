"""WCAG 4.1.3: each act is told once in the status region, and nothing else is."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import DialogBox, Workflows
from tests.browser.prepared import NAME
from tests.factories import make_workflow

pytestmark = pytest.mark.browser

# A live region is read whenever something is put into it.
LISTEN = """
window.heard = [];
for (const id of ["status", "problem"]) {
  const region = document.getElementById(id);
  new MutationObserver((changes) => {
    const added = changes.flatMap((one) => [...one.addedNodes]).map((one) => one.textContent.trim()).filter(Boolean);
    if (added.length) heard.push(added.join(" "));
  }).observe(region, {childList: true, subtree: true, characterData: true});
}
"""


def heard(page: Page) -> list[str]:
    """What was told since the last question."""
    page.wait_for_load_state("networkidle")
    return page.evaluate("heard.splice(0)")


def rename(workflows: Workflows, name: str, to: str) -> None:
    workflows.choose(name, "Rename")
    dialog = DialogBox(workflows.page, "Rename workflow").expect_open()
    dialog.field("Name").fill(to)
    dialog.button("Rename").click()


def test_each_act_is_told_once(visit_as, manager) -> None:
    make_workflow(NAME)
    make_workflow("Neighbour", status="draft")
    with visit_as(manager) as visit:
        page, workflows = visit.page, Workflows(visit).open()
        page.evaluate(LISTEN)
        workflows.choose(NAME, "Pause")
        dialog = DialogBox(page, "Pause workflow").expect_open()
        assert heard(page) == []
        dialog.button("Pause").click()
        expect(dialog.summary).to_be_focused()
        # The summary is told by its focus.
        assert heard(page) == []
        dialog.field("Reason").fill("CRM outage")
        dialog.button("Pause").click()
        expect(workflows.badge(NAME)).to_have_text("Paused")
        assert [text.startswith("Paused at") for text in heard(page)] == [True]

        rename(workflows, NAME, "Leads")
        expect(workflows.row("Leads")).to_be_visible()
        assert [text.startswith(f"{NAME} is now Leads.") for text in heard(page)] == [True]
        page.get_by_role("button", name="Undo").click()
        expect(workflows.row(NAME)).to_be_visible()
        assert len(heard(page)) == 1

        workflows.sentence.click()
        workflows.box("Draft").uncheck()
        expect(workflows.row("Neighbour")).to_have_count(0)
        assert heard(page) == ["1 found"]
