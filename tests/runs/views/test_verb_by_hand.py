"""Trigger one run, and Test."""

import html
import json

import pytest

from runs.models import Run
from tests.factories import DEFINITION, make_run, make_scope, make_user, make_version, make_workflow
from tests.runs.views.pages import HTMX, buttons, client_of, hidden, text_of

FIELDS = [
    {"name": "customer", "required": True},
    {"name": "amount", "type": "number", "default": 3},
    {"name": "gift", "type": "boolean"},
    {"name": "day", "type": "date"},
]
BY_HAND = {**DEFINITION, "triggers": [{"id": "by_hand", "kind": "manual", "fields": FIELDS}]}
ACTING = {
    **DEFINITION,
    "steps": [
        {"id": "lead", "kind": "http_request", "method": "POST", "connection": "crm", "path": "/leads"},
        {"id": "off", "kind": "send_email", "enabled": False},
        {"id": "other", "kind": "start_workflow", "workflow": "Billing"},
    ],
}


def address(workflow, verb="trigger"):
    return f"/automations/workflows/{workflow.pk}/{verb}/"


def data_of(run):
    return json.loads(run.input)["data"]


def test_trigger_starts_a_normal_run_and_leads_to_it(manager):
    workflow = make_workflow()
    response = manager.post(address(workflow), {"payload": '{"big": 12345678901234567890}'}, headers=HTMX)
    run = Run.objects.get()
    assert response.headers["HX-Redirect"] == f"/automations/runs/{run.pk}/"
    assert (run.status, run.trigger_kind, run.is_test) == ("pending", "manual", False)
    assert data_of(run) == {"big": 12345678901234567890}


def test_trigger_sent_twice_starts_one_run(manager):
    workflow = make_workflow()
    key = hidden(manager.get(address(workflow), headers=HTMX), "idempotency_key")
    form = {"payload": "{}", "idempotency_key": key}
    first, second = (manager.post(address(workflow), form).url for _ in range(2))
    assert first == second
    assert Run.objects.count() == 1


def test_fields_of_the_manual_trigger_become_the_payload(manager):
    workflow = make_workflow(definition=BY_HAND)
    page = text_of(manager.get(address(workflow), headers=HTMX))
    assert 'name="field_amount" value="3"' in page
    form = {
        "field_customer": "Ada", "field_amount": "12", "field_gift": "on", "field_day": "2026-11-23",
        "payload": '{"note": "x", "amount": 1}',
    }  # fmt: skip
    manager.post(address(workflow), form)
    assert data_of(Run.objects.get()) == {
        "note": "x", "amount": 12, "customer": "Ada", "gift": True, "day": "2026-11-23",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"payload": "{", "field_customer": "Ada"}, "The body is not valid JSON"),
        ({"payload": '{"a": NaN}', "field_customer": "Ada"}, "Payload:"),
        ({"payload": "[1]", "field_customer": "Ada"}, "the payload must be an object"),
        ({"payload": "{}"}, "customer: This field is required."),
        ({"payload": "{}", "field_customer": "Ada", "field_amount": "many"}, "Enter a number."),
    ],
)
def test_bad_input_is_refused_and_kept(manager, form, says):
    workflow = make_workflow(definition=BY_HAND)
    response = manager.post(address(workflow), form, headers=HTMX)
    page = html.unescape(text_of(response))
    assert response.status_code == 422
    assert says in page
    assert form["payload"] in page
    assert Run.objects.count() == 0


def test_paused_needs_the_permission(manager, operator):
    workflow = make_workflow(status="paused", reason="CRM outage")
    refused = operator.get(address(workflow), headers=HTMX)
    assert (refused.status_code, buttons(refused)) == (409, [])
    assert "The workflow is paused: CRM outage." in text_of(refused)
    assert operator.post(address(workflow), {"payload": "{}"}, headers=HTMX).status_code == 409
    assert Run.objects.count() == 0
    assert "The workflow is paused. This one run starts" in text_of(
        manager.get(address(workflow), headers=HTMX)
    )
    manager.post(address(workflow), {"payload": "{}"})
    assert (Run.objects.get().status, Run.objects.get().passes_gate) == ("pending", True)


def test_test_lists_steps_with_outside_effects_and_simulates_them(manager):
    workflow = make_workflow(status="draft", definition=ACTING)
    page = text_of(manager.get(address(workflow, "test"), headers=HTMX))
    assert "POST crm /leads" in page
    assert "Billing" in page
    assert "<b>off</b>" not in page
    manager.post(address(workflow, "test"), {"payload": "{}"})
    run = Run.objects.get()
    assert (run.is_test, run.simulates, run.version) == (True, True, workflow.draft)


def test_test_acts_outside_only_when_ticked(manager):
    workflow = make_workflow(definition=ACTING)
    manager.post(address(workflow, "test"), {"payload": "{}", "act_outside": "on"})
    assert Run.objects.get().simulates is False


def test_test_of_steps_that_only_compute_offers_no_tick(manager):
    page = text_of(manager.get(address(make_workflow(), "test"), headers=HTMX))
    assert "None of its steps acts outside." in page
    assert "act_outside" not in page


def test_test_takes_the_draft_before_the_published_version(manager):
    workflow = make_workflow()
    workflow.draft = make_version(workflow, state="draft")
    workflow.save()
    assert "A test run of version 2." in text_of(manager.get(address(workflow, "test"), headers=HTMX))


def test_test_needs_no_manual_fields(manager):
    workflow = make_workflow(definition=BY_HAND)
    assert manager.post(address(workflow, "test"), {"payload": "{}"}).status_code == 302


def test_test_without_a_step_is_refused(manager):
    workflow = make_workflow(status="draft", definition={**DEFINITION, "steps": []})
    response = manager.post(address(workflow, "test"), {"payload": "{}"}, headers=HTMX)
    assert response.status_code == 409
    assert "There is no step to test yet." in text_of(response)


def test_test_is_filled_from_a_past_run_of_this_workflow_only(manager):
    workflow = make_workflow()
    past = make_run(workflow, input=json.dumps({"body": {"name": "Ada"}}))
    other = make_run(make_workflow(), input=json.dumps({"body": {"name": "Bob"}}))
    mine = text_of(manager.get(f"{address(workflow, 'test')}?run={past.pk}", headers=HTMX))
    foreign = text_of(manager.get(f"{address(workflow, 'test')}?run={other.pk}", headers=HTMX))
    given = text_of(manager.get(f"{address(workflow, 'test')}?payload=%7B%22a%22%3A1%7D", headers=HTMX))
    assert '"name": "Ada"' in html.unescape(mine)
    assert "Bob" not in foreign
    assert '{"a":1}' in html.unescape(given)
    assert manager.get(f"{address(workflow, 'test')}?run=nonsense", headers=HTMX).status_code == 200


def test_editor_of_a_hub_runs_while_paused_there_only(db):
    hub = make_scope("hub:sydney")
    workflow = make_workflow(scope=hub, status="paused")
    client = client_of(make_user("editor", scope=hub))
    assert buttons(client.get(address(workflow), headers=HTMX)) == ["Trigger one run"]
