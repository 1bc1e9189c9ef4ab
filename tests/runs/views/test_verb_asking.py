"""What holds for every verb's dialog: who may, where it starts, and that asking changes nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from runs.views.verbs import DIALOGS
from tests.factories import make_scope, make_user
from tests.runs.views.pages import HTMX, buttons, client_of, hidden, text_of
from tests.runs.views.verb_dialogs import VERBS, address, prepared, sent, trail
from workflows.lifecycle import TRANSITIONS
from workflows.models import Workflow


def test_every_verb_of_the_table_has_a_dialog_and_a_test():
    assert set(DIALOGS) == set(TRANSITIONS)
    assert set(VERBS) == set(TRANSITIONS)


def test_other_words_are_no_verbs():
    with pytest.raises(NoReverseMatch):
        reverse("workflow_verb", args=[1, "explode"])


@pytest.mark.parametrize("verb", VERBS)
def test_reader_is_refused_and_told_what_is_missing(viewer, verb):
    workflow, before = prepared(verb), trail()
    question = viewer.get(address(workflow, verb))
    act = viewer.post(address(workflow, verb), sent(verb, workflow))
    assert (question.status_code, act.status_code) == (403, 403)
    assert f"needs the role {TRANSITIONS[verb].role.label} in Workspace" in text_of(question)
    assert Workflow.objects.get().revision == workflow.revision
    assert trail() == before


@pytest.mark.parametrize("verb", VERBS)
def test_foreign_and_missing_workflows_answer_alike(db, verb):
    workflow = prepared(verb)
    client = client_of(make_user("manager", scope=make_scope("hub:sydney")))
    foreign = client.get(address(workflow, verb), headers=HTMX)
    missing = client.get(address(workflow, verb).replace(str(workflow.pk), "999999"), headers=HTMX)
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.content == missing.content
    assert client.post(address(workflow, verb), sent(verb, workflow)).status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_get_asks_and_changes_nothing(manager, verb):
    workflow, before = prepared(verb), trail()
    fragment = manager.get(address(workflow, verb), headers=HTMX)
    page = manager.get(address(workflow, verb))
    assert (fragment.status_code, page.status_code) == (200, 200)
    assert buttons(fragment) == buttons(page) == [VERBS[verb][2]]
    assert f'<h2 id="dialog-title">{DIALOGS[verb].title}</h2>' in text_of(fragment)
    assert '<p class="subject">Leads</p>' in text_of(fragment)
    assert text_of(page).count("<h1") == 1
    assert hidden(page, "revision") == str(workflow.revision)
    assert trail() == before


@pytest.mark.parametrize("verb", VERBS)
def test_question_asks_few_queries(manager, verb):
    workflow = prepared(verb)
    with CaptureQueriesContext(connection) as caught:
        manager.get(address(workflow, verb), headers=HTMX)
    assert len(caught) <= 14


def test_only_get_and_post(manager):
    assert manager.delete(address(prepared("pause"), "pause")).status_code == 405


def test_form_without_token_is_refused(db):
    user = make_user("manager")
    client = client_of(user)
    client.handler.enforce_csrf_checks = True
    workflow = prepared("pause")
    response = client.post(address(workflow, "pause"), sent("pause", workflow))
    assert response.status_code == 403
    assert Workflow.objects.get().status == "active"
