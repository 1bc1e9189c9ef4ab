"""Testing from the editor as text: the result in place, and tests that cannot start."""

import pytest
from django.utils import timezone

from runs.models import Heartbeat, Run
from tests.factories import make_run, make_workflow
from tests.runs.views.editor_text import FORM, GREET, drafts, page, sent, text_with, token
from tests.runs.views.pages import HTMX, hidden, text_of
from tests.workflows.events import words


def test_a_test_shows_its_result_in_place(editor):
    workflow = make_workflow("Leads")
    form = sent(workflow, text_with(GREET), "test", payload='{"who": "Ada"}')
    shown = text_of(editor.post(page(workflow), form, headers=FORM))
    run = Run.objects.get()
    assert (run.is_test, run.status, run.simulates) == (True, "success", True)
    assert 'data-status="success"' in shown
    assert "&quot;text&quot;: &quot;Hi Ada&quot;" in shown
    assert "data-poll" not in shown
    assert "never tested" not in shown
    assert words(kind="workflow") == ["Version created", "Workflow tested"]


def test_a_test_without_script_leads_back_with_its_result(editor):
    workflow = make_workflow("Leads")
    form = sent(workflow, text_with(GREET), "test", payload='{"who": "Ada"}')
    response = editor.post(page(workflow), form)
    assert response.url == f"{page(workflow)}&tested={Run.objects.get().pk}"
    assert "Hi Ada" in text_of(editor.get(response.url))


def test_a_test_sent_twice_starts_one(editor):
    workflow = make_workflow("Leads")
    form = sent(workflow, text_with(GREET), "test", payload='{"who": "Ada"}', idempotency_key="key-1")
    editor.post(page(workflow), form, headers=FORM)
    editor.post(page(workflow), {**form, "revision": token(workflow)}, headers=FORM)
    assert Run.objects.count() == 1


def test_outside_steps_are_simulated_and_marked(editor):
    workflow = make_workflow("Leads")
    mail = {"id": "mail", "kind": "send_email", "to": "a@example.test", "subject": "x", "text": "y"}
    shown = text_of(editor.post(page(workflow), sent(workflow, text_with(mail), "test"), headers=FORM))
    assert '<span class="tag blue">simulated</span>' in shown


def test_a_failed_test_says_why(editor):
    workflow = make_workflow("Leads")
    form = sent(workflow, text_with(GREET), "test", payload="{}")
    shown = text_of(editor.post(page(workflow), form, headers=FORM))
    assert "There is no value named “trigger.data.who”." in shown


@pytest.mark.parametrize(
    ("step", "payload", "status", "said"),
    [([GREET], "{oops", 422, "The sample payload:"), ([], "{}", 409, "There is no step to test yet.")],
)
def test_a_test_that_cannot_start_keeps_the_saved_draft(editor, step, payload, status, said):
    workflow = make_workflow("Leads")
    response = editor.post(page(workflow), sent(workflow, text_with(*step), "test", payload=payload))
    assert response.status_code == status
    assert said in text_of(response)
    assert f"{payload}</textarea>" in text_of(response)
    assert hidden(response, "revision") == token(workflow)
    assert drafts() == [step]


def test_while_a_test_goes_on_its_result_refreshes(editor):
    Heartbeat.objects.create(
        name="w", kind="worker", host="h", pid=1, started_at=timezone.now(), beat_at=timezone.now()
    )
    workflow = make_workflow("Leads")
    run = make_run(workflow, is_test=True, status="running")
    address = page(workflow, f"tests/{run.pk}/")
    shown = text_of(editor.get(address, headers=HTMX))
    assert 'data-poll="2"' in shown
    mark = shown.split('data-mark="')[1].split('"')[0]
    assert editor.get(address, {"since": mark}, headers=HTMX).status_code == 204
    Run.objects.update(status="success", ended_at=timezone.now())
    assert "data-poll" not in text_of(editor.get(address, {"since": mark}, headers=HTMX))
    assert editor.get(address).url == f"/automations/runs/{run.pk}/"


def test_results_of_other_runs_are_404(editor):
    workflow, other = make_workflow("Leads"), make_workflow("Other")
    for run in (make_run(workflow), make_run(other, is_test=True)):
        assert editor.get(page(workflow, f"tests/{run.pk}/")).status_code == 404
        assert "test-heading" not in text_of(editor.get(f"{page(workflow)}&tested={run.pk}"))
