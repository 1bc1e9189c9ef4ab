"""Lists and pages that refresh themselves: nothing is lost to a poll, and nobody asks who need not."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from runs.models import Run
from tests.browser.pages import RUNS, WORKFLOWS, Workflows, tab_to
from tests.config.web.browsing import Visit
from tests.factories import make_run, make_workflow

pytestmark = pytest.mark.browser

POLLS = 20
HIDE = """
Object.defineProperty(document, "hidden", {get: () => true});
document.dispatchEvent(new Event("visibilitychange"));
"""


def moved(run: Run) -> Callable[[int], None]:
    """Changes the row of the run with each call."""

    def move(number: int) -> None:
        status = ("running", "waiting")[number % 2]
        Run.objects.filter(pk=run.pk).update(status=status, attempts=number, due_at=timezone.now())

    return move


def polled(page: Page, move: Callable[[int], None]) -> None:
    """Twenty polls, each of which brings another state of the run."""
    for number in range(1, POLLS + 1):
        move(number)
        with page.expect_response("**since=**") as answer:
            page.clock.run_for(6_000)
        assert answer.value.status == 200
        expect(page.locator("#list.htmx-request")).to_have_count(0)


def test_focus_survives_twenty_polls_of_a_moving_list(visit_as, manager) -> None:
    workflow = make_workflow("Leads")
    run = make_run(workflow, status="running", started_at=timezone.now())
    below = make_run(workflow, status="success", ended_at=timezone.now())
    with visit_as(manager) as visit:
        page = visit.page
        page.clock.install()
        visit.go(RUNS)
        for target in (
            page.get_by_role("link", name=below.pk.hex[-8:]),
            page.get_by_role("button", name=f"Actions for run {run.pk.hex[-8:]}"),
        ):
            tab_to(page, target)
            focused = visit.focused()
            polled(page, moved(run))
            assert visit.focused() == focused != ""
        expect(page.locator(f"#run-{run.pk} .badge")).to_have_text("Running")


def test_selection_and_an_open_menu_survive_the_time_of_twenty_polls(visit_as, manager) -> None:
    run = make_run(make_workflow("Leads"), status="running", started_at=timezone.now())
    with visit_as(manager) as visit:
        page = visit.page
        page.clock.install()
        visit.go(RUNS)
        page.locator("[data-select]").first.check()
        waited(visit, run)
        expect(page.locator("[data-select]").first).to_be_checked()
        page.locator("[data-select]").first.uncheck()
        page.get_by_role("button", name="Actions for run").click()
        waited(visit, run)
        expect(page.get_by_role("menuitem").first).to_be_visible()
        page.keyboard.press("Escape")
        with page.expect_response("**since=**"):
            page.clock.run_for(6_000)
        expect(page.locator(f"#run-{run.pk} .badge")).to_have_text("Waiting")


def waited(visit: Visit, run: Run) -> None:
    """The time of twenty polls, in which the run moves and nobody asks."""
    before = visit.sent("since=")
    moved(run)(POLLS + 1)
    visit.page.clock.run_for(6_000 * POLLS)
    assert visit.sent("since=") == before


def test_hidden_tab_asks_at_most_once_in_five_minutes(visit_as, manager) -> None:
    make_run(make_workflow("Leads"), status="running", started_at=timezone.now())
    with visit_as(manager) as visit:
        visit.page.clock.install()
        visit.go(WORKFLOWS)
        visit.page.evaluate(HIDE)
        visit.page.clock.run_for(300_000)
        assert visit.sent("since=") <= 1


def test_list_at_rest_and_a_closed_run_never_ask(visit_as, manager) -> None:
    workflow = make_workflow("Leads", status="not_running")
    run = make_run(workflow, status="success", ended_at=timezone.now())
    with visit_as(manager) as visit:
        visit.page.clock.install()
        for path in (WORKFLOWS, f"{WORKFLOWS}{workflow.pk}/", f"{RUNS}{run.pk}/", "/automations/audit/"):
            visit.go(path)
            visit.page.clock.run_for(300_000)
            assert visit.sent("since=") == 0, path


def test_session_that_ends_between_polls_leads_to_one_sign_in_and_back(visit_as, manager) -> None:
    make_workflow("Leads")
    with visit_as(manager) as visit:
        visit.page.clock.install()
        workflows = Workflows(visit).open("?status=active&sort=-name")
        visit.page.context.clear_cookies(name="signalbox_session")
        visit.page.clock.run_for(12_000)
        visit.page.wait_for_url("**/login/**")
        visit.page.get_by_label("Name").fill("admin")
        visit.page.get_by_label("Password").fill("secret-pass")
        visit.page.get_by_role("button", name="Sign in").click()
        visit.page.wait_for_url("**/?status=active&sort=-name")
        expect(workflows.row("Leads")).to_be_visible()
        assert visit.sent("/login/?next=") <= 2
