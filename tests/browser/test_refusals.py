"""What stands in the way: double sends, bad input, a stale page, a lost right, a failing server."""

import pytest
from playwright.sync_api import expect

from audit.models import AuditEvent
from tests.browser import trail
from tests.browser.pages import DialogBox, Workflows, said
from tests.browser.prepared import NAME, paused_with_held
from tests.browser.ways import ASKED
from tests.config.web.browsing import answer
from tests.factories import make_user, make_workflow
from workflows import services
from workflows.models import Workflow

pytestmark = pytest.mark.browser


def start_dialog(workflows: Workflows, name: str) -> DialogBox:
    workflows.choose(name, "Run")
    dialog = DialogBox(workflows.page, "Run workflow").expect_open()
    dialog.accept.check()
    return dialog


@pytest.mark.parametrize("sender", ["double click", "double Enter", "two clicks at once"])
def test_start_sent_twice_is_one_transition_and_one_event(visit_as, manager, sender: str) -> None:
    names = [f"{NAME} {number}" for number in range(4)]
    for name in names:
        make_workflow(name, status="not_running")
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        before = trail.newest()
        for name in names:
            button = start_dialog(workflows, name).button("Yes, start it")
            if sender == "double click":
                button.dblclick()
            elif sender == "double Enter":
                button.focus()
                visit.page.keyboard.down("Enter")
                visit.page.keyboard.down("Enter")
                visit.page.keyboard.up("Enter")
            else:
                button.focus()
                button.evaluate("button => { button.click(); button.click(); }")
            expect(workflows.badge(name)).to_have_text("Active")
    assert trail.since(before) == ["Workflow activated"] * 4
    assert list(Workflow.objects.values_list("revision", flat=True)) == [2] * 4


def test_start_from_two_tabs_is_one_transition_and_one_event(visit_as, manager) -> None:
    make_workflow(NAME, status="draft")
    with visit_as(manager) as first, visit_as(manager) as second:
        dialogs = [start_dialog(Workflows(visit).open(), NAME) for visit in (first, second)]
        before = trail.newest()
        for dialog in dialogs:
            dialog.button("Yes, start it").click()
        for visit in (first, second):
            expect(Workflows(visit).badge(NAME)).to_have_text("Active")
        expect(said(second.page)).to_contain_text("Nothing to do")
    assert trail.since(before) == ["Version published", "Workflow activated"]


def test_bad_input_is_kept_and_the_summary_has_the_focus(visit_as, manager) -> None:
    make_workflow(NAME)
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        before = trail.newest()
        workflows.choose(NAME, "Pause")
        dialog = DialogBox(visit.page, "Pause workflow").expect_open()
        dialog.field("Reason").fill("ab")
        dialog.field("Category").select_option("outage")
        dialog.field("Expected resume").fill("2031-05-06T09:00")
        dialog.field("Resume automatically then").check()
        dialog.button("Pause").click()
        expect(dialog.summary).to_be_focused()
        expect(dialog.field("Reason")).to_have_value("ab")
        expect(dialog.field("Reason")).to_have_attribute("aria-invalid", "true")
        expect(dialog.field("Category")).to_have_value("outage")
        expect(dialog.field("Expected resume")).to_have_value("2031-05-06T09:00")
        expect(dialog.field("Resume automatically then")).to_be_checked()
        dialog.summary.get_by_role("link").first.click()
        expect(dialog.field("Reason")).to_be_focused()
        assert trail.since(before) == []
        dialog.field("Reason").fill("CRM outage")
        dialog.button("Pause").click()
        expect(workflows.badge(NAME)).to_have_text("Paused")
    paused = Workflow.objects.get()
    assert (paused.reason, paused.category, paused.auto_resume) == ("CRM outage", "outage", True)
    assert paused.resume_expected_at.isoformat() == "2031-05-06T09:00:00+00:00"


def test_name_of_51_characters_is_refused_and_corrected(visit_as, manager) -> None:
    make_workflow(NAME)
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        workflows.choose(NAME, "Clone")
        dialog = DialogBox(visit.page, "Clone workflow").expect_open()
        expect(dialog.field("Name")).to_have_value(f"Copy of {NAME}")
        dialog.field("Name").fill("x" * 51)
        expect(dialog.root).to_contain_text("1 characters too many")
        dialog.button("Clone").click()
        expect(dialog.summary).to_contain_text("The name has 51 characters; 50 are possible.")
        dialog.field("Name").fill("x" * 50)
        expect(dialog.root).to_contain_text("0 characters left")
        dialog.button("Clone").click()
        expect(workflows.badge("x" * 50)).to_have_text("Draft")


def test_start_with_errors_has_no_button_but_leads_to_the_editor(visit_as, manager) -> None:
    empty = {"format": "signalbox/1", "triggers": [], "steps": []}
    broken = make_workflow(NAME, status="draft", definition=empty)
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        workflows.choose(NAME, "Run")
        dialog = DialogBox(visit.page, "Run workflow").expect_open()
        expect(dialog.root).to_contain_text("2 things must be completed before it can start.")
        expect(dialog.button("Yes, start it")).to_have_count(0)
        dialog.root.get_by_role("link", name="Open editor").click()
        visit.page.wait_for_url(f"**/automations/workflows/{broken.pk}/edit/")


def test_start_with_warnings_needs_the_tick(visit_as, manager) -> None:
    make_workflow(NAME, status="draft")
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        workflows.choose(NAME, "Run")
        dialog = DialogBox(visit.page, "Run workflow").expect_open()
        dialog.button("Yes, start it").click()
        expect(dialog.summary).to_contain_text("Tick this to go on in spite of the warnings.")
        expect(dialog.root).to_contain_text(ASKED)
        expect(dialog.root.get_by_text("checks passed")).to_be_visible()
    assert Workflow.objects.get().status == "draft"


def test_stale_page_is_shown_who_changed_what(visit_as, manager) -> None:
    workflow = make_workflow(NAME)
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        workflows.choose(NAME, "Stop")
        dialog = DialogBox(visit.page, "Stop workflow").expect_open()
        services.describe(workflow.pk, description="Another one was here")
        before = trail.newest()
        dialog.field("Reason").fill("not needed")
        dialog.button("Stop").click()
        expect(dialog.summary).to_contain_text("The workflow changed since you looked")
        expect(dialog.summary).to_contain_text("Workflow described")
        expect(dialog.field("Reason")).to_have_value("not needed")
        assert trail.since(before) == []
        dialog.button("Stop").click()
        expect(workflows.badge(NAME)).to_have_text("Not Running")
    assert trail.since(before) == ["Workflow stopped"]


def test_verb_of_another_status_meanwhile_is_refused_in_words(visit_as, manager) -> None:
    workflow = make_workflow(NAME)
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        workflows.choose(NAME, "Pause")
        dialog = DialogBox(visit.page, "Pause workflow").expect_open()
        services.stop(workflow.pk, reason="gone for good")
        dialog.field("Reason").fill("too late")
        dialog.button("Pause").click()
        expect(dialog.summary).to_contain_text("is not possible while the workflow is Not Running")
        expect(dialog.button("Pause")).to_have_count(0)
        dialog.root.get_by_role("link", name="Close").last.click()
        expect(workflows.menu_button(NAME)).to_be_focused()


def test_viewer_has_no_menus_and_is_told_what_is_missing(visit_as, manager) -> None:
    workflow = make_workflow(NAME)
    with visit_as(make_user("viewer")) as visit:
        workflows = Workflows(visit).open()
        expect(workflows.row(NAME)).to_be_visible()
        expect(workflows.menu_button(NAME)).to_have_count(0)
        expect(visit.page.get_by_role("link", name="Create workflow")).to_have_count(0)
        visit.go(f"/automations/workflows/{workflow.pk}/pause/")
        expect(visit.page.get_by_role("main")).to_contain_text(
            "“Pause” needs the role Operator in Workspace."
        )


def test_deleted_meanwhile_takes_its_row_along(visit_as, manager) -> None:
    workflow = make_workflow(NAME, status="draft")
    make_workflow("Neighbour", status="draft")
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        services.delete(workflow.pk, confirm=NAME)
        workflows.choose(NAME, "Rename")
        expect(visit.page.get_by_role("alert")).to_contain_text("This is not here any more.")
        expect(workflows.row(NAME)).to_have_count(0)
        expect(workflows.row("Neighbour")).to_have_count(1)


def test_failing_server_keeps_the_input_and_offers_retry(visit_as, manager) -> None:
    make_workflow(NAME)
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        workflows.choose(NAME, "Pause")
        dialog = DialogBox(visit.page, "Pause workflow").expect_open()
        dialog.field("Reason").fill("CRM outage")
        visit.page.route("**/pause/", answer(500))
        dialog.button("Pause").click()
        expect(visit.page.get_by_role("alert")).to_contain_text("Something went wrong on the server")
        expect(dialog.field("Reason")).to_have_value("CRM outage")
        visit.page.unroute("**/pause/")
        visit.page.get_by_role("button", name="Retry").click()
        expect(workflows.badge(NAME)).to_have_text("Paused")
    assert AuditEvent.objects.filter(event="Workflow paused").count() == 1


def test_rename_archive_and_unarchive_can_be_undone(visit_as, manager) -> None:
    make_workflow(NAME, status="not_running")
    with visit_as(manager) as visit:
        page, workflows = visit.page, Workflows(visit).open()
        before = trail.newest()
        workflows.choose(NAME, "Rename")
        DialogBox(page, "Rename workflow").field("Name").fill("Leads")
        DialogBox(page, "Rename workflow").button("Rename").click()
        expect(workflows.row("Leads")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(workflows.row(NAME)).to_be_visible()
        workflows.choose(NAME, "Archive")
        DialogBox(page, "Archive workflow").button("Archive").click()
        expect(workflows.row(NAME)).to_have_count(0)
        page.get_by_role("button", name="Undo").click()
        expect(workflows.badge(NAME)).to_have_text("Not Running")
    words = ["Workflow renamed", "Workflow renamed", "Workflow archived", "Workflow unarchived"]
    assert trail.since(before) == words


def test_discarding_held_work_needs_its_tick(visit_as, manager) -> None:
    paused_with_held()
    with visit_as(manager) as visit:
        workflows = Workflows(visit).open()
        workflows.choose(NAME, "Resume")
        dialog = DialogBox(visit.page, "Resume workflow").expect_open()
        triggers = dialog.root.get_by_role("group", name="Held triggers")
        tick = dialog.field("These 2 cannot be brought back")
        expect(tick).to_be_hidden()
        triggers.get_by_label("Discard").check()
        expect(tick).to_be_visible()
        dialog.button("Resume").click()
        expect(dialog.summary).to_contain_text("Tick this to discard them for good.")
        tick.check()
        dialog.root.get_by_role("group", name="Held runs").get_by_label("Keep held").check()
        dialog.button("Resume").click()
        expect(said(visit.page)).to_contain_text("2 were discarded. 1 stays held.")
        expect(workflows.badge(NAME)).to_have_text("Active")
