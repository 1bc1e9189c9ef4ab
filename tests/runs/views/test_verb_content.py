"""Roll back and Discard draft."""

import pytest

from tests.factories import DEFINITION, make_run, make_version, make_workflow
from tests.runs.views.pages import HTMX, notice, text_of
from workflows.models import Workflow


def with_step_name(name):
    return {**DEFINITION, "steps": [{**DEFINITION["steps"][0], "name": name}]}


def three_versions():
    workflow = make_workflow("Leads", definition=with_step_name("One"))
    for name in ("Two", "Three"):
        workflow.published.state = "superseded"
        workflow.published.save()
        workflow.published = make_version(workflow, definition=with_step_name(name))
    workflow.save()
    return workflow


def address(workflow, verb="roll-back"):
    return f"/automations/workflows/{workflow.pk}/{verb}/"


def test_roll_back_shows_the_way_back(manager):
    workflow = three_versions()
    make_run(workflow, status="running")
    page = text_of(manager.get(f"{address(workflow)}?to=1", headers=HTMX))
    assert '<option value="1" selected>Version 1, by —</option>' in page
    assert '<td class="removed">Three</td><td class="added">One</td>' in page
    assert "Connections and secrets are not rolled back." in page
    assert "One run in flight keeps its version." in page


@pytest.mark.parametrize("to", ["", "3", "99", "x", "9" * 30])
def test_roll_back_without_an_older_version_lets_choose(manager, to):
    page = manager.get(f"{address(three_versions())}?to={to}", headers=HTMX)
    assert page.status_code == 200
    assert 'class="diff"' not in text_of(page)


def test_roll_back_makes_a_draft(manager):
    workflow = three_versions()
    response = manager.post(address(workflow), {"to": "1", "publish": ""}, headers=HTMX)
    assert notice(response) == "Version 4, with the content of version 1, is the draft."
    workflow = Workflow.objects.get()
    assert (workflow.published.number, workflow.draft.number) == (3, 4)


def test_roll_back_published_at_once_needs_the_tick_for_warnings(manager):
    workflow = three_versions()
    refused = manager.post(address(workflow), {"to": "1", "publish": "1"}, headers=HTMX)
    assert refused.status_code == 422
    form = {"to": "1", "publish": "1", "accept_warnings": "on"}
    assert notice(manager.post(address(workflow), form, headers=HTMX)).endswith("is published.")
    assert Workflow.objects.get().published.number == 4


def test_roll_back_over_a_draft_says_so_and_replaces_it_when_ticked(manager):
    workflow = three_versions()
    workflow.draft = make_version(workflow, state="draft", definition=with_step_name("Four"))
    workflow.save()
    refused = manager.post(address(workflow), {"to": "1", "publish": ""}, headers=HTMX)
    assert refused.status_code == 409
    assert "Version 4 is a draft already." in text_of(refused)
    assert "Replace the draft, version 4" in text_of(refused)
    form = {"to": "1", "publish": "", "replace_draft": "on"}
    assert manager.post(address(workflow), form, headers=HTMX).status_code == 204
    assert Workflow.objects.get().draft.number == 5


def test_roll_back_to_a_version_with_errors_becomes_a_draft_only(manager):
    workflow = make_workflow(definition={**DEFINITION, "triggers": []})
    workflow.published.state = "superseded"
    workflow.published.save()
    workflow.published = make_version(workflow)
    workflow.save()
    page = text_of(manager.get(f"{address(workflow)}?to=1", headers=HTMX))
    assert "It has errors, so it can become a draft only." in page
    refused = manager.post(address(workflow), {"to": "1", "publish": "1"}, headers=HTMX)
    assert refused.status_code == 409
    assert Workflow.objects.get().draft is None
    assert manager.post(address(workflow), {"to": "1", "publish": ""}, headers=HTMX).status_code == 204


def test_roll_back_of_a_first_version_has_nothing_to_do(manager):
    page = manager.get(address(make_workflow()), headers=HTMX)
    assert "Nothing to do: there is no older version." in text_of(page)


def test_discard_draft_shows_what_goes(manager):
    workflow = make_workflow(definition=with_step_name("One"))
    workflow.draft = make_version(workflow, state="draft", definition=with_step_name("Two"))
    workflow.save()
    page = text_of(manager.get(address(workflow, "discard-draft"), headers=HTMX))
    assert "What the draft changes: 1 part differs" in page
    response = manager.post(address(workflow, "discard-draft"), {}, headers=HTMX)
    assert notice(response) == "The draft, version 2, is discarded."
    assert Workflow.objects.get().draft is None
