"""The form editor in Chromium: typing is kept, keys and dragging move, values are inserted, nothing is lost."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import expect_fine
from tests.factories import make_connection, make_workflow
from workflows import services
from workflows.models import Version, Workflow
from workflows.services import working

pytestmark = pytest.mark.browser

STEPS: list[dict[str, Any]] = [
    {"id": "lead", "kind": "set", "values": {"email": "{{ trigger.data.email }}", "score": 70}},
    {
        "id": "hot",
        "kind": "decision",
        "branches": [
            {
                "name": "hot",
                "if": {"all": [{"left": "{{ steps.lead.score }}", "op": ">=", "right": 70}]},
                "steps": [
                    {
                        "id": "crm",
                        "kind": "http_request",
                        "connection": "crm",
                        "method": "POST",
                        "path": "/leads",
                        "json": {"email": "{{ steps.lead.email }}"},
                        "retry": {"tries": 5},
                        "on_failure": {"steps": [{"id": "tell", "kind": "notify", "text": "No"}]},
                    }
                ],
            }
        ],
        "otherwise": [{"id": "later", "kind": "delay", "for": "P3D"}],
    },
    {"id": "end", "kind": "finish"},
]
LEADS: dict[str, Any] = {
    "format": "signalbox/1",
    "triggers": [
        {"id": "by_hand", "kind": "manual", "fields": [{"name": "email", "default": "ada@example.test"}]},
        {"id": "form", "kind": "webhook"},
    ],
    "steps": STEPS,
}


@pytest.fixture
def leads(transactional_db) -> Workflow:
    make_connection("crm")
    return make_workflow("Lead qualification", definition=LEADS)


def edit(workflow: Workflow, query: str = "") -> str:
    return f"/automations/workflows/{workflow.pk}/edit/{query}"


def kept(workflow: Workflow) -> dict[str, Any]:
    return json.loads(working.working(Workflow.objects.get(pk=workflow.pk)).text)


def order(page: Page) -> list[str]:
    return page.locator("#editor-outline [data-list='steps'] > li > a .step-name").all_inner_texts()


def is_kept(page: Page) -> None:
    expect(page.locator("#editor-kept")).to_be_visible()


def test_typing_is_kept_and_survives_leaving_at_once(visit_as, manager, leads) -> None:
    with visit_as(manager) as visit:
        visit.go(edit(leads, "?step=end"))
        page = visit.page
        page.get_by_label("Message").press_sequentially("All done")
        is_kept(page)
        assert visit.focused() == "f-message"
        assert kept(leads)["steps"][2]["message"] == "All done"
        page.get_by_label("Message").press_sequentially(" now")
        page.get_by_role("link", name="lead Set values").click()
        expect(page.get_by_role("heading", name="lead Set values")).to_be_visible()
        assert kept(leads)["steps"][2]["message"] == "All done now"
        page.locator("#f-values-0").fill("typed last")
        page.get_by_role("link", name="Workflows").first.click()
        page.wait_for_url("**/automations/workflows/")
        page.go_back()
        expect(page.locator("#f-values-0")).to_have_value("typed last")


def test_keys_move_save_and_keep_the_focus(visit_as, manager, leads) -> None:
    with visit_as(manager) as visit:
        visit.go(edit(leads, "?step=end"))
        page = visit.page
        page.get_by_label("Message").fill("Moved")
        page.keyboard.press("Alt+ArrowUp")
        expect(page.get_by_role("status")).to_contain_text("Moved end up.")
        assert order(page) == ["lead", "end", "hot"]
        assert visit.focused() == "f-message"
        page.keyboard.press("Alt+ArrowDown")
        expect(page.get_by_role("status")).to_contain_text("Moved end down.")
        page.keyboard.press("Control+s")
        expect(page.get_by_role("status")).to_contain_text("Saved as the draft, version 2.")
        assert json.loads(Version.objects.get(state="draft").definition)["steps"][2]["message"] == "Moved"
        page.keyboard.press("Control+Enter")
        expect(page.locator("#test-result")).to_contain_text("simulated")


def test_dragging_moves_into_a_branch_and_undo_takes_it_back(visit_as, manager, leads) -> None:
    with visit_as(manager) as visit:
        visit.go(edit(leads))
        page = visit.page
        page.set_viewport_size({"width": 1280, "height": 1400})
        page.locator("#line-steps-0").drag_to(page.locator("#add-steps-1-otherwise-1"))
        expect(page.get_by_role("status")).to_contain_text("Moved lead.")
        assert order(page) == ["hot", "end"]
        assert [step["id"] for step in kept(leads)["steps"][0]["otherwise"]] == ["later", "lead"]
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("status")).to_contain_text("Undone.")
        expect(page.locator("#editor-outline [data-list='steps'] > li")).to_have_count(4)
        assert order(page) == ["lead", "hot", "end"]


def test_a_step_is_added_from_the_library_and_a_value_inserted(visit_as, manager, leads) -> None:
    with visit_as(manager) as visit:
        visit.go(edit(leads))
        page = visit.page
        page.locator("#add-steps-3").click()
        page.get_by_label("Search the library").press_sequentially("mail")
        expect(page.locator(".library li:visible")).to_have_count(1)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="send_email")).to_be_visible()
        page.get_by_label("To", exact=True).fill("x, ")
        page.get_by_text("Insert value").click()
        page.locator("[data-insert='{{ steps.lead.email }}']").click()
        expect(page.get_by_label("To", exact=True)).to_have_value("x, {{ steps.lead.email }}")
        is_kept(page)
        expect(page.locator("#f-subject-wrong")).to_contain_text("The message has no subject.")
        page.get_by_role("link", name="send_email").last.click()
        assert kept(leads)["steps"][3]["to"] == "x, {{ steps.lead.email }}"


def test_a_finding_leads_to_its_field(visit_as, manager, leads) -> None:
    with visit_as(manager) as visit:
        visit.go(edit(leads, "?step=later"))
        page = visit.page
        page.get_by_label("Wait for").fill("soon")
        page.locator("#line-steps-0").click()
        finding = page.locator("#editor-findings .finding").filter(has_text="This is not a duration")
        finding.get_by_role("link", name="later").click()
        expect(page.locator("#f-for")).to_be_focused()


def test_a_conflict_shows_both_sides_and_mine_can_be_kept(visit_as, manager, leads) -> None:
    with visit_as(manager) as visit:
        visit.go(edit(leads, "?step=end"))
        page = visit.page
        changed = [*STEPS[:2], {**STEPS[2], "message": "Theirs"}]
        services.save_draft(leads.pk, {**LEADS, "name": leads.name, "steps": changed})
        page.get_by_label("Message").fill("Mine")
        expect(page.locator("#error-summary")).to_be_focused()
        expect(page.locator("#editor-problem td.removed")).to_have_text("Theirs")
        expect_fine(page, "editor-conflict")
        page.get_by_role("button", name="Keep mine").click()
        expect(page.locator("#error-summary")).to_have_count(0)
        assert kept(leads)["steps"][2]["message"] == "Mine"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?step=hot",
        "?step=crm",
        "?trigger=by_hand",
        "?part=settings",
        "?add=steps.3",
        "?mode=drawing",
        "?mode=text",
    ],
)
def test_the_editor_looks_fine(visit_as, manager, leads, query) -> None:
    with visit_as(manager) as visit:
        visit.go(edit(leads, query))
        for fold in visit.page.locator("#insert-values > summary, #part-rare > summary").all():
            fold.click()
        expect_fine(visit.page, f"editor{query.replace('?', '-').replace('=', '-')}")
