"""Everything an operator needs works without script: plain links, forms and redirects."""

import pytest
from playwright.sync_api import Page, expect

from runs.models import Run
from tests.browser import trail
from tests.browser.pages import WORKFLOWS, said
from tests.browser.prepared import NAME
from tests.config.web.browsing import visiting
from tests.factories import make_run, make_workflow
from workflows.models import Workflow

pytestmark = pytest.mark.browser


@pytest.fixture
def plain(browser, live_server, manager):
    """A stranger's browser without script."""
    with visiting(browser, live_server.url, {}, java_script_enabled=False) as visit:
        yield visit


def sign_in(visit) -> Page:
    visit.go(WORKFLOWS)
    page = visit.page
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill("secret-pass")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Workflows", level=1)).to_be_visible()
    return page


def choose(page: Page, name: str, item: str) -> None:
    page.locator(f'summary[aria-label="Actions for {name}"]').click()
    page.locator("details.menu[open]").get_by_role("link", name=item, exact=True).click()


def badge(page: Page):
    """The status on the workflow's page, where every act ends."""
    return page.get_by_role("main").locator(".badge").first


def test_sign_in_filter_and_sort(plain) -> None:
    make_workflow("Alerts")
    make_workflow("Billing", status="paused")
    make_workflow("Campaign", status="draft")
    page = sign_in(plain)
    page.locator("#choice-status-button").click()
    page.get_by_label("Draft", exact=True).uncheck()
    page.get_by_label("Not Running", exact=True).uncheck()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#choice-status-sentence")).to_have_text("Status is Active, Paused")
    expect(page.locator("[data-row]")).to_have_count(2)
    page.get_by_role("link", name="Name", exact=True).click()
    expect(page.locator("[data-row] th > a").first).to_have_text("Billing")
    page.locator("#choice-status-button").click()
    page.get_by_role("link", name="All statuses").click()
    expect(page.locator("[data-row]")).to_have_count(3)
    page.get_by_label("Search", exact=True).fill("campaign")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#results-count")).to_have_text("1 found")


def test_start_pause_resume_and_stop(plain) -> None:
    workflow = make_workflow(NAME, status="draft")
    page = sign_in(plain)
    before = trail.newest()
    choose(page, NAME, "Run")
    page.get_by_label("Accept these").check()
    page.get_by_role("button", name="Yes, start it").click()
    expect(said(page)).to_contain_text(f"{NAME} is Active.")
    expect(badge(page)).to_have_text("Active")

    choose(page, NAME, "Pause")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("#error-summary")).to_contain_text("Reason: Say why, in a few words.")
    page.get_by_label("Reason", exact=True).fill("CRM outage")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(said(page)).to_contain_text("No run starts after this.")
    expect(badge(page)).to_have_text("Paused")

    choose(page, NAME, "Resume")
    page.get_by_role("button", name="Resume", exact=True).click()
    expect(badge(page)).to_have_text("Active")

    choose(page, NAME, "Stop")
    page.get_by_label("Reason", exact=True).fill("not needed any more")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(badge(page)).to_have_text("Not Running")
    assert page.url.endswith(f"{WORKFLOWS}{workflow.pk}/")
    words = [
        "Version published",
        "Workflow activated",
        "Workflow paused",
        "Workflow resumed",
        "Workflow stopped",
    ]
    assert trail.since(before) == words


def test_clone_rename_undo_and_delete(plain) -> None:
    make_workflow(NAME)
    page = sign_in(plain)
    choose(page, NAME, "Clone")
    page.get_by_label("Name", exact=True).fill("Twin")
    page.get_by_role("button", name="Clone").click()
    expect(said(page)).to_contain_text("Cloned as Twin, a new Draft.")

    plain.go(WORKFLOWS)
    choose(page, "Twin", "Rename")
    page.get_by_label("Name", exact=True).fill("Sibling")
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Twin", level=1)).to_be_visible()

    choose(page, "Twin", "Delete")
    page.get_by_label("Type the name to confirm").fill("Twin")
    page.get_by_role("button", name="Delete").click()
    expect(said(page)).to_contain_text("Twin is deleted.")
    assert list(Workflow.objects.standing().values_list("name", flat=True)) == [NAME]


def test_create_edit_and_publish(plain) -> None:
    make_workflow("Neighbour")
    page = sign_in(plain)
    page.get_by_role("link", name="Create workflow").click()
    page.get_by_label("Name", exact=True).fill("Made by hand")
    page.get_by_role("button", name="Create").click()
    page.locator("#page-edit").click()
    page.get_by_role("button", name="Manual").click()
    page.locator("#add-steps-0").click()
    page.get_by_role("button", name="Finish").click()
    page.get_by_label("Message").fill("By form")
    page.get_by_role("button", name="Duplicate").click()
    page.get_by_role("button", name="Move up").click()
    expect(said(page)).to_contain_text("Moved finish_2 up.")
    page.get_by_role("button", name="Undo").click()
    page.locator("#line-steps-1").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Save").click()
    made = Workflow.objects.get(name="Made by hand")
    assert '"message": "By form"' in made.draft.definition
    page.get_by_role("link", name="Text").click()
    page.locator("#editor-text").fill(
        '{"format": "signalbox/1", "name": "Made by hand", "triggers": [{"id": "by_hand", "kind": "manual"}],'
        ' "steps": [{"id": "greet", "kind": "set", "values": {"text": "Hi"}}]}'
    )
    page.get_by_role("button", name="Save").click()
    made.refresh_from_db()
    assert '"greet"' in made.draft.definition
    plain.go(f"{WORKFLOWS}{made.pk}/")
    expect(page.get_by_role("main")).to_contain_text("greet")


def test_find_a_failed_run_replay_it_and_read_the_trail(plain) -> None:
    failed = make_run(make_workflow(NAME), status="failed", error="crm answered with 503.")
    page = sign_in(plain)
    page.get_by_role("link", name="Workflow Runs").click()
    page.locator("#list [data-row]").get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text("crm answered with 503.")
    page.get_by_role("link", name="Replay").first.click()
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_role("main")).to_contain_text("Pending")
    assert Run.objects.get(replay_of=failed).status == "pending"

    page.get_by_role("link", name="Audit log").click()
    expect(page.locator("#list [data-row]").first).to_contain_text("Run replayed")
    page.get_by_role("link", name="Run replayed").first.click()
    expect(page.get_by_role("heading", name="Run replayed", level=1)).to_be_visible()
