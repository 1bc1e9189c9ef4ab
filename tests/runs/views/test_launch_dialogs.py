"""Starting as a watched launch, and widening it, by their dialogs and on the workflow's page."""

import json

import pytest

from audit.models import AuditEvent
from tests.factories import make_run, make_scope, make_workflow
from tests.runs.views.pages import HTMX, notice, text_of
from tests.runs.views.test_verb_starting import address, quiet_workflow
from workflows.models import Workflow

EVENTS = {
    "format": "signalbox/1",
    "triggers": [{"id": "listens", "kind": "event", "event": "lead.captured"}],
    "steps": [{"id": "greet", "kind": "set", "values": {"text": "Hello"}}],
}


def start(client, workflow, **sent):
    sent = {"accept_warnings": "on", "revision": workflow.revision, **sent}
    return client.post(address(workflow), sent, headers=HTMX)


@pytest.mark.parametrize(
    ("sent", "launch", "said"),
    [
        ({"launch": "first", "first": "20"}, "first 20", "the first 20 triggers"),
        ({"launch": "share", "share": "12.5"}, "share 0.125", "12.5 % of the triggers"),
        ({"launch": "", "first": "20"}, "", ""),
    ],
)
def test_run_starts_with_the_limit_that_was_chosen(manager, sent, launch, said):
    workflow = quiet_workflow(status="not_running")
    response = start(manager, workflow, **sent)
    assert said in notice(response)
    assert Workflow.objects.get().launch == launch


def test_scope_is_offered_where_events_bring_one(manager):
    make_scope("hub:sydney")
    deaf = make_workflow(status="not_running")
    hears = make_workflow(status="not_running", definition=EVENTS)
    assert "Only events of one hub or card" not in text_of(manager.get(address(deaf)))
    assert "Only events of one hub or card" in text_of(manager.get(address(hears)))
    assert start(manager, hears, launch="scope", only_scope="hub:sydney").status_code == 204
    assert Workflow.objects.get(pk=hears.pk).launch == "scope hub:sydney"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"launch": "first", "first": ""}, "first"),
        ({"launch": "first", "first": "0"}, "first"),
        ({"launch": "share", "share": "100"}, "share"),
        ({"launch": "all of them"}, "launch"),
    ],
)
def test_bad_limit_is_422_and_leads_to_its_field(manager, sent, field):
    workflow = quiet_workflow(status="not_running")
    response = start(manager, workflow, **sent)
    page = text_of(response)
    assert response.status_code == 422
    assert f'href="#id_{field}' in page
    assert '<details class="fold launch" id="watched-launch" open>' in page or field == "launch"
    assert Workflow.objects.get().status == "not_running"


def test_limit_takes_the_place_of_the_tick_for_a_wide_start(manager):
    workflow = quiet_workflow(status="not_running")
    workflow.first_started_at = None
    workflow.save()
    asked = text_of(manager.get(address(workflow), headers=HTMX))
    assert "The first start takes in the whole workspace." in asked
    assert '<details class="fold launch" id="watched-launch" open>' in asked
    assert start(manager, workflow, accept_warnings="").status_code == 422
    assert start(manager, workflow, accept_warnings="", launch="first", first="5").status_code == 204


def launched(**changes):
    workflow = make_workflow("Leads", launch="first 3", launch_seen=5, **changes)
    for _ in range(2):
        make_run(workflow, status="held", reason="launch", version=None, due_at=None)
    return workflow


def test_widen_shows_the_numbers_and_lets_all_through(manager):
    workflow = launched()
    page = text_of(manager.get(address(workflow, "widen"), headers=HTMX))
    assert "The launch lets the first 3 triggers through" in page
    assert "All triggers: the 2 held are released" in page
    response = manager.post(address(workflow, "widen"), {"to": "all"}, headers=HTMX)
    assert notice(response) == "All triggers of Leads become runs. 2 are being released."
    event = AuditEvent.objects.filter(event="Launch widened").get()
    assert (json.loads(event.before)["launch"], json.loads(event.after)["launch"]) == ("first 3", None)


def test_widen_to_more_of_the_same_kind(manager):
    workflow = launched()
    sent = {"to": "more", "first": "4", "revision": workflow.revision}
    response = manager.post(address(workflow, "widen"), sent, headers=HTMX)
    assert notice(response) == "Watched launch of Leads: now the first 4 triggers. 1 is being released."


@pytest.mark.parametrize(("first", "said"), [("2", "This is not wider"), ("", "Say how many.")])
def test_narrower_or_missing_limit_is_422(manager, first, said):
    workflow = launched()
    response = manager.post(address(workflow, "widen"), {"to": "more", "first": first}, headers=HTMX)
    assert response.status_code == 422
    assert said in text_of(response)
    assert Workflow.objects.get().launch == "first 3"


def test_menu_offers_widening_only_during_a_launch(manager):
    launched()
    page = text_of(manager.get("/automations/workflows/"))
    assert page.count("Widen launch…") == 1
    make_workflow("Other")
    assert text_of(manager.get("/automations/workflows/")).count("Widen launch…") == 1


def test_page_shows_the_launch_and_its_numbers(operator, viewer):
    workflow = launched()
    page = text_of(operator.get(f"/automations/workflows/{workflow.pk}/"))
    assert "It lets the first 3 triggers through; the others are held." in page
    assert "They have all come: what comes now is held." in page
    assert 'id="widen-launch"' in page
    assert 'id="widen-launch"' not in text_of(viewer.get(f"/automations/workflows/{workflow.pk}/"))


def test_resume_says_what_the_launch_goes_on_holding(manager):
    workflow = launched(status="paused")
    make_run(workflow, status="held", reason="paused", version=None, due_at=None)
    page = text_of(manager.get(address(workflow, "resume"), headers=HTMX))
    assert "it lets the first 3 triggers through, and the 2 that it holds stay held." in page
    assert "Of the held triggers 1 is beyond its limit" in page
