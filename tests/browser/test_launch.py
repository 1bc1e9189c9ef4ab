"""A watched launch, the first day, checks that arrive one by one and the drawn run, as people see and use them."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from runs.models import StepAttempt
from tests.browser.keys import Hands
from tests.browser.looks import expect_fine
from tests.browser.pages import RUNS, WORKFLOWS, Workflows, said
from tests.factories import make_connection, make_run, make_scope, make_workflow
from workflows.models import Workflow

pytestmark = pytest.mark.browser

NAME = "Leads"
EVENTS: dict[str, Any] = {
    "format": "signalbox/1",
    "triggers": [{"id": "hook", "kind": "webhook"}, {"id": "listens", "kind": "event", "event": "a.b"}],
    "steps": [{"id": "ask", "kind": "http_request", "connection": "crm", "path": "/"}],
}


def launched(hours: float = 3.5) -> Workflow:
    """In its fourth hour, with a spike, failures, and two triggers that the launch holds."""
    started = timezone.now() - timedelta(hours=hours)
    make_connection("crm")
    workflow = make_workflow(NAME, definition=EVENTS, launch="first 30", launch_seen=32)
    workflow.started_at = workflow.activated_at = started
    workflow.save()
    for hour, count, status in ((0, 3, "success"), (1, 2, "failed"), (2, 24, "success"), (3, 1, "running")):
        at = started + timedelta(hours=hour, minutes=10)
        ended = None if status == "running" else at + timedelta(seconds=2)
        for _ in range(count):
            make_run(
                workflow, status=status, trigger_kind="webhook", trigger_id="hook", received_at=at,
                started_at=at, ended_at=ended, error="No answer." if status == "failed" else "",
            )  # fmt: skip
    for _ in range(2):
        make_run(workflow, status="held", reason="launch", version=None, due_at=None, trigger_kind="webhook")
    return workflow


def test_launch_is_widened_by_keyboard_and_its_page_looks_fine(visit_as, manager) -> None:
    workflow = launched()
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        visit.go(f"{WORKFLOWS}{workflow.pk}/")
        expect(page.locator("#first-day-chart figcaption")).to_contain_text(
            "30 runs since the start, 2 failed"
        )
        page.locator("#first-day-table-summary").press("Enter")
        expect_fine(page, "workflow-launch")
        hands.follow(page.locator("#widen-launch"))
        dialog = hands.dialog("Widen launch")
        expect(dialog.field("How many triggers")).to_be_hidden()
        hands.choose(dialog.root.get_by_role("group", name="Let through"), "More of the first")
        hands.fill(dialog.field("How many triggers"), "20")
        hands.follow(dialog.button("Widen"))
        expect(dialog.summary).to_be_focused()
        expect_fine(page, "widen-refused")
        hands.fill(dialog.field("How many triggers"), "31")
        hands.follow(dialog.button("Widen"))
        expect(said(page)).to_contain_text("now the first 31 triggers. 1 is being released.")
        expect(page.locator("#launch-heading")).to_be_visible()
    assert Workflow.objects.get().launch == "first 31"


def test_bar_of_an_hour_leads_to_its_runs(visit_as, manager) -> None:
    workflow = launched()
    with visit_as(manager) as visit:
        page = visit.page
        visit.go(f"{WORKFLOWS}{workflow.pk}/")
        page.locator("#first-day-hour-2").press("Enter")
        page.wait_for_url("**/runs/?status=*")
        expect(page.locator("#list [data-row]")).to_have_count(24)


def test_run_dialog_with_a_launch_looks_fine(visit_as, manager) -> None:
    make_connection("crm", health="ok")
    make_scope("hub:sydney")
    workflow = make_workflow(NAME, status="draft", definition=EVENTS)
    with visit_as(manager) as visit:
        page = visit.page
        visit.go(f"{WORKFLOWS}{workflow.pk}/run/")
        page.get_by_label("Only events of one hub or card").check()
        expect(page.get_by_label("Hub or card", exact=True)).to_be_visible()
        expect(page.get_by_label("How many triggers")).to_be_hidden()
        expect_fine(page, "run-launch")


def test_launch_is_started_without_script(visit_as, manager) -> None:
    make_connection("crm", health="ok")
    workflow = make_workflow(NAME, status="not_running", definition=EVENTS)
    with visit_as(manager, java_script_enabled=False) as visit:
        page = visit.page
        visit.go(f"{WORKFLOWS}{workflow.pk}/run/")
        page.locator("#watched-launch-summary").click()
        page.get_by_label("A share of them").check()
        page.get_by_label("Share in per cent").fill("25")
        page.get_by_role("checkbox", name="Accept th").check()
        page.get_by_role("button", name="Yes, start it").click()
        expect(page.get_by_role("main")).to_contain_text("It lets 25 % of the triggers through")


def test_checks_arrive_one_by_one_and_a_failure_takes_the_button(visit_as, manager, monkeypatch) -> None:
    for name in ("crm", "shop"):
        make_connection(name, base_url=f"https://{name}.example.test")
    steps = [{**EVENTS["steps"][0], "id": name, "connection": name} for name in ("crm", "shop")]
    make_workflow(NAME, status="paused", definition={**EVENTS, "steps": steps})
    may_fail = threading.Event()

    def send(request: Any) -> Any:
        if "shop" in request.url:
            may_fail.wait(timeout=20)
        return type("Answer", (), {"status": 503 if "shop" in request.url else 204})()

    monkeypatch.setattr("workflows.connections.health.send", send)
    with visit_as(manager) as visit:
        page = visit.page
        Workflows(visit).open()
        hands = Hands(visit)
        hands.row_menu(NAME, "Resume")
        dialog = hands.dialog("Resume workflow")
        lines = dialog.root.locator(".checks-now li")
        expect(lines.nth(0)).not_to_contain_text("is being tested")
        expect(lines.nth(1)).to_contain_text("is being tested")
        expect(dialog.button("Resume")).to_be_visible()
        may_fail.set()
        expect(lines.nth(1)).to_have_class("check-broken")
        expect(dialog.button("Resume")).to_have_count(0)
        expect(dialog.root).to_contain_text("A connection does not answer, so it cannot be resumed now.")
        expect_fine(page, "resume-checks")


def test_steps_of_a_run_as_a_drawing(visit_as, manager) -> None:
    start = timezone.now() - timedelta(minutes=5)
    run = make_run(
        make_workflow(NAME), status="failed", received_at=start, started_at=start, error_step="greet",
        ended_at=start + timedelta(seconds=90), error="No answer.",
    )  # fmt: skip
    for number, (begin, end) in enumerate(((0, 10), (40, 90)), 1):
        StepAttempt.objects.create(
            run=run, step_id="greet", kind="set", number=number, status="failed", is_final=number == 2,
            started_at=start + timedelta(seconds=begin), ended_at=start + timedelta(seconds=end),
        )  # fmt: skip
    with visit_as(manager) as visit:
        hands, page = Hands(visit), visit.page
        visit.go(f"{RUNS}{run.pk}/")
        hands.follow(page.locator("#as-drawing"))
        expect(page.locator(".gantt .gantt-failed")).to_have_count(2)
        expect(page.locator(".gantt .gantt-wait")).to_have_count(1)
        expect(page.locator(".gantt tbody tr")).to_contain_text("30 s, retry")
        expect_fine(page, "run-drawing")
        page.keyboard.press("n")
        expect(page.locator("#step-panel")).to_be_visible()
        assert "view=drawing" in page.url and "step=greet" in page.url
