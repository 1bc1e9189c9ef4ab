"""Operator tasks by keyboard alone: names, shelf, delete, many at once (10 to 15)."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from runs.models import BulkJob, Run
from tests.browser import trail
from tests.browser.keys import Hands
from tests.browser.pages import RUNS, Workflows, said
from tests.browser.prepared import NAME
from tests.factories import make_run, make_workflow
from workflows.models import Workflow

pytestmark = pytest.mark.browser


def test_task_10_clone_with_51_characters_and_correct_it(visit_as, manager) -> None:
    make_workflow(NAME)
    with visit_as(manager) as visit:
        hands, workflows = Hands(visit), Workflows(visit).open()
        hands.row_menu(NAME, "Clone")
        dialog = hands.dialog("Clone workflow")
        hands.fill(dialog.field("Name"), "x" * 51)
        hands.press("Enter")
        expect(dialog.summary).to_be_focused()
        hands.follow(dialog.summary.get_by_role("link").first)
        expect(dialog.field("Name")).to_be_focused()
        hands.press("End", "Backspace", "Enter")
        expect(workflows.badge("x" * 50)).to_have_text("Draft")
    assert Workflow.objects.count() == 2


def test_tasks_11_and_12_rename_and_archive_and_undo_both(visit_as, manager) -> None:
    make_workflow(NAME, status="not_running")
    with visit_as(manager) as visit:
        hands, workflows, page = Hands(visit), Workflows(visit).open(), visit.page
        before = trail.newest()
        hands.row_menu(NAME, "Rename")
        dialog = hands.dialog("Rename workflow")
        hands.fill(dialog.field("Name"), "Leads")
        hands.press("Enter")
        expect(workflows.row("Leads")).to_be_visible()
        hands.follow(page.get_by_role("button", name="Undo"))
        expect(workflows.row(NAME)).to_be_visible()

        hands.row_menu(NAME, "Archive")
        dialog = hands.dialog("Archive workflow")
        hands.follow(dialog.button("Archive"))
        expect(workflows.row(NAME)).to_have_count(0)
        hands.follow(page.get_by_role("button", name="Undo"))
        expect(workflows.badge(NAME)).to_have_text("Not Running")
    words = ["Workflow renamed", "Workflow renamed", "Workflow archived", "Workflow unarchived"]
    assert trail.since(before) == words


def test_task_13_delete_by_typing_the_name(visit_as, manager) -> None:
    make_workflow(NAME, status="draft")
    make_workflow("Neighbour", status="draft")
    with visit_as(manager) as visit:
        hands, workflows = Hands(visit), Workflows(visit).open()
        hands.row_menu(NAME, "Delete")
        dialog = hands.dialog("Delete workflow")
        hands.fill(dialog.field("Type the name to confirm"), NAME)
        hands.press("Enter")
        expect(workflows.row(NAME)).to_have_count(0)
        expect(said(visit.page)).to_contain_text(f"{NAME} is deleted.")
    assert Workflow.objects.standing().get().name == "Neighbour"


def test_task_14_pause_twenty_by_selection_and_read_the_results(visit_as, manager, monkeypatch) -> None:
    monkeypatch.setattr("runs.views.bulk.asking.SECONDS", 60.0)
    for number in range(20):
        make_workflow(f"Flow {number:02}")
    make_workflow("Flow 99", status="not_running")
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        Workflows(visit).open("?sort=-name")
        hands.press("j", "j", "x")
        expect(page.get_by_label("Select Flow 19")).to_be_checked()
        for _ in range(19):
            hands.press("j")
        hands.press("Shift+Tab", "Shift+Space")
        expect(page.get_by_label("Select Flow 00")).to_be_checked()
        expect(page.locator("#bulk")).to_contain_text("20 selected")
        hands.back_to(page.locator("#bulk-pause"))
        hands.press("Enter")
        dialog = hands.dialog("Pause workflows")
        expect(dialog.root).to_contain_text("20 of 20 selected workflows will change.")
        hands.fill(dialog.field("Reason"), "CRM outage")
        hands.follow(dialog.root.locator("#dialog-confirm"))
        page.wait_for_url(re.compile("/automations/bulk/"))
        expect(page.locator("#bulk-job")).to_contain_text("20/20")
        hands.follow(page.locator("#bulk-job").get_by_role("link", name="Flow 00"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("Flow 00")
    assert Workflow.objects.filter(status="paused").count() == 20


def test_task_15_start_a_bulk_replay_by_filter_and_stop_it(visit_as, manager, monkeypatch) -> None:
    monkeypatch.setattr("runs.views.bulk.asking.SECONDS", 0.0)
    workflow = make_workflow("Leads")
    for number in range(52):
        status = "failed" if number else "success"
        make_run(workflow, status=status, error="no" if number else "", ended_at=timezone.now())
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        visit.go(RUNS)
        hands.follow(page.get_by_role("button", name=re.compile("^Status is")))
        hands.follow(page.get_by_role("link", name="Failed", exact=True))
        page.wait_for_url("**/?status=failed")
        hands.press("Escape")
        hands.tick(page.locator("#select-all"))
        hands.back_to(page.get_by_label("Select all 51 that match"))
        hands.press("Space")
        expect(page.locator("#bulk")).to_contain_text("51 selected")
        hands.follow(page.locator("#bulk-replay"))
        dialog = hands.dialog("Replay runs")
        hands.follow(dialog.root.locator("#dialog-confirm"))
        page.wait_for_url(re.compile("/automations/bulk/"))
        hands.follow(page.locator("#bulk-stop"))
        expect(page.locator("#bulk-job")).to_contain_text("Stopped")
    assert BulkJob.objects.get().ended_how == "stopped"
    assert Run.objects.exclude(replay_of=None).count() < 51
