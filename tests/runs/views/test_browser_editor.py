"""The editor and the workflow page in Chromium: keys, focus, lines, leaving with unsaved text."""

import json
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, expect

from runs.models import Run
from tests.config.web.browsing import Visit, visiting
from tests.factories import DEFINITION, make_run, make_user, make_version, make_workflow
from tests.runs.views.pages import client_of
from workflows import services
from workflows.models import Version, Workflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visit(browser: Browser, live_server, transactional_db) -> Iterator[Visit]:
    """A manager's browser."""
    client = client_of(make_user("manager", username="admin"))
    name = settings.SESSION_COOKIE_NAME
    with visiting(browser, live_server.url, {name: client.cookies[name].value}) as opened:
        yield opened


def open_editor(visit: Visit, tail: str = "?mode=text") -> Workflow:
    workflow = make_workflow("Leads")
    visit.go(f"/automations/workflows/{workflow.pk}/edit/{tail}")
    return workflow


def change(visit: Visit, old: str, new: str) -> None:
    text = visit.page.locator("#editor-text")
    text.fill(text.input_value().replace(old, new))


def test_control_s_saves_and_keeps_the_focus_and_the_text(visit):
    open_editor(visit)
    change(visit, "Hello", "Good day")
    visit.page.keyboard.press("Control+s")
    expect(visit.page.get_by_role("status")).to_contain_text("Saved as the draft, version 2.")
    assert visit.focused() == "editor-text"
    assert "Good day" in Version.objects.get(state="draft").definition
    change(visit, "Good day", "Good evening")
    visit.page.keyboard.press("Control+s")
    expect(visit.page.locator("#editor-state")).to_contain_text("Draft, version 2")
    expect(visit.page.locator("#save-over")).to_have_count(0)


def test_line_numbers_follow_the_text(visit):
    open_editor(visit)
    visit.page.locator("#editor-text").fill("{\n\n}")
    assert visit.page.locator("#editor-lines").inner_text().split() == ["1", "2", "3"]


def test_a_refused_text_is_kept_and_its_line_is_a_click_away(visit):
    open_editor(visit)
    change(visit, '"steps"', '"stepps"')
    visit.page.get_by_role("button", name="Check").click()
    expect(visit.page.locator("#error-summary")).to_be_focused()
    assert '"stepps"' in visit.page.locator("#editor-text").input_value()
    visit.page.locator("#finding-1").click()
    assert visit.focused() == "editor-text"
    selected = "[...document.querySelectorAll('#editor-text')].map((t) => t.value.slice(t.selectionStart, t.selectionEnd))[0]"
    assert visit.page.evaluate(selected) == '  "stepps": ['


def test_control_enter_tests_and_shows_the_result(visit):
    workflow = open_editor(visit)
    change(visit, '"Hello"', '"Hello {{ trigger.data.who }}"')
    visit.page.get_by_label("Sample payload").fill('{"who": "Ada"}')
    visit.page.locator("#editor-text").focus()
    visit.page.keyboard.press("Control+Enter")
    result = visit.page.locator("#test-result")
    expect(result).to_contain_text("Success")
    expect(result).to_contain_text("Hello Ada")
    assert Run.objects.get(workflow=workflow).is_test


def test_a_conflict_shows_both_sides_and_mine_can_be_saved_over(visit):
    workflow = open_editor(visit)
    services.save_draft(workflow.pk, json.dumps({**DEFINITION, "name": "Leads", "steps": []}))
    change(visit, "Hello", "Mine")
    visit.page.keyboard.press("Control+s")
    expect(visit.page.locator("#error-summary")).to_be_focused()
    expect(visit.page.get_by_text("Theirs, as it stands now")).to_be_visible()
    visit.page.get_by_role("button", name="Keep mine").click()
    expect(visit.page.get_by_role("status")).to_contain_text("Saved as the draft")
    expect(visit.page.locator("#error-summary")).to_have_count(0)
    assert "Mine" in Version.objects.get(state="draft").definition


def test_publish_saves_and_opens_the_dialog(visit):
    workflow = open_editor(visit)
    change(visit, "Hello", "Good day")
    visit.page.get_by_role("button", name="Publish changes").click()
    visit.page.wait_for_url(f"**/automations/workflows/{workflow.pk}/publish/")
    assert "Good day" in Version.objects.get(state="draft").definition


def test_leaving_at_once_keeps_what_was_typed(visit):
    workflow = open_editor(visit)
    change(visit, "Hello", "Typed last")
    visit.page.get_by_role("link", name="Workflows").first.click()
    visit.page.wait_for_url("**/automations/workflows/")
    visit.go(f"/automations/workflows/{workflow.pk}/edit/?step=greet")
    expect(visit.page.locator("#f-values-0")).to_have_value("Typed last")
    assert not Version.objects.filter(state="draft").exists()


def test_the_page_refreshes_header_and_overview_after_an_act(visit):
    workflow = make_workflow("Leads")
    visit.go(f"/automations/workflows/{workflow.pk}/")
    visit.page.locator("#page-action").click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("CRM outage")
    dialog.get_by_role("button", name="Pause", exact=True).click()
    expect(visit.page.locator("#workflow-state .badge")).to_have_text("Paused")
    expect(visit.page.locator("#page-action")).to_have_text("Resume")
    expect(visit.page.locator("#page-action")).to_be_focused()


def test_settings_show_a_secret_as_set_once_the_dialog_is_closed(visit):
    signed = {"id": "hook", "kind": "webhook", "signature": {"preset": "github"}}
    workflow = make_workflow("Leads", definition={**DEFINITION, "triggers": [signed]})
    visit.go(f"/automations/workflows/{workflow.pk}/settings/")
    visit.page.get_by_label("Description").fill("Half typed")
    visit.page.get_by_role("link", name="Set secret hook").click()
    visit.page.get_by_role("dialog").get_by_role("button", name="Set secret").click()
    expect(visit.page.locator("#new-secret")).to_be_visible()
    visit.page.get_by_role("dialog").get_by_role("link", name="Close").last.click()
    expect(visit.page.locator("#secret-hook")).to_contain_text("Secret set")
    expect(visit.page.locator("#rotate-hook")).to_be_focused()
    expect(visit.page.get_by_label("Description")).to_have_value("Half typed")


def test_versions_follow_an_act(visit):
    workflow = make_workflow("Leads")
    services.save_draft(workflow.pk, json.dumps({**DEFINITION, "name": "Leads", "steps": []}))
    visit.go(f"/automations/workflows/{workflow.pk}/versions/")
    visit.page.get_by_role("link", name="Discard draft").click()
    visit.page.get_by_role("dialog").get_by_role("button", name="Discard draft").click()
    expect(visit.page.locator("#versions tbody tr")).to_have_count(1)


def test_rename_reaches_heading_and_breadcrumb(visit):
    workflow = make_workflow("Leads")
    visit.go(f"/automations/workflows/{workflow.pk}/versions/")
    visit.page.get_by_role("button", name="Actions for Leads").click()
    visit.page.get_by_role("menuitem", name="Rename").click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Better leads")
    dialog.get_by_role("button", name="Rename").click()
    expect(visit.page.locator("h1")).to_have_text("Better leads")
    expect(visit.page.locator("#crumb-name")).to_have_text("Better leads")


def test_no_tab_breaks_the_policy_or_scrolls_sideways_at_320(visit):
    workflow = make_workflow("A name of exactly fifty characters, long for a row")
    workflow.draft = make_version(workflow, state="draft", definition={**DEFINITION, "steps": []})
    workflow.save()
    for status in ("success", "failed"):
        make_run(workflow, status=status, ended_at=timezone.now(), error="x" * 300, started_at=timezone.now())
    visit.page.set_viewport_size({"width": 320, "height": 700})
    for tail in ("", "runs/", "versions/", "versions/1..2/", "audit/", "settings/", "edit/"):
        visit.go(f"/automations/workflows/{workflow.pk}/{tail}")
        assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), tail
    for address in ("/automations/workflows/new/", "/automations/workflows/import/"):
        visit.go(address)
        assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
