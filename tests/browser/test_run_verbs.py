"""Every verb on a run from its row's menu, by mouse and by keyboard alone."""

import re
from dataclasses import dataclass

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from runs.models import Run
from tests.browser import trail
from tests.browser.pages import RUNS, DialogBox, Workflows, said, tab_to
from tests.factories import make_run, make_workflow

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Way:
    """From a run's status through its dialog to what is said and recorded; `shows` is part of the question."""

    status: str
    item: str
    heading: str
    button: str
    shows: str
    says: str
    event: str
    after: str
    tick: str = ""


WAYS = [
    Way("waiting", "Cancel", "Cancel run", "Cancel run", "It ends now.", "is cancelled.", "Run cancelled", "Cancelled"),
    Way("running", "Kill", "Kill run", "Kill", "It is closed at once.", "is killed.", "Run killed", "Cancelled"),
    Way("held", "Release", "Release run", "Release", "It goes on now", "is released.", "Held triggers released", "Waiting"),
    Way("held", "Discard", "Discard run", "Discard", "It ends as Cancelled", "is discarded.", "Held triggers discarded",
        "Cancelled", tick="This cannot be brought back"),
    Way("needs_decision", "Decide…", "Decide about a run", "Decide", "whether the target acted is unknown.",
        "the step is sent again.", "Run decided", "Waiting", tick="Repeat: the target did not act, send again"),
]  # fmt: skip
IDS = [way.item.strip("…").lower() for way in WAYS]


def prepared(way: Way) -> Run:
    now = timezone.now()
    run = make_run(make_workflow("Leads"), status=way.status, started_at=now, error_step="greet", held_at=now)
    run.step_attempts.create(step_id="greet", kind="set", status="started", started_at=now)
    return run


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_way_through_the_dialog_of_a_run(visit_as, manager, way: Way, hand: str) -> None:
    run = prepared(way)
    name = f"run {run.pk.hex[-8:]}"
    with visit_as(manager) as visit:
        page, rows = visit.page, Workflows(visit)
        visit.go(RUNS)
        before = trail.newest()
        choose = rows.choose if hand == "mouse" else rows.choose_by_keys
        choose(name, way.item)
        dialog = DialogBox(page, way.heading).expect_open()
        expect(dialog.root).to_contain_text(way.shows)
        if hand == "keyboard":
            page.keyboard.press("Escape")
            dialog.expect_closed()
            expect(rows.menu_button(name)).to_be_focused()
            choose(name, way.item)
            dialog.expect_open()
        if way.tick:
            dialog.field(way.tick).check() if hand == "mouse" else press(page, dialog, way.tick)
        tab_to(page, dialog.button(way.button))
        page.keyboard.press("Enter")
        dialog.expect_closed()
        expect(said(page)).to_contain_text(re.compile(f"[Rr]{name[1:]}.*{way.says}"))
        expect(page.locator(f"#run-{run.pk} .badge")).to_have_text(way.after)
        expect(rows.menu_button(name)).to_be_focused()
    assert trail.since(before) == [way.event]


def press(page, dialog: DialogBox, label: str) -> None:
    """Tick a box or choose a radio button by keys: Tab reaches a group, arrows move inside it."""
    field = dialog.field(label)
    if field.get_attribute("type") == "radio":
        tab_to(page, dialog.root.get_by_role("radio").first)
        while not field.is_checked():
            page.keyboard.press("ArrowDown")
    else:
        tab_to(page, field)
        page.keyboard.press("Space")


def test_replay_by_keyboard_leads_to_a_new_run(visit_as, manager) -> None:
    run = make_run(make_workflow("Leads"), status="failed", error="refused", ended_at=timezone.now())
    with visit_as(manager) as visit:
        visit.go(RUNS)
        before = trail.newest()
        Workflows(visit).choose_by_keys(f"run {run.pk.hex[-8:]}", "Replay")
        dialog = DialogBox(visit.page, "Replay run").expect_open()
        tab_to(visit.page, dialog.button("Replay"))
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url(lambda address: re.search(r"/runs/[0-9a-f-]{36}/", address) is not None)
        expect(visit.page.get_by_role("main")).to_contain_text("Replay of")
    assert Run.objects.get(replay_of=run).status == "pending"
    assert trail.since(before) == ["Run replayed"]
