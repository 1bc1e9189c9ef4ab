"""Every page about one workflow in both themes, wide and narrow: axe, and no sideways scrolling."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser

from runs.models import Release
from tests.browser.looks import expect_fine
from tests.config.web.browsing import Visit, visiting
from tests.factories import DEFINITION, make_run, make_user, make_version, make_workflow
from tests.runs.views.pages import client_of
from workflows import services
from workflows.models import Workflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAME = "A name of fifty characters, which is long in a row"
CHANGED = {
    **DEFINITION,
    "triggers": [
        {"id": "hook", "kind": "webhook", "signature": {"preset": "github"}},
        {"id": "nightly", "kind": "schedule", "cron": "30 2 * * *", "timezone": "Australia/Sydney"},
    ],
    "steps": [
        {"id": "hot", "kind": "decision", "branches": [
            {"name": "hot", "if": {"left": "{{ trigger.body.n }}", "op": ">", "right": 3},
             "steps": [{"id": "ask", "kind": "http_request", "url": "https://crm.example.com/leads"}]}]},
        {"id": "off", "kind": "set", "enabled": False},
    ],
}  # fmt: skip


@pytest.fixture
def visit(browser: Browser, live_server, transactional_db) -> Iterator[Visit]:
    """A manager's browser."""
    client = client_of(make_user("manager", username="admin"))
    name = settings.SESSION_COOKIE_NAME
    with visiting(browser, live_server.url, {name: client.cookies[name].value}) as opened:
        yield opened


def busy_workflow() -> Workflow:
    """With everything that the page can show at once."""
    now = timezone.now()
    workflow = make_workflow(NAME, tags=["leads", "sales"], description="Hands leads on.\nTwice.")
    former = workflow.published
    former.state = "superseded"
    former.save()
    workflow.published = make_version(workflow, definition=CHANGED, note="Now with a branch", author="olga")
    workflow.draft = make_version(workflow, state="draft", definition={**CHANGED, "steps": []})
    workflow.first_started_at, workflow.is_draining = now - timedelta(days=3), True
    workflow.save()
    for status in ("success", "failed", "running", "held", "cancelled"):
        ended = {"ended_at": now} if status in ("success", "failed", "cancelled") else {}
        make_run(
            workflow, status=status, started_at=now, error="x" * 200 if status == "failed" else "", **ended
        )
    Release.objects.create(
        workflow=workflow, pace=60, total=40, released=12, started_at=now, started_by="olga"
    )
    return workflow


@pytest.mark.parametrize("tail", ["", "versions/", "versions/1..2/", "audit/", "settings/", "edit/"])
def test_pages_of_a_busy_workflow(visit, tail):
    workflow = busy_workflow()
    visit.go(f"/automations/workflows/{workflow.pk}/{tail}")
    expect_fine(visit.page, f"workflow-{tail.strip('/') or 'overview'}")


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_overview_of_a_quiet_workflow(visit, status):
    workflow = make_workflow(NAME, status=status, definition=CHANGED)
    visit.go(f"/automations/workflows/{workflow.pk}/")
    expect_fine(visit.page, f"workflow-{status}")


def test_editor_refused_and_in_conflict(visit):
    workflow = make_workflow(NAME)
    visit.go(f"/automations/workflows/{workflow.pk}/edit/?mode=text")
    text = visit.page.locator("#editor-text")
    good = text.input_value()
    text.fill("{")
    visit.page.locator("#editor-save").click()
    visit.page.locator("#error-summary").wait_for()
    expect_fine(visit.page, "editor-refused")
    services.save_draft(workflow.pk, json.dumps({**DEFINITION, "name": "Leads", "steps": []}))
    text.fill(good.replace("Hello", "Mine"))
    visit.page.locator("#editor-test").click()
    visit.page.locator("#save-over").wait_for()
    expect_fine(visit.page, "editor-conflict")
    visit.page.locator("#save-over").click()
    visit.page.locator("#editor-findings").wait_for()
    visit.page.locator("#editor-test").click()
    visit.page.locator("#test-result").wait_for()
    expect_fine(visit.page, "editor-tested")


def test_new_import_preview_and_secret(visit):
    visit.go("/automations/workflows/new/")
    expect_fine(visit.page, "new")
    visit.page.locator("#create").click()
    visit.page.locator("#error-summary").wait_for()
    expect_fine(visit.page, "new-refused")
    visit.go("/automations/workflows/import/")
    expect_fine(visit.page, "import")
    visit.page.locator("#id_text").fill('{"format": "signalbox/1", "nonsense": 1}')
    visit.page.locator("#preview").click()
    visit.page.locator("#import-findings").wait_for()
    expect_fine(visit.page, "import-refused")
    workflow = make_workflow(NAME, definition=CHANGED)
    visit.go(f"/automations/workflows/import/?into={workflow.pk}")
    visit.page.locator("#id_text").fill(json.dumps({**DEFINITION, "name": "Other"}))
    visit.page.locator("#preview").click()
    visit.page.locator("#confirm-import").wait_for()
    expect_fine(visit.page, "import-preview")
    visit.go(f"/automations/workflows/{workflow.pk}/settings/")
    visit.page.locator("#rotate-hook").click()
    visit.page.locator("#dialog-confirm").click()
    visit.page.locator("#new-secret").wait_for()
    expect_fine(visit.page, "secret-shown")
