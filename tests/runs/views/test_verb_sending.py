"""What holds for every verb's form: fragments and pages, repetition, stale pages, bad input."""

import pytest

from tests.factories import make_workflow
from tests.runs.views.pages import HTMX, buttons, events, hidden, notice, text_of
from tests.runs.views.verb_dialogs import VERBS, address, prepared, sent, trail
from workflows.lifecycle import TRANSITIONS, Status
from workflows.models import Workflow

ANSWERED_BY_A_PAGE = ("trigger", "test")


@pytest.mark.parametrize("verb", VERBS)
def test_post_does_it_for_htmx(manager, verb):
    workflow, before = prepared(verb), trail()
    response = manager.post(address(workflow, verb), sent(verb, workflow), headers=HTMX)
    if verb in ANSWERED_BY_A_PAGE:
        assert response.headers["HX-Redirect"].startswith("/automations/runs/")
    else:
        assert response.status_code == 204
        assert list(events(response))[:2] == ["modal-close", "workflow-changed"]
        assert notice(response)
    assert trail() > before


@pytest.mark.parametrize("verb", VERBS)
def test_post_does_it_without_script(manager, verb):
    workflow, before = prepared(verb), trail()
    response = manager.post(address(workflow, verb), sent(verb, workflow))
    assert response.status_code == 302
    wanted = {"delete": "/automations/workflows/"}.get(verb, f"/automations/workflows/{workflow.pk}/")
    if verb in ANSWERED_BY_A_PAGE:
        wanted = "/automations/runs/"
    assert response.url.startswith(wanted)
    assert trail() > before


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "delete"])
def test_second_post_of_the_same_form_is_harmless(manager, verb):
    workflow = prepared(verb)
    form = sent(verb, workflow, idempotency_key="the-same-key")
    first = manager.post(address(workflow, verb), form, headers=HTMX)
    after, count = trail(), Workflow.objects.count()
    second = manager.post(address(workflow, verb), form, headers=HTMX)
    assert first.status_code == second.status_code
    assert first.headers.get("HX-Redirect") == second.headers.get("HX-Redirect")
    assert trail() == after
    assert Workflow.objects.count() == count


def test_second_delete_finds_nothing(manager):
    workflow = prepared("delete")
    form = sent("delete", workflow)
    assert manager.post(address(workflow, "delete"), form, headers=HTMX).status_code == 204
    after = trail()
    second = manager.post(address(workflow, "delete"), form, headers=HTMX)
    assert second.status_code == 404
    assert "gone" in events(second)
    assert trail() == after


STALE = [verb for verb in VERBS if verb not in ("trigger", "test")]


@pytest.mark.parametrize("verb", STALE)
def test_stale_page_is_refused_with_what_changed_and_a_fresh_revision(manager, verb):
    workflow = prepared(verb)
    form = sent(verb, workflow)
    workflow.revision += 1
    workflow.save()
    before = trail()
    response = manager.post(address(workflow, verb), form, headers=HTMX)
    assert response.status_code == 409
    assert "The workflow changed since you looked" in text_of(response)
    assert hidden(response, "revision") == str(workflow.revision)
    assert trail() == before
    again = sent(
        verb,
        workflow,
        revision=hidden(response, "revision"),
        **({"scope": form["scope"]} if "scope" in form else {}),
    )
    assert manager.post(address(workflow, verb), again, headers=HTMX).status_code == 204


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("verb", VERBS)
def test_verb_from_another_status_is_refused_or_has_nothing_to_do(manager, verb, status):
    transition = TRANSITIONS[verb]
    if status in transition.sources or (verb == "archive" and status in ("active", "paused")):
        return
    workflow = make_workflow("Leads", status=status)
    before = trail()
    question = manager.get(address(workflow, verb), headers=HTMX)
    act = manager.post(address(workflow, verb), sent(verb, workflow), headers=HTMX)
    expected = (200, 204) if status in transition.settled else (409, 409)
    assert (question.status_code, act.status_code) == expected
    assert buttons(question) == []
    assert Workflow.objects.get().status == status
    assert trail() == before
    if status in transition.settled:
        assert "Nothing to do" in notice(act)
    else:
        assert "is not possible while the workflow is" in text_of(act)


REQUIRED = {
    "pause": "reason",
    "change-pause": "reason",
    "stop": "reason",
    "clone": "name",
    "rename": "name",
    "delete": "confirm",
    "move": "scope",
}


@pytest.mark.parametrize(("verb", "field"), REQUIRED.items())
def test_bad_form_is_422_with_a_summary_that_leads_to_the_field(manager, verb, field):
    workflow, before = prepared(verb), trail()
    response = manager.post(address(workflow, verb), sent(verb, workflow, **{field: ""}), headers=HTMX)
    page = text_of(response)
    assert response.status_code == 422
    assert 'id="error-summary"' in page
    assert f'href="#id_{field}"' in page
    assert trail() == before


def test_value_that_a_service_refuses_is_kept_and_explained_beside_its_field(manager):
    workflow = prepared("rename")
    name = "x" * 51
    response = manager.post(address(workflow, "rename"), sent("rename", workflow, name=name), headers=HTMX)
    page = text_of(response)
    assert response.status_code == 422
    assert "The name has 51 characters; 50 are possible." in page
    assert f'value="{name}"' in page
    assert 'aria-invalid="true"' in page
