"""Selecting rows and acting on all of them in Chromium: keyboard, Shift, all that match, the job's page."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect

from runs.models import BulkJob
from tests.config.web.browsing import Visit, visiting
from tests.factories import make_user, make_workflow
from tests.runs.bulk.selecting import work_all
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


def ticked(visit: Visit) -> list[str]:
    return visit.page.locator("[data-select]:checked").evaluate_all(
        "boxes => boxes.map((box) => box.closest('tr').querySelector('th a').textContent)"
    )


def test_shift_extends_by_click_and_by_space(visit):
    flows = [make_workflow(f"Flow {number}") for number in range(6)]
    visit.go(LIST)
    page = visit.page
    bar = page.locator("#bulk")
    expect(bar).to_be_hidden()
    page.locator(f"#select-{flows[1].pk}").click()
    expect(bar).to_contain_text("1 selected")
    page.locator(f"#select-{flows[3].pk}").click(modifiers=["Shift"])
    assert ticked(visit) == ["Flow 1", "Flow 2", "Flow 3"]
    page.locator(f"#select-{flows[5].pk}").focus()
    page.keyboard.press("Shift+Space")
    assert ticked(visit) == ["Flow 1", "Flow 2", "Flow 3", "Flow 4", "Flow 5"]
    assert page.locator("#select-all").evaluate("box => box.indeterminate")


def test_pausing_twenty_by_selection_with_keys_alone(visit):
    for number in range(20):
        make_workflow(f"Flow {number:02}")
    visit.go(LIST)
    page = visit.page
    page.locator("#select-all").focus()
    page.keyboard.press("Space")
    expect(page.locator("#bulk")).to_contain_text("20 selected")
    page.locator("#bulk-pause").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Pause workflows")
    expect(dialog).to_contain_text("20 of 20 selected workflows will change.")
    page.keyboard.type("CRM outage")
    page.locator("#dialog-confirm").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/automations/bulk/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pause: 20 workflows")
    work_all()
    page.reload()
    expect(page.locator("#bulk-job")).to_contain_text("20/20")
    assert Workflow.objects.filter(status="paused").count() == 20


def test_all_that_match_is_offered_once_the_page_is_taken(visit):
    for number in range(60):
        make_workflow(f"Flow {number:02}")
    visit.go(f"{LIST}?sort=-name")
    page = visit.page
    offer = page.get_by_label("Select all 60 that match")
    page.locator("[data-select]").first.click()
    expect(offer).to_be_hidden()
    page.locator("#select-all").click()
    offer.check()
    expect(page.locator("#bulk")).to_contain_text("60 selected")
    page.locator("#bulk-stop").click()
    expect(page.get_by_role("dialog")).to_contain_text("60 of 60 selected workflows will change.")
    page.keyboard.press("Escape")
    page.locator("[data-select]").first.click()
    expect(page.locator("#bulk")).to_contain_text("49 selected")


def test_a_poll_waits_for_ticked_rows_and_the_job_page_moves_by_itself(visit, monkeypatch):
    monkeypatch.setattr("runs.views.bulk.asking.SECONDS", 0.0)
    for number in range(3):
        make_workflow(f"Flow {number}")
    visit.go(LIST)
    page = visit.page
    page.locator("#select-all").click()
    page.locator("#bulk-pause").click()
    page.get_by_label("Reason").fill("CRM outage")
    page.locator("#dialog-confirm").click()
    expect(page.locator("#bulk-job")).to_contain_text("1/3")
    work_all()
    expect(page.locator("#bulk-job")).to_contain_text("3/3", timeout=8000)
    expect(page.locator("#bulk-stop")).to_have_count(0)
    assert BulkJob.objects.get().ended_how == "done"


def test_without_script_the_bar_acts_too(browser: Browser, live_server, transactional_db):
    client = client_of(make_user("manager", username="admin"))
    name = settings.SESSION_COOKIE_NAME
    for number in range(2):
        make_workflow(f"Flow {number}")
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + LIST)
    page.get_by_label("Select Flow 0").check()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pause workflows")
    page.get_by_label("Reason").fill("CRM outage")
    page.get_by_role("button", name="Pause 1").click()
    expect(page.locator("#bulk-job")).to_contain_text("1/1")
    context.close()


def test_rows_are_ticked_and_looked_at_on_a_narrow_screen(visit):
    flow = make_workflow("Flow")
    visit.page.set_viewport_size({"width": 320, "height": 800})
    visit.go(LIST)
    page = visit.page
    page.locator(f"#select-{flow.pk}").click()
    expect(page.locator("#bulk")).to_contain_text("1 selected")
    page.get_by_label("The whole page").click()
    expect(page.locator("#bulk")).to_be_hidden()
    page.get_by_role("button", name="Actions for Flow").click()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Quick look at Flow").click()
    expect(page.get_by_role("dialog", name="Quick look")).to_be_visible()
