"""Operator tasks by keyboard alone: starting, pausing, resuming, stopping (4 to 9)."""

import json
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from runs.models import Run
from tests.browser import trail
from tests.browser.keys import Hands
from tests.browser.pages import Workflows, said, tab_to
from tests.browser.prepared import NAME, paused_with_held
from tests.factories import make_run, make_scope, make_workflow
from workflows.models import Version, Workflow

pytestmark = pytest.mark.browser

COMPLETE = {
    "format": "signalbox/1",
    "triggers": [{"id": "by_hand", "kind": "manual"}],
    "steps": [{"id": "greet", "kind": "set", "values": {"text": "Hello"}}],
    "settings": {"notify": ["ops@example.test"], "minutes_saved_per_run": 3},
}
INCOMPLETE = {
    **COMPLETE,
    "steps": [{"id": "wait", "kind": "delay", "for": "soon"}],
}


def test_task_4_start_a_valid_draft(visit_as, manager) -> None:
    workflow = make_workflow(NAME, status="draft", definition=COMPLETE, scope=make_scope("hub:sydney"))
    tested = {"test_outcome": "success", "tested_hash": workflow.draft.content_hash}
    Version.objects.filter(pk=workflow.draft.pk).update(**tested)
    with visit_as(manager) as visit:
        hands, workflows = Hands(visit), Workflows(visit).open()
        before = trail.newest()
        hands.row_menu(NAME, "Run")
        dialog = hands.dialog("Run workflow")
        expect(dialog.accept).to_have_count(0)
        hands.follow(dialog.button("Yes, start it"))
        expect(workflows.badge(NAME)).to_have_text("Active")
        expect(said(visit.page)).to_contain_text(f"{NAME} is Active.")
    assert trail.since(before) == ["Version published", "Workflow activated"]


def test_task_5_start_an_invalid_draft_fix_its_field_and_start(visit_as, manager) -> None:
    workflow = make_workflow(NAME, status="draft", definition=INCOMPLETE)
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        Workflows(visit).open()
        hands.row_menu(NAME, "Run")
        dialog = hands.dialog("Run workflow")
        expect(dialog.button("Yes, start it")).to_have_count(0)
        hands.follow(dialog.root.get_by_role("link", name="steps.0.for"))
        page.wait_for_url(f"**/{workflow.pk}/edit/?at=steps.0.for*")
        expect(page.get_by_label("Wait for")).to_be_focused()
        hands.press("ControlOrMeta+a")
        hands.type("PT1H")
        hands.follow(page.locator("#editor-publish"))
        expect(page.get_by_role("heading", name="Run workflow", level=1)).to_be_visible()
        hands.tick(page.get_by_role("checkbox", name=re.compile("^Accept th")))
        hands.follow(page.get_by_role("button", name="Yes, start it"))
        expect(said(page)).to_contain_text(f"{NAME} is Active.")
    workflow.refresh_from_db()
    assert workflow.status == "active"
    assert json.loads(workflow.published.definition)["steps"][0]["for"] == "PT1H"


def test_task_6_start_with_warnings_and_a_watched_launch(visit_as, manager) -> None:
    make_workflow(NAME, status="draft")
    with visit_as(manager) as visit:
        hands, workflows = Hands(visit), Workflows(visit).open()
        hands.row_menu(NAME, "Run")
        dialog = hands.dialog("Run workflow")
        hands.follow(dialog.button("Yes, start it"))
        expect(dialog.summary).to_be_focused()
        hands.choose(dialog.root.get_by_role("group", name="Start with"), "The first few")
        hands.fill(dialog.field("How many triggers"), "5")
        hands.tick(dialog.accept)
        hands.follow(dialog.button("Yes, start it"))
        expect(workflows.badge(NAME)).to_have_text("Active")
        expect(workflows.row(NAME)).to_contain_text("Watched launch")
    assert Workflow.objects.get().launch == "first 5"


def test_task_7_pause_with_reason_and_expected_resume(visit_as, manager) -> None:
    make_workflow(NAME)
    with visit_as(manager) as visit:
        hands, workflows = Hands(visit), Workflows(visit).open()
        tab_to(visit.page, visit.page.get_by_role("link", name=NAME, exact=True))
        hands.press("p")
        dialog = hands.dialog("Pause workflow")
        hands.fill(dialog.field("Reason"), "CRM outage")
        hands.pick(dialog.field("Category"), "out")
        hands.moment(dialog.field("Expected resume"), "05062031", "0900AM")
        hands.tick(dialog.field("Resume automatically then"))
        hands.follow(dialog.button("Pause"))
        expect(workflows.badge(NAME)).to_have_text("Paused")
    paused = Workflow.objects.get()
    assert (paused.reason, paused.category, paused.auto_resume) == ("CRM outage", "outage", True)
    assert paused.resume_expected_at.isoformat() == "2031-05-06T09:00:00+00:00"


def test_task_8_resume_releasing_held_triggers_and_skipping_ticks(visit_as, manager) -> None:
    workflow = paused_with_held()
    now = timezone.now()
    make_run(workflow, status="skipped", reason="paused", trigger_kind="schedule", version=None, ended_at=now)
    with visit_as(manager) as visit:
        hands, workflows = Hands(visit), Workflows(visit).open()
        hands.row_menu(NAME, "Resume")
        dialog = hands.dialog("Resume workflow")
        group = dialog.root.get_by_role("group", name="Held triggers")
        hands.choose(group, "Release, oldest first")
        hands.choose(dialog.root.get_by_role("group", name="Held runs"), "Keep held")
        hands.choose(dialog.root.get_by_role("group", name="Schedules"), "Do nothing for them")
        hands.follow(dialog.button("Resume"))
        expect(workflows.badge(NAME)).to_have_text("Active")
        expect(said(visit.page)).to_contain_text("2 are being released. 1 stays held.")
    assert Run.objects.filter(workflow=workflow, trigger_kind="schedule").count() == 1


def test_task_9_stop_and_archive_in_one_go(visit_as, manager) -> None:
    make_workflow(NAME)
    with visit_as(manager) as visit:
        hands, workflows = Hands(visit), Workflows(visit).open()
        before = trail.newest()
        hands.row_menu(NAME, "Stop")
        dialog = hands.dialog("Stop workflow")
        hands.fill(dialog.field("Reason"), "replaced by another one")
        hands.tick(dialog.field("Archive afterwards"))
        hands.follow(dialog.button("Stop"))
        expect(workflows.row(NAME)).to_have_count(0)
        expect(said(visit.page)).to_contain_text("is stopped and archived")
    assert trail.since(before) == ["Workflow stopped", "Workflow archived"]
