"""Dialogs: focus, refusal, failure, and the way back."""

import pytest
from playwright.sync_api import expect

from tests.config.web.browsing import answer

pytestmark = pytest.mark.browser
LIST = "/demo/workflows/"


def open_dialog(visit, item="Rename", row="Workflow 02"):
    visit.go(LIST)
    visit.page.get_by_role("button", name=f"Actions for {row}").click()
    visit.page.get_by_role("menuitem", name=item).click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_dialog_is_named_by_its_heading_and_focuses_the_first_field(open_site, many):
    with open_site() as visit:
        dialog = open_dialog(visit)
        expect(dialog).to_have_accessible_name("Rename workflow")
        expect(dialog.get_by_label("Name")).to_be_focused()
        assert visit.path() == LIST


def test_dialog_without_fields_focuses_the_least_destructive_button(open_site, many):
    with open_site() as visit:
        open_dialog(visit, "Delete")
        expect(visit.page.get_by_role("button", name="Delete", exact=True)).to_be_visible()
        assert visit.focused() == "dialog-cancel"


def test_done_act_closes_refreshes_tells_and_returns_the_focus(open_site, many):
    with open_site() as visit:
        dialog = open_dialog(visit)
        dialog.get_by_label("Name").fill("Workflow 02b")
        dialog.get_by_role("button", name="Rename").click()
        expect(dialog).to_have_count(0)
        expect(visit.page.get_by_role("link", name="Workflow 02b")).to_be_visible()
        expect(visit.page.get_by_role("status")).to_contain_text("Renamed.")
        expect(visit.page.get_by_role("button", name="Actions for Workflow 02b")).to_be_focused()


def test_undo_stays_beside_the_message_and_works(open_site, many):
    with open_site() as visit:
        dialog = open_dialog(visit)
        dialog.get_by_label("Name").fill("Workflow 02b")
        dialog.get_by_role("button", name="Rename").click()
        visit.page.get_by_role("button", name="Undo").click()
        expect(visit.page.get_by_role("status")).to_contain_text("Taken back.")
        expect(visit.page.get_by_role("link", name="undone")).to_be_visible()


def test_focus_goes_to_the_next_row_when_the_row_is_gone(open_site, many):
    with open_site() as visit:
        dialog = open_dialog(visit, "Delete")
        dialog.get_by_role("button", name="Delete").click()
        expect(visit.page.get_by_role("link", name="Workflow 02")).to_have_count(0)
        expect(visit.page.get_by_role("link", name="Workflow 03")).to_be_focused()


def test_bad_form_keeps_the_input_and_focuses_the_summary(open_site, many):
    with open_site() as visit:
        dialog = open_dialog(visit)
        dialog.get_by_label("Name").fill("x" * 51)
        dialog.get_by_role("button", name="Rename").click()
        expect(dialog.locator("#error-summary")).to_be_focused()
        expect(dialog.get_by_label("Name")).to_have_value("x" * 51)
        dialog.get_by_role("link", name="Name: Use at most 50 characters.").click()
        expect(dialog.get_by_label("Name")).to_be_focused()


def test_stale_page_is_told_who_changed_it(open_site, many):
    with open_site() as visit:
        dialog = open_dialog(visit)
        visit.page.eval_on_selector("dialog [name=revision]", "field => field.value = '6'")
        dialog.get_by_label("Name").fill("Another")
        dialog.get_by_role("button", name="Rename").click()
        expect(dialog).to_contain_text("Ada changed this at 09:14:03.")
        expect(dialog.get_by_label("Name")).to_have_value("Another")
        assert visit.page.eval_on_selector("dialog [name=revision]", "field => field.value") == "7"


def test_escape_with_typed_text_asks_once(open_site, many):
    with open_site() as visit:
        dialog = open_dialog(visit)
        dialog.get_by_label("Name").press_sequentially(" and more")
        visit.page.keyboard.press("Escape")
        expect(dialog.get_by_role("alert")).to_contain_text("Press Escape again")
        visit.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(visit.page.get_by_role("button", name="Actions for Workflow 02")).to_be_focused()


def test_failed_server_keeps_the_input_and_offers_retry(open_site, many):
    with open_site() as visit:
        dialog = open_dialog(visit)
        dialog.get_by_label("Name").fill("Kept")
        visit.page.route("**/rename/", answer(500))
        dialog.get_by_role("button", name="Rename").click()
        expect(dialog.get_by_role("alert")).to_contain_text("Request 0190-test")
        expect(dialog.get_by_label("Name")).to_have_value("Kept")
        visit.page.unroute("**/rename/")
        dialog.get_by_role("button", name="Retry").click()
        expect(visit.page.get_by_role("link", name="Kept")).to_be_visible()


def test_lost_network_keeps_the_input(open_site, many):
    with open_site() as visit:
        dialog = open_dialog(visit)
        dialog.get_by_label("Name").fill("Kept")
        visit.page.context.set_offline(True)
        dialog.get_by_role("button", name="Rename").click()
        expect(dialog.get_by_role("alert")).to_contain_text("The server cannot be reached")
        expect(dialog.get_by_label("Name")).to_have_value("Kept")
        expect(dialog.get_by_role("button", name="Rename")).to_be_enabled()


def test_changed_session_is_a_message_and_never_silence(open_site, many):
    with open_site() as visit:
        dialog = open_dialog(visit)
        dialog.get_by_label("Name").fill("Kept")
        visit.page.context.clear_cookies(name="signalbox_csrf")
        dialog.get_by_role("button", name="Rename").click()
        expect(dialog.get_by_role("alert")).to_contain_text("Your session changed")
        expect(dialog.get_by_label("Name")).to_have_value("Kept")


def test_deleted_thing_takes_its_row_along(open_site, many):
    with open_site() as visit:
        visit.go(LIST)
        many[1].delete()
        visit.page.get_by_role("button", name="Actions for Workflow 02").click()
        visit.page.get_by_role("menuitem", name="Rename").click()
        expect(visit.page.get_by_role("alert")).to_contain_text("This is not here any more.")
        expect(visit.page.get_by_role("link", name="Workflow 02")).to_have_count(0)


def test_hostile_names_are_text(open_site, many):
    many[0].name = "<img src=x onerror=alert(1)>\"'{{ 7|add:7 }}"
    many[0].save()
    with open_site() as visit:
        visit.go(LIST)
        button = visit.page.get_by_role("button", name=f"Actions for {many[0].name}")
        button.click()
        visit.page.get_by_role("menuitem", name="Rename").click()
        expect(visit.page.get_by_role("dialog")).to_contain_text(many[0].name)
        expect(visit.page.locator("img")).to_have_count(0)
