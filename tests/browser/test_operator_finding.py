"""Operator tasks by keyboard alone: finding, saving views, reading the audit log, settings (1 to 3, 16, 22, 23, 25)."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from audit.models import AuditEvent
from runs.models import SavedView, StepAttempt
from tests.browser.keys import Hands
from tests.browser.pages import Workflows, said, tab_to
from tests.factories import DEFINITION, make_run, make_workflow
from workflows import services

pytestmark = pytest.mark.browser


@pytest.fixture
def statuses(transactional_db) -> None:
    make_workflow("Alerts")
    make_workflow("Billing", status="paused")
    make_workflow("Campaign", status="draft")
    make_workflow("Digest", status="not_running")


def test_task_1_find_all_paused_workflows(visit_as, manager, statuses) -> None:
    with visit_as(manager) as visit:
        hands, workflows = Hands(visit), Workflows(visit).open()
        hands.follow(workflows.sentence)
        hands.follow(visit.page.get_by_role("link", name="Active only"))
        expect(workflows.sentence).to_have_text("Status is Active")
        for label in ("Active", "Paused"):
            hands.tick(workflows.box(label))
        expect(workflows.sentence).to_have_text("Status is Paused")
        expect(workflows.row("Alerts")).to_have_count(0)
        assert workflows.names() == ["Billing"]
        assert visit.path().endswith("?status=paused")


def test_tasks_2_and_3_combine_statuses_and_save_the_view(visit_as, manager, statuses) -> None:
    with visit_as(manager) as visit:
        hands, workflows, page = Hands(visit), Workflows(visit).open(), visit.page
        hands.follow(workflows.sentence)
        for label in ("Draft", "Not Running"):
            hands.tick(workflows.box(label))
        page.wait_for_url("**/?status=active,paused")
        expect(workflows.box("Not Running")).to_be_focused()
        hands.press("Escape")
        expect(workflows.sentence).to_be_focused()

        hands.follow(page.locator("#views-button"))
        hands.follow(page.get_by_role("link", name="Save as…"))
        dialog = hands.dialog("Save view")
        hands.fill(dialog.field("Name"), "On watch")
        hands.press("Enter")
        expect(said(page)).to_contain_text("The view “On watch” is saved.")
        page.wait_for_url("**&view=*")
        address = visit.path()

        visit.go("/settings/")
        visit.go(address)
        expect(page.locator("#views-button")).to_have_text("View: On watch")
        assert sorted(workflows.names()) == ["Alerts", "Billing"]
    assert SavedView.objects.get().query == "status=active,paused"


def test_task_16_find_the_last_failure_and_its_cause(visit_as, manager) -> None:
    steps = [{"id": "before", "kind": "set", "values": {"n": 1}}, *DEFINITION["steps"]]
    workflow = make_workflow("Leads", definition={**DEFINITION, "steps": steps})
    make_run(workflow, status="success", ended_at=timezone.now())
    run = make_run(workflow, status="failed", error="crm answered with 503.", error_step="greet")
    now = timezone.now()
    StepAttempt.objects.create(
        run=run, step_id="before", kind="set", status="success", started_at=now, ended_at=now
    )
    StepAttempt.objects.create(
        run=run, step_id="greet", kind="set", status="failed", started_at=now, ended_at=now,
        error="crm answered with 503.",
    )  # fmt: skip
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        Workflows(visit).open()
        hands.go("r", "Workflow Runs")
        hands.follow(page.get_by_role("button", name=re.compile("^Status is")))
        hands.follow(page.get_by_role("link", name="Failed", exact=True))
        expect(page.locator("[data-row]")).to_have_count(1)
        hands.press("Escape", "j", "Enter")
        page.wait_for_url(f"**/runs/{run.pk}/")
        hands.press("f")
        expect(page.locator("#step-panel")).to_contain_text("crm answered with 503.")
        page.wait_for_url("**/?step=greet*")
        hands.press("b")
        expect(page.locator("#open-before")).to_have_attribute("aria-expanded", "true")
        hands.press("n")
        expect(page.locator("#open-greet")).to_have_attribute("aria-expanded", "true")


def test_task_22_find_who_paused_a_workflow_and_why(visit_as, manager) -> None:
    workflow = make_workflow("Leads")
    make_workflow("Other")
    services.pause(workflow.pk, reason="CRM is being moved")
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        Workflows(visit).open()
        hands.go("a", "Audit log")
        hands.follow(page.get_by_role("button", name="Add filter"))
        hands.pick(page.get_by_label("Event", exact=True), "Workflow paused")
        page.wait_for_url("**event=Workflow*paused*")
        row = page.locator("[data-row]")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("Leads")
        expect(row).to_contain_text("CRM is being moved")
        expect(row).to_contain_text(AuditEvent.objects.get(event="Workflow paused").actor_label)


def test_task_23_export_the_audit_log(visit_as, manager) -> None:
    services.pause(make_workflow("Leads").pk, reason="CRM is being moved")
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        visit.go("/automations/audit/")
        with page.expect_download() as started:
            hands.follow(page.get_by_role("link", name="Export CSV"))
        assert "CRM is being moved" in started.value.path().read_text()
    assert AuditEvent.objects.filter(event="Audit exported").count() == 1


def test_task_25_switch_letter_shortcuts_off(visit_as, manager) -> None:
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        Workflows(visit).open()
        hands.follow(page.get_by_role("button", name="Account"))
        hands.follow(page.get_by_role("link", name="Your settings"))
        tab_to(page, page.get_by_label("Letter shortcuts"))
        hands.press("Space")
        hands.follow(page.get_by_role("button", name="Save", exact=True))
        expect(said(page)).to_contain_text("Your settings are saved.")
        hands.press("?", "g", "r")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert visit.path() == "/settings/"
