"""The filter sentence, search, sorting and chips: what is shown, the address and the sentence agree."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import WORKFLOWS, Workflows, said, tab_to
from tests.factories import make_workflow, workspace
from workflows import services

pytestmark = pytest.mark.browser

DEFAULT = "Status is Active, Paused, Draft, Not Running"


@pytest.fixture
def one_of_each(manager) -> None:
    for name, status, tags in (
        ("Alerts", "active", ["night"]),
        ("Billing", "paused", []),
        ("Campaign", "draft", ["night"]),
        ("Digest", "not_running", []),
        ("Export", "archived", ["night"]),
    ):
        make_workflow(name, status=status, tags=tags)


def travel(page: Page, steps: int) -> None:
    with page.expect_event("load"):
        page.evaluate("steps => history.go(steps)", steps)


def expect_list(workflows: Workflows, query: str, sentence: str, names: list[str]) -> None:
    """Address, sentence and rows say the same."""
    expect(workflows.sentence).to_have_text(sentence)
    expect(workflows.page.locator("#list [data-row]")).to_have_count(len(names))
    assert workflows.names() == names
    assert workflows.visit.path() == WORKFLOWS + query


def test_ticks_combine_at_once_and_move_no_focus(visit_as, manager, one_of_each) -> None:
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        expect_list(workflows, "", DEFAULT, ["Alerts", "Billing", "Campaign", "Digest"])
        workflows.sentence.click()
        steps = [
            (
                "Draft",
                "?status=active,paused,not_running",
                "Active, Paused, Not Running",
                "Alerts Billing Digest",
            ),
            ("Not Running", "?status=active,paused", "Active, Paused", "Alerts Billing"),
            (
                "Archived",
                "?status=active,paused,archived",
                "Active, Paused, Archived",
                "Alerts Billing Export",
            ),
            ("Active", "?status=paused,archived", "Paused, Archived", "Billing Export"),
        ]
        for label, query, words, names in steps:
            workflows.box(label).click()
            visit.page.wait_for_url(f"**{query}")
            expect_list(workflows, query, f"Status is {words}", names.split())
            expect(workflows.box(label)).to_be_focused()
        expect(said(visit.page)).to_contain_text("2 found")


def test_the_same_by_keyboard_alone(visit_as, manager, one_of_each) -> None:
    with visit_as(manager) as visit:
        keys = visit.page.keyboard
        workflows = Workflows(visit).open()
        tab_to(visit.page, workflows.sentence)
        keys.press("Enter")
        expect(workflows.sentence).to_have_attribute("aria-expanded", "true")
        for label in ("Draft", "Not Running"):
            tab_to(visit.page, workflows.box(label))
            keys.press("Space")
        visit.page.wait_for_url("**?status=active,paused")
        expect_list(workflows, "?status=active,paused", "Status is Active, Paused", ["Alerts", "Billing"])
        expect(workflows.box("Not Running")).to_be_focused()
        keys.press("Escape")
        expect(workflows.sentence).to_be_focused()
        expect(workflows.sentence).to_have_attribute("aria-expanded", "false")


def test_shortcuts_set_all_statuses_and_active_only(visit_as, manager, one_of_each) -> None:
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open("?status=paused")
        workflows.sentence.click()
        expect(visit.page.get_by_text("+ 1 archived")).to_be_visible()
        visit.page.get_by_role("link", name="Active only").click()
        visit.page.wait_for_url("**?status=active")
        expect_list(workflows, "?status=active", "Status is Active", ["Alerts"])
        visit.page.get_by_role("link", name="All statuses").click()
        visit.page.wait_for_url(f"**{WORKFLOWS}")
        expect_list(workflows, "", DEFAULT, ["Alerts", "Billing", "Campaign", "Digest"])
        expect(workflows.box("Archived")).not_to_be_checked()


def test_back_and_forward_through_three_filters_agree(visit_as, manager, one_of_each) -> None:
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        workflows.sentence.click()
        workflows.box("Draft").click()
        visit.page.wait_for_url("**not_running")
        workflows.page.keyboard.press("Escape")
        visit.page.get_by_label("Search", exact=True).fill("al")
        visit.page.wait_for_url("**q=al")
        visit.page.get_by_role("link", name="Name", exact=True).click()
        visit.page.wait_for_url("**sort=-name")
        three = "Status is Active, Paused, Not Running"
        places = [
            ("", DEFAULT, ["Alerts", "Billing", "Campaign", "Digest"]),
            ("?status=active,paused,not_running", three, ["Alerts", "Billing", "Digest"]),
            ("?status=active,paused,not_running&q=al", three, ["Alerts"]),
            ("?status=active,paused,not_running&q=al&sort=-name", three, ["Alerts"]),
        ]
        expect_list(workflows, *places[3])
        for place in (2, 1, 0):
            travel(visit.page, -1)
            expect_list(workflows, *places[place])
        for place in (1, 2, 3):
            travel(visit.page, 1)
            expect_list(workflows, *places[place])


def test_back_after_a_pause_made_elsewhere_shows_paused(visit_as, manager, one_of_each) -> None:
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        visit.page.get_by_role("link", name="Connections").click()
        services.pause(workspace().workflows.get(name="Alerts").pk, reason="elsewhere")
        visit.page.go_back()
        expect(workflows.badge("Alerts")).to_have_text("Paused")


def test_search_takes_the_last_input_and_says_the_count(visit_as, manager, one_of_each) -> None:
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        before = visit.sent("q=")
        visit.page.get_by_label("Search", exact=True).press_sequentially("digest", delay=20)
        visit.page.wait_for_url("**?q=digest")
        expect_list(workflows, "?q=digest", DEFAULT, ["Digest"])
        expect(said(visit.page)).to_contain_text("1 found")
        assert visit.sent("q=") == before + 1
        visit.page.get_by_label("Search", exact=True).fill("nothing of it")
        expect(visit.page.get_by_text("Nothing matches")).to_be_visible()
        visit.page.get_by_role("link", name="Clear filters").click()
        expect_list(workflows, "", DEFAULT, ["Alerts", "Billing", "Campaign", "Digest"])


@pytest.mark.parametrize(
    ("column", "sort"),
    [
        ("Status", "status"),
        ("Success 24 h", "-success"),
        ("Runs 24 h", "-runs"),
        ("Last run", "-last_run"),
        ("Next run", "next_run"),
    ],
)
def test_sort_links_tell_their_order(visit_as, manager, one_of_each, column: str, sort: str) -> None:
    with visit_as(manager) as visit:
        Workflows(visit).open()
        header = visit.page.get_by_role("columnheader", name=re.compile(f"^{re.escape(column)}"))
        header.get_by_role("link").click()
        visit.page.wait_for_url(f"**?sort={sort}")
        expect(header).to_have_attribute("aria-sort", "descending" if sort[0] == "-" else "ascending")
        header.get_by_role("link").click()
        turned = sort[1:] if sort[0] == "-" else f"-{sort}"
        visit.page.wait_for_url(f"**?sort={turned}")
        expect(header).to_have_attribute("aria-sort", "ascending" if sort[0] == "-" else "descending")


def test_further_filters_become_chips_that_can_be_removed(visit_as, manager, one_of_each) -> None:
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open("?status=active,archived")
        visit.page.get_by_role("button", name="Add filter").click()
        visit.page.get_by_label("Tag", exact=True).fill("night")
        visit.page.wait_for_url("**?status=active,archived&tag=night")
        expect_list(
            workflows, "?status=active,archived&tag=night", "Status is Active, Archived", ["Alerts", "Export"]
        )
        visit.page.get_by_role("button", name="Remove filter Tag").click()
        visit.page.wait_for_url("**?status=active,archived")
        visit.page.get_by_role("link", name="Clear all").click()
        visit.page.wait_for_url(f"**{WORKFLOWS}")
        expect(workflows.sentence).to_have_text(DEFAULT)


def test_unknown_filter_is_ignored_and_said(visit_as, manager, one_of_each) -> None:
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open("?colour=red")
        expect(visit.page.get_by_text("1 filter was not understood")).to_be_visible()
        assert workflows.names() == ["Alerts", "Billing", "Campaign", "Digest"]
