"""The Settings tab, and rotating secrets."""

import re

import pytest

from tests.factories import DEFINITION, make_scope, make_user, make_workflow
from tests.runs.views.pages import HTMX, client_of, events, hidden, notice, text_of
from tests.workflows.events import everything, words
from workflows import secrets
from workflows.models import Trigger, Workflow

SIGNED = {**DEFINITION, "triggers": [{"id": "hook", "kind": "webhook", "signature": {"preset": "github"}}]}
CANARY = "canary-7f3a9-secret"


def page(workflow, tail=""):
    return f"/automations/workflows/{workflow.pk}/settings/{tail}"


def described(workflow, **changes):
    return {
        "description": "Hands leads on",
        "tags": "leads, sales",
        "owner": "",
        "revision": workflow.revision,
        **changes,
    }


def test_description_tags_and_owner_change_at_once(manager):
    workflow, olga = make_workflow(), make_user("editor", username="olga")
    response = manager.post(page(workflow), described(workflow, owner=olga.pk))
    assert response.url == page(workflow)
    workflow.refresh_from_db()
    assert (workflow.description, workflow.tags, workflow.owner) == (
        "Hands leads on",
        ["leads", "sales"],
        olga,
    )
    assert words(kind="workflow") == ["Workflow described"]
    assert "The settings are saved." in text_of(manager.get(page(workflow)))


def test_saving_the_same_again_changes_nothing(manager):
    workflow = make_workflow()
    manager.post(page(workflow), described(workflow))
    response = manager.post(page(workflow), described(workflow), follow=True)
    assert "Nothing to do: it is described so already." in text_of(response)
    assert words(kind="workflow") == ["Workflow described"]


def test_bad_values_keep_the_input(manager):
    workflow = make_workflow()
    response = manager.post(page(workflow), described(workflow, tags="x" * 41))
    assert response.status_code == 422
    assert f'value="{"x" * 41}"' in text_of(response)
    assert 'id="error-summary"' in text_of(response)
    assert Workflow.objects.get(pk=workflow.pk).tags == []


def test_a_stale_page_is_refused_and_shows_what_changed(manager):
    workflow = make_workflow()
    manager.post(page(workflow), described(workflow))
    response = manager.post(page(workflow), described(workflow, description="Mine"))
    assert response.status_code == 409
    shown = text_of(response)
    assert "The workflow changed since you looked: Workflow described, admin" in shown
    assert ">\nMine</textarea>" in shown
    assert hidden(response, "revision") == str(workflow.revision + 1)


def test_those_who_may_not_edit_read(operator, viewer):
    workflow = make_workflow(description="Hands leads on", definition=SIGNED)
    for client in (operator, viewer):
        shown = text_of(client.get(page(workflow)))
        assert "Hands leads on" in shown
        for element in ('id="describe-form"', 'id="move"', 'id="rotate-hook"', 'id="edit-settings"'):
            assert element not in shown
        refused = client.post(page(workflow), described(workflow))
        assert (refused.status_code, "role Editor" in text_of(refused)) == (403, True)
    assert words(kind="workflow") == []


def test_foreign_settings_are_404(db):
    stranger = client_of(make_user("manager", scope=make_scope("hub:other")))
    workflow = make_workflow(definition=SIGNED)
    assert stranger.get(page(workflow)).status_code == 404
    assert stranger.post(page(workflow), described(workflow)).status_code == 404
    assert stranger.post(page(workflow, "secrets/hook/")).status_code == 404


def test_what_the_definition_says_is_shown_as_published(manager):
    settings = {"max_running": 7, "notify": ["ops@example.test"], "redact": ["trigger.body.card"]}
    settings["failure_rule"] = {"action": "pause", "ratio": 0.25, "window": "PT30M"}
    workflow = make_workflow(definition={**DEFINITION, "settings": settings})
    shown = re.sub(r"\s+", " ", text_of(manager.get(page(workflow))))
    for said in (
        "<dt>Runs at once</dt><dd>7</dd>", "<dt>Starts per minute</dt><dd>unlimited</dd>",
        "pause at 25 % of at least 20 runs in 30 min", "ops@example.test", "trigger.body.card",
    ):  # fmt: skip
        assert said in shown
    assert "edit/?at=settings" in shown


def test_a_generated_secret_is_shown_once(manager):
    workflow = make_workflow(definition=SIGNED)
    asked = manager.get(page(workflow, "secrets/hook/"), headers=HTMX)
    assert "Set secret" in text_of(asked)
    form = {"secret": "", "idempotency_key": hidden(asked, "idempotency_key")}
    response = manager.post(page(workflow, "secrets/hook/"), form, headers=HTMX)
    shown = re.search(r'id="new-secret">([^<]+)<', text_of(response)).group(1)
    assert "workflow-changed" in events(response)
    assert secrets.decrypt(Trigger.objects.get(trigger_id="hook").secret) == shown
    again = manager.post(page(workflow, "secrets/hook/"), form, headers=HTMX)
    assert (again.status_code, "shown once" in notice(again)) == (204, True)
    assert words(kind="workflow") == ["Secret rotated"]
    assert shown not in everything()
    assert shown not in text_of(manager.get(page(workflow)))


def test_a_typed_secret_is_never_sent_back(manager):
    workflow = make_workflow(definition=SIGNED)
    response = manager.post(page(workflow, "secrets/hook/"), {"secret": CANARY})
    assert response.url == page(workflow)
    assert secrets.decrypt(Trigger.objects.get(trigger_id="hook").secret) == CANARY
    shown = text_of(manager.get(page(workflow)))
    assert "Secret set" in shown
    assert CANARY not in shown + everything()
    refused = manager.post(page(workflow, "secrets/hook/"), {"secret": "short"})
    assert refused.status_code == 422
    assert 'value="short"' not in text_of(refused)


def test_rotating_keeps_the_former_secret_for_a_day_unless_ended(manager):
    workflow = make_workflow(definition=SIGNED)
    manager.post(page(workflow, "secrets/hook/"), {"secret": CANARY})
    manager.post(page(workflow, "secrets/hook/"), {"secret": CANARY + "2"})
    assert len(Trigger.objects.get(trigger_id="hook").sealed_secrets) == 2
    assert "The former secret is valid until" in text_of(manager.get(page(workflow)))
    manager.post(page(workflow, "secrets/hook/"), {"secret": CANARY + "3", "revoke_previous": "on"})
    assert len(Trigger.objects.get(trigger_id="hook").sealed_secrets) == 1


@pytest.mark.parametrize("role", ["operator", "editor"])
def test_secrets_need_a_manager(role, db):
    client, workflow = client_of(make_user(role)), make_workflow(definition=SIGNED)
    for response in (
        client.get(page(workflow, "secrets/hook/")),
        client.post(page(workflow, "secrets/hook/")),
    ):
        assert (response.status_code, "role Manager" in text_of(response)) == (403, True)
    assert Trigger.objects.get(trigger_id="hook").secret == ""


def test_only_webhooks_of_a_standing_workflow_have_secrets(manager):
    workflow = make_workflow()
    assert manager.get(page(workflow, "secrets/by_hand/")).status_code == 404
    assert manager.get(page(workflow, "secrets/nope/")).status_code == 404
    archived = make_workflow(status="archived", definition=SIGNED)
    assert 'id="rotate-hook"' not in text_of(manager.get(page(archived)))
    refused = manager.post(page(archived, "secrets/hook/"), {"secret": CANARY})
    assert (refused.status_code, "Unarchive it first" in text_of(refused)) == (409, True)
