"""Monitoring in Chromium: fine in four looks, by mouse on a mark, by keyboard in the table, refreshed, without script."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from runs.views.monitoring.panels import rhythm
from tests.browser.looks import expect_fine
from tests.browser.pages import tab_to
from tests.factories import make_workflow
from tests.runs.views.monitored import counted, ended, history
from workflows.models import Workflow

pytestmark = pytest.mark.browser
PAGE = "/automations/monitoring/"
POLL = "htmx.trigger('#panel-outcomes', 'poll')"


@pytest.fixture
def flows(manager) -> list[Workflow]:
    """Two workflows with runs of all outcomes within a day."""
    made = [
        make_workflow("Lead qualification"),
        make_workflow("Reconcile the invoices of all campaigns nightly"),
    ]
    for workflow in made:
        history(workflow, 60)
    counted()
    return made


def found(page: Page) -> int:
    return int(page.locator("#results-count").inner_text().removesuffix(" found").replace(",", ""))


def test_pages_look_fine(visit_as, manager, flows) -> None:
    pair = ",".join(str(one.pk) for one in flows)
    with visit_as(manager) as visit:
        for name, path in {
            "monitoring": PAGE,
            "monitoring-beside": f"{PAGE}?range=7d&workflow={pair}",
            "monitoring-year": f"{PAGE}?range=1y&colour=red",
            "monitoring-panel": f"{PAGE}outcomes/?range=1h",
            "metrics": f"/automations/workflows/{flows[0].pk}/metrics/",
        }.items():
            visit.go(path)
            expect_fine(visit.page, name)


def test_open_tables_and_a_broken_panel_look_fine(visit_as, manager, flows, monkeypatch) -> None:
    def broken(*_args: object, **_choice: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(rhythm.figures, "by_hour_of_week", broken)
    with visit_as(manager) as visit:
        visit.go(PAGE)
        for summary in visit.page.locator(".twin > summary").all():
            summary.click()
        expect(visit.page.get_by_role("link", name="Retry")).to_have_count(1)
        expect_fine(visit.page, "monitoring-open")


def test_nothing_yet_looks_fine(visit_as, manager) -> None:
    with visit_as(manager) as visit:
        visit.go(PAGE)
        expect_fine(visit.page, "monitoring-empty")


def test_a_mark_leads_to_its_runs_by_mouse(visit_as, manager, flows) -> None:
    with visit_as(manager) as visit:
        visit.go(PAGE)
        bar = visit.page.locator(".bar.down").last
        said = int(bar.locator("title").text_content().split(" ")[0])
        bar.click()
        expect(visit.page.get_by_role("heading", name="Workflow Runs", level=1)).to_be_visible()
        assert found(visit.page) == said
        expect(visit.page.locator("#choice-status-sentence")).to_have_text("Status is Failed")


def test_a_mark_leads_to_its_runs_by_keyboard(visit_as, manager, flows) -> None:
    with visit_as(manager) as visit:
        page = visit.page
        visit.go(f"{PAGE}durations/")
        tab_to(page, page.locator(".twin > summary"))
        page.keyboard.press("Enter")
        link = page.locator(".twin td a").first
        said = int(link.inner_text())
        tab_to(page, link)
        page.keyboard.press("Enter")
        expect(page.locator("#results-count")).to_have_text(f"{said} found")


def test_a_poll_brings_news_and_waits_while_a_table_is_open(visit_as, manager, flows) -> None:
    with visit_as(manager) as visit:
        page = visit.page
        visit.go(PAGE)
        number = page.locator("#outcomes-0-success")
        before = int(number.inner_text())
        ended(flows[0], timezone.now() - timedelta(seconds=1))
        counted()
        page.evaluate(POLL)
        expect(number).to_have_text(str(before + 1))
        page.locator("#outcomes-0-twin > summary").click()
        ended(flows[0], timezone.now() - timedelta(seconds=1))
        counted()
        page.evaluate(POLL)
        expect(page.get_by_role("button", name="Show now")).to_be_visible()
        expect(number).to_have_text(str(before + 1))
        page.get_by_role("button", name="Show now").click()
        expect(number).to_have_text(str(before + 2))


def test_a_panel_that_broke_is_asked_again(visit_as, manager, flows, monkeypatch) -> None:
    def broken(*_args: object, **_choice: object) -> None:
        raise ZeroDivisionError

    with visit_as(manager) as visit:
        with monkeypatch.context() as patch:
            patch.setattr(rhythm.figures, "by_hour_of_week", broken)
            visit.go(PAGE)
        visit.page.get_by_role("link", name="Retry").click()
        expect(visit.page.locator("#panel-rhythm .heat")).to_be_visible()
        assert visit.path() == PAGE


def test_everything_works_without_script(visit_as, manager, flows) -> None:
    with visit_as(manager, java_script_enabled=False) as visit:
        page = visit.page
        visit.go(PAGE)
        page.get_by_role("link", name="7 days").click()
        page.get_by_label("Workflow", exact=True).fill("Lead qualification")
        page.get_by_role("button", name="Show").click()
        assert visit.path() == f"{PAGE}?range=7d&workflow={flows[0].pk}"
        page.locator("#outcomes-0-failed").click()
        expect(page.get_by_role("heading", name="Workflow Runs", level=1)).to_be_visible()
        assert found(page) == 10
