"""Operator tasks by keyboard alone: replaying, ending and settling runs (17 to 19)."""

import json
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from runs.models import Run, StepAttempt
from tests.browser import trail
from tests.browser.keys import Hands
from tests.browser.pages import RUNS, said
from tests.factories import make_run, make_workflow

pytestmark = pytest.mark.browser


def with_attempt(run: Run, status: str) -> Run:
    now = timezone.now()
    StepAttempt.objects.create(run=run, step_id="greet", kind="set", status=status, started_at=now)
    return run


def short(run: Run) -> str:
    return f"run {run.pk.hex[-8:]}"


def test_task_17_replay_from_the_failed_step_with_edited_input(visit_as, manager) -> None:
    now = timezone.now()
    run = make_run(make_workflow("Leads"), status="failed", error="no", error_step="greet", ended_at=now)
    with_attempt(run, "failed")
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        visit.go(f"{RUNS}{run.pk}/")
        hands.press("r")
        dialog = hands.dialog("Replay run")
        hands.choose(dialog.root.get_by_role("group", name="Start"), "From the failed step")
        hands.fill(dialog.field("Input"), '{"email": "ada@example.test"}')
        hands.follow(dialog.button("Replay"))
        page.wait_for_url(
            lambda address: re.search(r"/runs/[0-9a-f-]{36}/", address) and str(run.pk) not in address
        )
        expect(page.get_by_role("main")).to_contain_text("Replay of")
    again = Run.objects.get(replay_of=run)
    assert again.replay_from == "greet"
    assert "ada@example.test" in json.dumps(json.loads(again.input))


def test_task_18_cancel_one_run_and_kill_another(visit_as, manager) -> None:
    workflow = make_workflow("Leads")
    waiting = make_run(workflow, status="waiting", started_at=timezone.now())
    running = make_run(workflow, status="running", started_at=timezone.now())
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        visit.go(RUNS)
        before = trail.newest()
        hands.row_menu(short(waiting), "Cancel")
        hands.follow(hands.dialog("Cancel run").button("Cancel run"))
        expect(page.locator(f"#run-{waiting.pk} .badge")).to_have_text("Cancelled")
        hands.row_menu(short(running), "Kill")
        hands.follow(hands.dialog("Kill run").button("Kill"))
        expect(page.locator(f"#run-{running.pk} .badge")).to_have_text("Cancelled")
    assert trail.since(before) == ["Run cancelled", "Run killed"]


def test_task_19_settle_a_needs_decision(visit_as, manager) -> None:
    run = with_attempt(
        make_run(make_workflow("Leads"), status="needs_decision", error_step="greet"), "started"
    )
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        visit.go(f"{RUNS}{run.pk}/")
        hands.follow(page.get_by_role("link", name="Mark done"))
        hands.follow(hands.dialog("Decide about a run").button("Mark done"))
        expect(said(page)).to_contain_text("the step is marked done")
        expect(page.locator("#run .run-state")).to_contain_text("Waiting")
