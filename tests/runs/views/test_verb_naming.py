"""Clone, Rename, Describe, Move, Delete, and the Undo of what is plainly undone."""

import html
import re

import pytest

from audit.models import AuditEvent
from tests.factories import make_scope, make_user, make_workflow
from tests.runs.views.pages import HTMX, client_of, events, hidden, notice, text_of
from workflows.models import Receipt, Workflow


def address(workflow, verb):
    return f"/automations/workflows/{workflow.pk}/{verb}/"


def undo(response):
    return events(response)["notice"]["undo"]["url"]


def shown_name(response):
    return html.unescape(re.search(r'name="name" value="([^"]*)"', text_of(response)).group(1))


def test_clone_suggests_a_name_and_counts_to_fifty(manager):
    workflow = make_workflow("x" * 50)
    response = manager.get(address(workflow, "clone"), headers=HTMX)
    assert shown_name(response) == f"Copy of {'x' * 42}"
    assert 'data-counter="50" data-counts="id_name"' in text_of(response)
    assert "Status, secrets, webhook addresses and history" in text_of(response)


def test_clone_makes_a_draft_in_the_chosen_scope(manager):
    hub, workflow = make_scope("hub:sydney"), make_workflow("Leads", tags=["night"])
    response = manager.post(address(workflow, "clone"), {"name": "Twin", "scope": hub.pk}, headers=HTMX)
    twin = Workflow.objects.get(name="Twin")
    assert notice(response) == "Cloned as Twin, a new Draft."
    assert (twin.status, twin.scope, twin.tags) == ("draft", hub, ["night"])


def test_clone_sent_twice_makes_one(manager):
    workflow = make_workflow("Leads")
    key = hidden(manager.get(address(workflow, "clone"), headers=HTMX), "idempotency_key")
    form = {"name": "Twin", "scope": workflow.scope_id, "idempotency_key": key}
    answers = [manager.post(address(workflow, "clone"), form, headers=HTMX) for _ in range(2)]
    assert [notice(answer) for answer in answers] == ["Cloned as Twin, a new Draft."] * 2
    assert Workflow.objects.count() == 2
    assert Receipt.objects.count() == 1


def test_clone_again_with_a_new_form_is_refused_for_its_name(manager):
    workflow = make_workflow("Leads")
    form = {"name": "Twin", "scope": workflow.scope_id}
    manager.post(address(workflow, "clone"), form | {"idempotency_key": "a"}, headers=HTMX)
    response = manager.post(address(workflow, "clone"), form | {"idempotency_key": "b"}, headers=HTMX)
    assert response.status_code == 422
    assert "Another workflow in Workspace is named “Twin”." in html.unescape(text_of(response))


def test_clone_goes_into_scopes_of_the_person_only(db):
    hub = make_scope("hub:sydney")
    foreign = make_scope("hub:perth")
    workflow = make_workflow("Leads", scope=hub)
    client = client_of(make_user("editor", scope=hub))
    page = text_of(client.get(address(workflow, "clone"), headers=HTMX))
    assert ">Sydney</option>" in page
    assert ">Perth</option>" not in page
    response = client.post(address(workflow, "clone"), {"name": "Twin", "scope": foreign.pk}, headers=HTMX)
    assert response.status_code == 422


def test_rename_can_be_undone_as_a_new_act(manager):
    workflow = make_workflow("Leads")
    form = {"name": "Prospects", "revision": workflow.revision}
    done = manager.post(address(workflow, "rename"), form, headers=HTMX)
    assert notice(done) == "Leads is now Prospects."
    undone = manager.post(undo(done), headers=HTMX)
    assert notice(undone) == "Prospects is now Leads."
    assert Workflow.objects.get().name == "Leads"
    assert AuditEvent.objects.filter(event="Workflow renamed").count() == 2


def test_undo_is_refused_when_the_thing_changed_since(manager):
    workflow = make_workflow("Leads")
    done = manager.post(address(workflow, "rename"), {"name": "Prospects"}, headers=HTMX)
    manager.post(address(workflow, "rename"), {"name": "Customers"})
    refused = manager.post(undo(done), headers=HTMX)
    assert refused.status_code == 409
    assert "The workflow changed since you looked" in events(refused)["problem"]["text"]
    assert Workflow.objects.get().name == "Customers"


def test_undo_stands_on_the_next_page_without_script(manager):
    workflow = make_workflow("Leads")
    manager.post(address(workflow, "rename"), {"name": "Prospects"})
    page = text_of(manager.get("/automations/workflows/"))
    assert "Leads is now Prospects." in page
    way = html.unescape(re.search(r'<form method="post" action="([^"]*undo[^"]*)"', page).group(1))
    assert manager.post(way).status_code == 302
    assert Workflow.objects.get().name == "Leads"


def test_undo_needs_the_same_right_and_a_post(viewer, manager):
    workflow = make_workflow("Leads")
    way = undo(manager.post(address(workflow, "rename"), {"name": "Prospects"}, headers=HTMX))
    assert viewer.post(way).status_code == 403
    assert manager.get(way).status_code == 200
    assert Workflow.objects.get().name == "Prospects"


def test_archive_and_unarchive_undo_each_other(manager):
    workflow = make_workflow("Leads", status="not_running")
    archived = manager.post(address(workflow, "archive"), headers=HTMX)
    assert (notice(archived), Workflow.objects.get().status) == ("Leads is archived.", "archived")
    back = manager.post(undo(archived), headers=HTMX)
    assert notice(back) == "Leads is back as Not Running."
    again = manager.post(undo(back), headers=HTMX)
    assert (notice(again), Workflow.objects.get().status) == ("Leads is archived.", "archived")


def test_unarchive_asks_for_a_name_only_when_it_is_taken(manager):
    workflow = make_workflow("Leads", status="archived")
    assert 'name="name"' not in text_of(manager.get(address(workflow, "unarchive"), headers=HTMX))
    make_workflow("LEADS")
    response = manager.get(address(workflow, "unarchive"), headers=HTMX)
    assert shown_name(response) == "Copy of Leads"
    form = {"name": "Leads again"}
    done = manager.post(address(workflow, "unarchive"), form, headers=HTMX)
    assert notice(done) == "Leads again is back as Not Running."


def test_undo_of_archive_is_refused_when_the_name_was_taken_meanwhile(manager):
    workflow = make_workflow("Leads", status="not_running")
    way = undo(manager.post(address(workflow, "archive"), headers=HTMX))
    make_workflow("Leads")
    response = manager.post(way, headers=HTMX)
    assert response.status_code == 409
    assert "needs a new one" in events(response)["problem"]["text"]
    assert manager.post(way).status_code == 422


def test_delete_wants_the_name_and_says_what_remains(manager):
    workflow = make_workflow("Leads", status="archived")
    page = text_of(manager.get(address(workflow, "delete"), headers=HTMX))
    assert "Type the name to confirm" in page
    assert "1 webhook address" in page
    assert "Audit events and run summaries" in page
    wrong = manager.post(address(workflow, "delete"), {"confirm": "leads"}, headers=HTMX)
    assert wrong.status_code == 422
    assert "This is not the workflow" in text_of(wrong)
    assert Workflow.objects.standing().count() == 1
    done = manager.post(address(workflow, "delete"), {"confirm": "Leads"}, headers=HTMX)
    assert notice(done) == "Leads is deleted."
    assert Workflow.objects.standing().count() == 0


def test_delete_from_its_own_page_leads_to_the_list(manager):
    workflow = make_workflow("Leads", status="archived")
    here = {**HTMX, "HX-Current-URL": f"http://testserver/automations/workflows/{workflow.pk}/runs/"}
    response = manager.post(address(workflow, "delete"), {"confirm": "Leads"}, headers=here)
    assert response.headers["HX-Redirect"] == "/automations/workflows/"
    assert "Leads is deleted." in text_of(manager.get("/automations/workflows/"))


def test_describe_changes_description_tags_and_owner(manager):
    owner, workflow = make_user("viewer", username="olaf"), make_workflow("Leads")
    page = text_of(manager.get(address(workflow, "describe"), headers=HTMX))
    assert ">olaf</option>" in page
    form = {"description": "Greets", "tags": "night, crm ,", "owner": owner.pk}
    assert manager.post(address(workflow, "describe"), form, headers=HTMX).status_code == 204
    workflow = Workflow.objects.get()
    assert (workflow.description, workflow.tags, workflow.owner) == ("Greets", ["night", "crm"], owner)


def test_describe_refuses_tags_beside_their_field(manager):
    response = manager.post(
        address(make_workflow(), "describe"), {"tags": "x" * 41, "description": ""}, headers=HTMX
    )
    assert response.status_code == 422
    assert 'id="id_tags_error"' in text_of(response)


def test_owner_is_somebody_with_a_role_there(manager):
    stranger = make_user("viewer", username="sven", scope=make_scope("hub:perth"))
    workflow = make_workflow()
    assert ">sven</option>" not in text_of(manager.get(address(workflow, "describe"), headers=HTMX))
    response = manager.post(address(workflow, "describe"), {"owner": stranger.pk}, headers=HTMX)
    assert response.status_code == 422


def test_move_needs_the_right_in_both_scopes(db):
    hub, other = make_scope("hub:sydney"), make_scope("hub:perth")
    workflow = make_workflow("Leads", scope=hub)
    client = client_of(make_user("editor", scope=hub))
    refused = client.post(address(workflow, "move"), {"scope": other.pk}, headers=HTMX)
    assert (refused.status_code, Workflow.objects.get().scope) == (422, hub)
    both = client_of(make_user("editor"))
    done = both.post(address(workflow, "move"), {"scope": other.pk}, headers=HTMX)
    assert notice(done) == "Leads is in Perth now."


@pytest.mark.parametrize("verb", ["rename", "clone"])
def test_hostile_names_are_text_in_dialogs(manager, verb):
    page = text_of(manager.get(address(make_workflow("<script>alert(1)</script>"), verb), headers=HTMX))
    assert "<script>" not in page


def test_tags_and_owner_can_be_undone_as_a_new_act_wherever_they_were_changed(manager):
    owner = make_user("operator", username="olga")
    workflow = make_workflow("Leads", tags=["night", "crm"], owner=owner, description="Says hello")
    changed = {"tags": "day", "owner": "", "description": "Says goodbye", "revision": workflow.revision}
    for way in (address(workflow, "describe"), f"/automations/workflows/{workflow.pk}/settings/"):
        changed["revision"] = Workflow.objects.get().revision
        done = manager.post(way, changed, headers=HTMX)
        assert (Workflow.objects.get().tags, Workflow.objects.get().owner) == (["day"], None)
        manager.post(undo(done), headers=HTMX)
        now = Workflow.objects.get()
        assert (now.tags, now.owner, now.description) == (["night", "crm"], owner, "Says hello")
    assert AuditEvent.objects.filter(event="Workflow described").count() == 4


def test_undo_of_tags_alone_leaves_what_else_is_said_and_gives_way_to_later_changes(manager):
    workflow = make_workflow("Leads", tags=["night"], description="x" * 3_000)
    sent = {"tags": "day", "owner": "", "description": "x" * 3_000}
    done = manager.post(address(workflow, "describe"), sent, headers=HTMX)
    assert len(done.headers["HX-Trigger"]) < 500
    manager.post(undo(done), headers=HTMX)
    assert (Workflow.objects.get().tags, len(Workflow.objects.get().description)) == (["night"], 3_000)
    manager.post(address(workflow, "describe"), {**sent, "tags": "noon"}, headers=HTMX)
    refused = manager.post(undo(done), headers=HTMX)
    assert (refused.status_code, Workflow.objects.get().tags) == (409, ["noon"])
    manager.post(address(workflow, "describe"), {**sent, "description": ""}, headers=HTMX)
    long = manager.post(address(workflow, "describe"), {**sent, "description": "y"}, headers=HTMX)
    assert "undo" in events(long)["notice"]
    gone = manager.post(address(workflow, "describe"), {**sent, "description": "z" * 3_000}, headers=HTMX)
    assert "undo" in events(gone)["notice"]
    back = manager.post(address(workflow, "describe"), {**sent, "description": ""}, headers=HTMX)
    assert "undo" not in events(back)["notice"]
