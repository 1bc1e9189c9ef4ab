"""Lists in the browser: filters and the address, refreshing, selection."""

import pytest
from playwright.sync_api import expect

from tests.config.web.browsing import answer

pytestmark = pytest.mark.browser
LIST = "/demo/workflows/"


def sentence(visit):
    return visit.page.get_by_role("button", name="Status is")


def names(visit):
    return visit.page.locator("[data-row] th").all_inner_texts()


def travel(visit, steps):
    """Back or Forward; the page then loads itself anew, which Playwright's own go_back() takes for a failure."""
    with visit.page.expect_event("load"):
        visit.page.evaluate("steps => history.go(steps)", steps)


def forward(visit, seconds):
    """Let the page's own clock run."""
    visit.page.clock.run_for(seconds * 1000)


def test_tick_applies_at_once_and_keeps_the_focus(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        sentence(visit).click()
        visit.page.get_by_role("link", name="Active only").click()
        expect(sentence(visit)).to_have_text("Status is Active")
        visit.page.get_by_label("Paused").check()
        expect(sentence(visit)).to_have_text("Status is Active, Paused")
        expect(visit.page.get_by_label("Paused")).to_be_focused()
        assert visit.path() == f"{LIST}?status=active,paused"
        expect(visit.page.get_by_role("status")).to_contain_text("6 found")


def test_ticking_the_default_again_leaves_it_out_of_the_address(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        sentence(visit).click()
        visit.page.get_by_label("Draft").uncheck()
        visit.page.wait_for_url(f"**{LIST}?status=active,paused,not_running")
        visit.page.get_by_label("Draft").check()
        visit.page.wait_for_url(f"**{LIST}")
        expect(sentence(visit)).to_have_text("Status is Active, Paused, Draft, Not Running")


def test_unticking_everything_says_nothing_matches(open_site, many):
    with open_site() as visit:
        visit.go(f"{LIST}?status=active")
        sentence(visit).click()
        visit.page.get_by_label("Active").uncheck()
        expect(visit.page.get_by_text("Nothing matches")).to_be_visible()
        expect(sentence(visit)).to_have_text("Status is nothing")
        visit.page.get_by_role("link", name="Clear filters").click()
        expect(visit.page.locator("#results-count")).to_have_text("12 found")


def test_back_and_forward_agree_with_the_rows(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        search = visit.page.get_by_label("Search", exact=True)
        steps = [(LIST, 12)]
        for text, count in [("1", 4), ("12", 1)]:
            search.fill(text)
            expect(visit.page.locator("[data-row]")).to_have_count(count)
            steps.append((visit.path(), count))
        visit.page.get_by_role("link", name="Name", exact=True).click()
        visit.page.wait_for_url("**sort=-name")
        for address, count in reversed(steps[1:]):
            travel(visit, -1)
            visit.page.wait_for_url(f"**{address}")
            expect(visit.page.locator("[data-row]")).to_have_count(count)
        travel(visit, -1)
        expect(visit.page.locator("[data-row]")).to_have_count(12)
        travel(visit, 1)
        expect(visit.page.locator("[data-row]")).to_have_count(4)
        expect(visit.page.get_by_label("Search", exact=True)).to_have_value("1")


def test_nothing_of_a_page_stays_in_browser_storage(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        visit.page.get_by_role("link", name="Name", exact=True).click()
        visit.page.wait_for_url("**sort=-name")
        stored = visit.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert "Workflow" not in stored


def test_poll_shows_news_and_unchanged_gets_no_body(open_site, many):
    with open_site() as visit:
        visit.page.clock.install()
        visit.go(LIST)
        with visit.page.expect_response("**since=**") as first:
            forward(visit, 12)
        assert first.value.status == 204
        many[0].name = "Workflow 00"
        many[0].save()
        with visit.page.expect_response("**since=**"):
            forward(visit, 12)
        expect(visit.page.get_by_role("link", name="Workflow 00")).to_be_visible()
        assert visit.path() == LIST


def test_poll_waits_while_a_row_is_ticked_and_offers_the_news(open_site, many):
    with open_site() as visit:
        visit.page.clock.install()
        visit.go(LIST)
        visit.page.get_by_label("Select Workflow 05").check()
        many[0].name = "Workflow 00"
        many[0].save()
        forward(visit, 30)
        expect(visit.page.locator("#freshness")).to_contain_text("There may be news")
        assert visit.sent("since=") == 0
        visit.page.get_by_role("button", name="Show now").click()
        expect(visit.page.get_by_role("link", name="Workflow 00")).to_be_visible()
        expect(visit.page.locator("#freshness")).to_be_hidden()


def test_paused_updates_stay_paused_on_the_next_page(open_site, many):
    with open_site() as visit:
        visit.page.clock.install()
        visit.go(LIST)
        button = visit.page.get_by_role("button", name="Pause updates")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(button).to_be_focused()
        visit.go(LIST)
        forward(visit, 60)
        expect(button).to_have_attribute("aria-pressed", "true")
        assert visit.sent("since=") == 0


def test_lost_connection_is_said_and_tried_again(open_site, many):
    with open_site() as visit:
        visit.page.clock.install()
        visit.go(LIST)
        visit.page.route("**since=**", answer(503))
        with visit.page.expect_response("**since=**"):
            forward(visit, 12)
        expect(visit.page.locator("#freshness")).to_contain_text("connection lost, retrying")
        expect(visit.page.get_by_role("alert")).to_be_empty()
        visit.page.unroute("**since=**")
        with visit.page.expect_response("**since=**"):
            forward(visit, 4)
        expect(visit.page.locator("#freshness")).to_be_hidden()


def test_ended_session_leads_to_one_sign_in_page_and_back(open_site, many):
    with open_site() as visit:
        visit.page.clock.install()
        visit.go(f"{LIST}?q=1")
        visit.page.context.clear_cookies(name="signalbox_session")
        forward(visit, 12)
        visit.page.wait_for_url("**/login/**")
        visit.page.get_by_label("Name").fill("ada")
        visit.page.get_by_label("Password").fill("correct horse battery")
        visit.page.get_by_role("button", name="Sign in").click()
        visit.page.wait_for_url(f"**{LIST}?q=1")
        expect(visit.page.locator("[data-row]")).to_have_count(4)


def test_selection_extends_with_shift_and_takes_the_page(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        page = visit.page
        bar = page.locator("[data-bulk]")
        expect(bar).to_be_hidden()
        page.get_by_label("Select Workflow 02").click()
        page.get_by_label("Select Workflow 05").click(modifiers=["Shift"])
        expect(bar).to_contain_text("4 selected")
        page.get_by_label("Select Workflow 07").focus()
        page.keyboard.press("Shift+Space")
        expect(bar).to_contain_text("6 selected")
        page.get_by_label("Select all on this page").check()
        expect(bar).to_contain_text("12 selected")
        page.get_by_label("Select all on this page").uncheck()
        expect(bar).to_be_hidden()


def test_relative_time_is_added_and_the_absolute_one_stays(open_site, many):
    with open_site() as visit:
        visit.page.clock.install(time="2026-11-23T08:30:00Z")
        visit.go(LIST)
        shown = visit.page.locator(f"#row-{many[0].pk} time").inner_text()
        assert shown.split("\n")[0].strip().startswith("2")
        assert "ago" in shown
