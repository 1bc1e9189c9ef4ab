"""Every verb's dialog from the row's menu, by mouse and by keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import trail
from tests.browser.pages import DialogBox, Workflows, said, tab_to
from tests.browser.prepared import NAME
from tests.browser.ways import IDS, WAYS, Way

pytestmark = pytest.mark.browser


def expect_asked(dialog: DialogBox, way: Way) -> None:
    """The dialog is named, says what it must, and has the focus where typing begins."""
    dialog.expect_open()
    expect(dialog.root).to_contain_text(NAME)
    for sentence in way.shows:
        expect(dialog.root).to_contain_text(sentence)
    if way.warns:
        expect(dialog.accept).to_be_focused()
    elif way.first:
        expect(dialog.field(way.first).first).to_be_focused()
    else:
        expect(dialog.cancel).to_be_focused()
    expect(dialog.button(way.button)).to_be_enabled()


def expect_done(workflows: Workflows, way: Way, before: int) -> None:
    """The answer, the row, the focus and the trail."""
    page = workflows.page
    if way.leads_to_run:
        page.wait_for_url(re.compile(r"/automations/runs/[0-9a-f-]{36}/"))
    else:
        DialogBox(page, way.heading).expect_closed()
    expect(said(page)).to_contain_text(re.compile(way.says))
    if way.badge:
        expect(workflows.badge(way.row)).to_have_text(way.badge)
    elif not way.leads_to_run:
        expect(workflows.row(NAME)).to_have_count(0)
        expect(page.locator("#heading")).to_be_focused()
    if way.badge:
        back = way.row if way.verb == "rename" else NAME
        expect(workflows.menu_button(back)).to_be_focused()
    assert trail.since(before) == list(way.events)


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_way_through_the_dialog_by_mouse(visit_as, manager, way: Way) -> None:
    way.prepare()
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open(way.query)
        before = trail.newest()
        workflows.choose(NAME, way.item)
        dialog = DialogBox(visit.page, way.heading)
        expect_asked(dialog, way)
        for label, text in way.typed:
            dialog.field(label).fill(text)
        if way.warns:
            dialog.accept.check()
        dialog.button(way.button).click()
        expect_done(workflows, way, before)


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_way_through_the_dialog_by_keyboard_alone(visit_as, manager, way: Way) -> None:
    way.prepare()
    with visit_as(manager) as visit:
        keys = visit.page.keyboard
        workflows = Workflows(visit).open(way.query)
        before = trail.newest()
        workflows.choose_by_keys(NAME, way.item)
        dialog = DialogBox(visit.page, way.heading).expect_open()
        keys.press("Escape")
        dialog.expect_closed()
        expect(workflows.menu_button(NAME)).to_be_focused()
        assert trail.since(before) == []

        workflows.choose_by_keys(NAME, way.item)
        expect_asked(dialog, way)
        for label, text in way.typed:
            tab_to(visit.page, dialog.field(label))
            keys.press("ControlOrMeta+a")
            keys.type(text)
        if way.warns:
            tab_to(visit.page, dialog.accept)
            keys.press("Space")
        tab_to(visit.page, dialog.button(way.button))
        keys.press("Enter")
        expect_done(workflows, way, before)
