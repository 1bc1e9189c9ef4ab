"""The workflow list and its dialogs in Chromium: what only script and focus can show."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect

from audit.models import AuditEvent
from tests.config.web.browsing import Visit, visiting
from tests.factories import make_run, make_user, make_workflow
from tests.runs.views.pages import client_of
from workflows.models import Workflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/automations/workflows/"


@pytest.fixture
def visit(browser: Browser, live_server, transactional_db) -> Iterator[Visit]:
    """A manager's browser."""
    client = client_of(make_user("manager", username="admin"))
    name = settings.SESSION_COOKIE_NAME
    with visiting(browser, live_server.url, {name: client.cookies[name].value}) as opened:
        yield opened


def choose(visit: Visit, name: str, item: str):
    """Open a dialog by the menu of a row."""
    visit.page.get_by_role("button", name=f"Actions for {name}", exact=True).click()
    visit.page.get_by_role("menuitem", name=item, exact=True).click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def rows(visit: Visit) -> list[str]:
    return visit.page.locator("tbody tr th > a:not([hidden])").all_inner_texts()


def test_status_boxes_apply_at_once_without_moving_the_focus(visit):
    make_workflow("Active one")
    make_workflow("Paused one", status="paused")
    make_workflow("Draft one", status="draft")
    visit.go(LIST)
    page = visit.page
    page.get_by_role("button", name=re.compile("^Status is")).click()
    page.get_by_label("Draft", exact=True).click()
    page.wait_for_url("**/?status=active,paused,not_running")
    assert visit.focused() == "choice-status-draft"
    page.get_by_label("Not Running", exact=True).click()
    page.wait_for_url("**/?status=active,paused")
    assert rows(visit) == ["Active one", "Paused one"]
    expect(page.get_by_role("button", name=re.compile("^Status is"))).to_have_text("Status is Active, Paused")
    page.get_by_role("link", name="Active only").click()
    page.wait_for_url("**/?status=active")
    assert rows(visit) == ["Active one"]
    page.get_by_role("link", name="All statuses").click()
    page.wait_for_url(f"**{LIST}")
    assert len(rows(visit)) == 3
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_pause_from_the_menu_and_back(visit):
    make_workflow("Leads")
    visit.go(LIST)
    dialog = choose(visit, "Leads", "Pause")
    expect(dialog).to_have_accessible_name("Pause workflow")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    dialog.get_by_label("Reason").fill("CRM outage")
    dialog.get_by_label("Category").select_option("outage")
    dialog.get_by_label("Expected resume").fill("2099-11-25T09:00")
    dialog.get_by_role("button", name="Pause", exact=True).click()
    status = visit.page.get_by_role("status")
    expect(status).to_contain_text(
        re.compile(r"Paused at \d\d:\d\d:\d\d\.\d{3} UTC\. No run starts after this\.")
    )
    expect(visit.page.locator("tbody .badge")).to_have_text("Paused")
    expect(visit.page.locator("tbody")).to_contain_text(
        "by admin · CRM outage · until 25 Nov 2099, 09:00 UTC"
    )
    expect(visit.page.get_by_role("button", name="Actions for Leads")).to_be_focused()
    choose(visit, "Leads", "Resume").get_by_role("button", name="Resume", exact=True).click()
    expect(status).to_contain_text("Leads is Active again.")


def test_double_click_on_yes_start_it_is_one_transition(visit):
    make_workflow("Leads", status="draft")
    visit.go(LIST)
    dialog = choose(visit, "Leads", "Run")
    expect(dialog).to_contain_text(
        "Are you sure you want to start Leads? The draft will be published and the workflow will begin running."
    )
    dialog.get_by_label(re.compile("^Accept these")).check()
    dialog.get_by_role("button", name="Yes, start it").dblclick()
    expect(visit.page.get_by_role("status")).to_contain_text("Leads is Active.")
    assert Workflow.objects.get().status == "active"
    assert AuditEvent.objects.filter(event="Workflow activated").count() == 1


def test_rename_and_undo(visit):
    make_workflow("Leads")
    visit.go(LIST)
    dialog = choose(visit, "Leads", "Rename")
    dialog.get_by_label("Name").fill("x" * 51)
    expect(dialog).to_contain_text("1 characters too many")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog.locator("#error-summary")).to_be_focused()
    dialog.get_by_label("Name").fill("Prospects")
    dialog.get_by_role("button", name="Rename").click()
    expect(visit.page.get_by_role("status")).to_contain_text("Leads is now Prospects.")
    visit.page.get_by_role("button", name="Undo").click()
    expect(visit.page.get_by_role("status")).to_contain_text("Prospects is now Leads.")
    expect(visit.page.locator("tbody th")).to_contain_text("Leads")


def test_deleted_row_gives_the_focus_to_the_next(visit):
    for name in ("Alpha", "Beta", "Gamma"):
        make_workflow(name, status="archived")
    visit.go(f"{LIST}?status=archived")
    dialog = choose(visit, "Beta", "Delete")
    dialog.get_by_label("Type the name to confirm").fill("Beta")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(visit.page.locator("tbody tr")).to_have_count(2)
    gamma = Workflow.objects.get(name="Gamma")
    expect(visit.page.locator(f"#name-{gamma.pk}")).to_be_focused()


def test_discarding_shows_its_tick_only_then(visit):
    make_run(make_workflow("Leads", status="paused"), status="held", version=None)
    visit.go(LIST)
    dialog = choose(visit, "Leads", "Resume")
    tick = dialog.get_by_label("This one cannot be brought back")
    expect(tick).to_be_hidden()
    dialog.get_by_label("Discard").check()
    expect(tick).to_be_visible()


def test_stop_offers_pause_instead_in_place(visit):
    make_workflow("Leads")
    visit.go(LIST)
    dialog = choose(visit, "Leads", "Stop")
    dialog.get_by_role("link", name="Pause instead").click()
    expect(dialog).to_have_accessible_name("Pause workflow")


def test_letter_o_looks_and_escape_closes(visit):
    make_workflow("Leads")
    visit.go(LIST)
    visit.page.keyboard.press("j")
    visit.page.keyboard.press("o")
    expect(visit.page.get_by_role("dialog")).to_have_accessible_name("Quick look")
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("dialog")).to_be_hidden()
    expect(visit.page).to_have_url(visit.root + LIST)


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_sticks_out_sideways(visit, width):
    make_workflow(
        "A name of fifty characters that goes on to its end", tags=["crm", "a-rather-long-tag-name"]
    )
    make_workflow("W" * 50, status="paused", reason="because " * 20)
    visit.page.set_viewport_size({"width": width, "height": 800})
    visit.go(LIST)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
