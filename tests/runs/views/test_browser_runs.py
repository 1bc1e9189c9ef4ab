"""The list of runs and the page of one in Chromium: what only script and focus can show."""

import json
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, expect

from runs.models import Run, StepAttempt
from tests.browser.looks import expect_fine
from tests.config.web.browsing import Visit, visiting
from tests.factories import make_run, make_user, make_workflow
from tests.runs.views.pages import client_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/automations/runs/"
HOSTILE = "<img src=x onerror=alert(1)>\"'{{ 7*7 }}"


@pytest.fixture
def visit(browser: Browser, live_server, transactional_db) -> Iterator[Visit]:
    """An operator's browser."""
    client = client_of(make_user("operator", username="olga"))
    name = settings.SESSION_COOKIE_NAME
    with visiting(browser, live_server.url, {name: client.cookies[name].value}) as opened:
        yield opened


def attempt(run: Run, **changes: object) -> StepAttempt:
    now = timezone.now()
    values = {"step_id": "greet", "kind": "set", "status": "success", "started_at": now, "ended_at": now}
    return StepAttempt.objects.create(run=run, **{**values, **changes})


def test_new_runs_wait_and_the_menu_stays_open_meanwhile(visit: Visit) -> None:
    workflow = make_workflow("Leads")
    old = make_run(workflow, status="running")
    visit.go(LIST)
    page = visit.page
    newer = make_run(workflow)

    notice = page.get_by_role("link", name="1 new run")
    expect(notice).to_be_visible(timeout=12_000)
    expect(page.locator("tbody tr")).to_have_count(1)
    notice.click()

    expect(page.locator("tbody tr")).to_have_count(2)
    expect(notice).to_have_count(0)
    assert page.locator("tbody tr").first.get_attribute("id") == f"run-{newer.pk}"
    assert page.locator("tbody tr").last.get_attribute("id") == f"run-{old.pk}"


def test_cancel_by_keyboard_from_the_menu_and_the_focus_comes_back(visit: Visit) -> None:
    run = make_run(make_workflow("Leads"))
    visit.go(LIST)
    page = visit.page
    button = page.get_by_role("button", name=f"Actions for run {run.pk.hex[-8:]}")
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Cancel run")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("link", name="Go back")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("is cancelled")
    expect(page.locator("tbody .badge")).to_have_text("Cancelled")
    expect(page.get_by_role("button", name=f"Actions for run {run.pk.hex[-8:]}")).to_be_focused()


def test_failure_is_opened_and_the_address_says_so(visit: Visit) -> None:
    run = make_run(make_workflow("Leads"), status="failed", error="no", error_step="greet")
    attempt(run, status="failed", error=HOSTILE, input=json.dumps({"x": HOSTILE}))
    visit.go(f"{LIST}{run.pk}/")
    page = visit.page
    page.get_by_role("link", name="Go to failure").click()
    page.wait_for_url("**/?step=greet#step-greet")

    panel = page.locator("#step-panel")
    expect(panel).to_contain_text(HOSTILE)
    step = page.get_by_role("link", name="greet", exact=True)
    expect(step).to_have_attribute("aria-expanded", "true")
    step.click()
    expect(panel).to_have_count(0)
    assert visit.focused() == "open-greet"
    page.go_back()
    expect(panel).to_be_visible()


def test_open_run_follows_itself_to_the_end(visit: Visit) -> None:
    run = make_run(make_workflow("Leads"), status="running")
    visit.go(f"{LIST}{run.pk}/")
    page = visit.page
    expect(page.locator("#run .run-state")).to_contain_text("Running")
    attempt(run)
    Run.objects.filter(pk=run.pk).update(status="success", ended_at=timezone.now())

    expect(page.locator("#run .run-state")).to_contain_text("Success", timeout=10_000)
    expect(page.get_by_role("link", name="Replay")).to_be_visible()
    expect(page.locator("[data-poll]")).to_have_count(0)


def test_decision_is_taken_on_the_page(visit: Visit) -> None:
    run = make_run(make_workflow("Leads"), status="needs_decision", error_step="greet")
    attempt(run, status="started", ended_at=None)
    visit.go(f"{LIST}{run.pk}/")
    page = visit.page
    page.get_by_role("link", name="Mark done").click()
    dialog = page.get_by_role("dialog", name="Decide about a run")
    dialog.get_by_role("button", name="Mark done").click()

    expect(page.get_by_role("status")).to_contain_text("the step is marked done")
    expect(page.locator("#run .run-state")).to_contain_text("Waiting")


def test_replay_leads_to_the_new_run(visit: Visit) -> None:
    run = make_run(make_workflow("Leads"), status="success")
    visit.go(f"{LIST}{run.pk}/")
    page = visit.page
    page.get_by_role("link", name="Replay").click()
    dialog = page.get_by_role("dialog", name="Replay run")
    dialog.get_by_label("Input").fill('{"a": 1}')
    dialog.get_by_role("button", name="Replay", exact=True).dblclick()
    page.wait_for_url(lambda url: str(run.pk) not in url)

    assert Run.objects.filter(replay_of=run).count() == 1
    expect(page.locator("#run")).to_contain_text("Replay of")


def test_pages_with_long_texts_look_fine(visit: Visit) -> None:
    workflow = make_workflow("Lead intake for the campaign " + "x" * 20)
    run = make_run(workflow, status="failed", error="e" * 300, error_step="greet")
    attempt(run, status="failed", error="e" * 300, input=json.dumps({"x": "y" * 3000}), output='{"a":1}')
    asks = make_run(workflow, status="needs_decision", error_step="greet")

    for name, path in (
        ("runs-long", LIST),
        ("runs-nothing", f"{LIST}?status=none"),
        ("run-long", f"{LIST}{run.pk}/?step=greet"),
        ("run-long-replay", f"{LIST}{run.pk}/replay/"),
        ("run-long-decision", f"{LIST}{asks.pk}/"),
    ):
        visit.go(path)
        expect_fine(visit.page, name)


def test_script_off_reads_and_replays(browser: Browser, live_server, transactional_db) -> None:
    client = client_of(make_user("operator"))
    name = settings.SESSION_COOKIE_NAME
    run = make_run(make_workflow("Leads"), status="success")
    cookies = {name: client.cookies[name].value}
    with visiting(browser, live_server.url, cookies, java_script_enabled=False) as visit:
        visit.go(LIST)
        visit.page.get_by_role("link", name=run.pk.hex[-8:]).click()
        visit.page.get_by_role("link", name="Replay").first.click()
        visit.page.get_by_role("button", name="Replay").click()

        expect(visit.page.get_by_role("status")).to_contain_text("The replay is started.")
        assert re.search(r"/automations/runs/[0-9a-f-]{36}/$", visit.page.url)
        assert str(run.pk) not in visit.page.url
