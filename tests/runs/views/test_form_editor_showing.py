"""The editor as forms shows whatever a text holds: the library, values on offer, tests, and the drawing."""

import json
import re

import pytest

from runs.models import Run
from tests.factories import DEFINITION, make_connection, make_run, make_version, make_workflow
from tests.runs.views.editor_forms import form, page, state
from tests.runs.views.editor_forms import leads as leads
from tests.runs.views.pages import HTMX, text_of
from workflows.services import working


def test_the_library_lists_what_fits_and_can_be_searched(editor, leads):
    shown = text_of(editor.get(page(leads, "?add=steps.1.otherwise.0&q=e-mail")))
    assert re.findall(r'id="kind-(\w+)"', shown) == ["send_email"]
    assert 'value="add steps.1.otherwise.0 send_email"' in shown
    shown = text_of(editor.get(page(leads, "?add=triggers.2")))
    assert re.findall(r'id="kind-(\w+)"', shown) == ["event", "manual", "schedule", "webhook"]


def test_an_empty_draft_begins_with_choosing_a_trigger(editor):
    empty = make_workflow("Empty", status="draft", definition={"triggers": [], "steps": []})
    shown = text_of(editor.get(page(empty)))
    assert "Choose a trigger" in shown
    editor.post(page(empty), form(empty, do="add triggers.0 manual"), headers=HTMX)
    assert json.loads(state(empty).text)["triggers"] == [{"id": "manual", "kind": "manual"}]


def test_values_and_connections_on_offer(editor, leads):
    make_connection("crm")
    shown = text_of(editor.get(page(leads, "?step=crm")))
    assert '<option value="crm">' in shown
    assert 'data-insert="{{ steps.greet.text }}"' in shown
    assert 'data-insert="{{ trigger.data }}"' in shown
    run = make_run(leads, input=json.dumps({"data": {"who": "Ada"}}))
    response = editor.post(page(leads), {**form(leads, do="sample"), "past": str(run.pk)}, headers=HTMX)
    assert "&quot;who&quot;: &quot;Ada&quot;" in text_of(response)
    shown = text_of(editor.get(page(leads, "?step=crm")))
    assert 'data-insert="{{ trigger.data.who }}"' in shown
    assert not state(leads).is_kept


def test_a_test_is_shown_in_place_and_in_the_list(editor, leads):
    make_connection("crm")
    sent = {**form(leads, do="test"), "payload": '{"who": "Ada"}'}
    response = editor.post(page(leads), sent)
    assert response.url == page(leads, f"?tested={Run.objects.get().pk}")
    shown = text_of(editor.get(response.url))
    assert "Hi Ada" in shown
    assert shown.count("Test: success") >= 2


def test_the_drawing_shows_every_step_with_a_link(editor, leads):
    shown = text_of(editor.get(page(leads, "?mode=drawing")))
    assert re.findall(r'class="drawn-link" aria-label="(\w+),', shown)[2:] == ["greet", "hot", "crm", "end"]
    assert "The same as a list" in shown


def test_archived_workflows_and_readers_cannot_change_anything(editor, viewer, leads):
    old = make_workflow("Old", status="archived")
    shown = text_of(editor.get(page(old, "?step=greet")))
    assert "read-only" in shown
    assert 'name="do" value="save"' not in shown
    assert editor.post(page(old), form(old, do="remove steps.0"), headers=HTMX).status_code == 409
    assert viewer.post(page(leads), form(leads, do="remove steps.0")).status_code == 403
    assert viewer.post(page(leads, "undo/?revision=1")).status_code == 403
    assert editor.post(page(leads, "undo/?revision=x"), headers=HTMX).status_code == 409


def test_parts_of_unknown_kinds_are_left_to_the_text(editor, leads):
    odd = make_version(leads, state="draft", definition={**DEFINITION, "steps": [{"id": "x", "kind": "odd"}]})
    leads.draft = odd
    leads.save()
    assert "There is no form for this part" in text_of(editor.get(page(leads, "?step=x")))


ODD = [
    {"steps": 7, "triggers": "x"},
    {
        "steps": [None, 3, "x", [], {}],
        "triggers": [None, {}, {"kind": []}, {"kind": {}, "id": 7, "fields": 1}],
    },
    {"steps": [{"id": "a", "kind": ["set"]}, {"id": {}, "kind": "decision", "branches": 4, "otherwise": {}}]},
    {
        "steps": [
            {"id": "d", "kind": "decision", "branches": [None, {"steps": [1], "if": 3}, {"if": {"all": 2}}]}
        ]
    },
    {"steps": [{"id": "h", "kind": "http_request", "on_failure": {"steps": 1}, "retry": 3, "query": []}]},
    {"steps": [{"id": "a b", "kind": "set", "values": 3, "name": 4, "if": {"not": 1}}], "settings": 4},
    {"steps": [{"id": "\ud800", "kind": "set", "name": "\udfff", "values": {"\ud800": "\ud800"}}]},
    {"triggers": [{"id": "m", "kind": "manual", "fields": [1, {"name": 5}]}], "settings": {"notify": {}}},
]


@pytest.mark.parametrize("odd", ODD)
def test_whatever_a_text_holds_can_be_shown_in_every_view(editor, leads, odd):
    working.keep(
        leads.pk, json.dumps({"format": "signalbox/1", "name": "x", **odd}), token=state(leads).token
    )
    queries = ["", "?mode=drawing", "?mode=text", "?part=settings", "?add=steps.0", "?at=steps.0.if.all.0"]
    for path in ("steps.0", "steps.1", "steps.2", "triggers.0", "triggers.1", "triggers.2", "triggers.3"):
        queries.append(f"?{'step' if path.startswith('steps') else 'trigger'}={path}")
    for query in queries:
        assert editor.get(page(leads, query)).status_code == 200, query
    for do in ("up steps.1", "duplicate steps.0", "off steps.0", "remove steps.0", "add steps.0 set"):
        assert editor.post(page(leads), {"revision": state(leads).token, "do": do}).status_code in (
            302,
            409,
        ), do


def test_the_page_of_the_workflow_has_the_same_drawing(viewer, leads):
    address = f"/automations/workflows/{leads.pk}/"
    assert f'href="{address}?view=drawing"' in text_of(viewer.get(address))
    shown = text_of(viewer.get(f"{address}?view=drawing"))
    assert shown.count('class="drawn-box') == 6
    assert 'class="drawn-link"' not in shown
    assert f'hx-get="{address}?view=drawing"' in shown


@pytest.mark.parametrize("count", [1, 150])
def test_queries_do_not_grow_with_the_steps(editor, django_assert_num_queries, count):
    steps = [{"id": f"s{number}", "kind": "notify", "text": "x"} for number in range(count)]
    workflow = make_workflow("Many", definition={**DEFINITION, "steps": steps})
    editor.get(page(workflow))
    with django_assert_num_queries(11):
        editor.get(page(workflow, "?step=s0"))
    data = form(workflow, "steps.0", text="y")
    with django_assert_num_queries(14):
        editor.post(page(workflow, "?step=s0"), data, headers=HTMX)
