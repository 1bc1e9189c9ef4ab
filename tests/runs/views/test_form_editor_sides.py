"""The editor as forms beside other changes: choosing between two sides, and text and forms as one copy."""

import json
import re

from tests.factories import DEFINITION, make_connection
from tests.runs.views.editor_forms import GREET, HOT, STEPS, form, page, state, steps
from tests.runs.views.editor_forms import leads as leads
from tests.runs.views.pages import HTMX, events, hidden, text_of
from workflows import services
from workflows.models import Version


def test_another_persons_typing_asks_whose_counts(editor, manager, leads):
    mine = form(leads, "steps.2", message="Mine")
    manager.post(page(leads), form(leads, "steps.2", message="Theirs"), headers=HTMX)
    manager.post(page(leads), form(leads, do="down steps.1"), headers=HTMX)
    response = editor.post(page(leads, "?step=end"), mine, headers=HTMX)
    shown = text_of(response)
    assert response.status_code == 409
    assert "admin changed this draft at" in shown
    assert '<td class="removed">Theirs</td><td class="added">Mine</td>' in shown
    assert hidden(response, "revision") == mine["revision"]
    assert 'id="editor-autosave"></div>' in shown
    assert steps(leads)[1]["message"] == "Theirs"
    over = re.search(r'id="save-over"[^>]*value="([^"]*)"', shown).group(1)
    editor.post(page(leads), {**mine, "do": over}, headers=HTMX)
    assert [step.get("message") for step in steps(leads)] == [None, "Mine", None]


def test_the_same_typing_twice_is_no_conflict_and_a_part_that_is_gone_says_so(editor, manager, leads):
    mine = form(leads, "steps.2", message="Mine")
    editor.post(page(leads), mine, headers=HTMX)
    response = editor.post(page(leads), mine, headers=HTMX)
    assert (response.status_code, 'id="save-over"' in text_of(response)) == (200, False)
    old = form(leads, "steps.2", message="Late")
    manager.post(page(leads), form(leads, do="remove steps.2"), headers=HTMX)
    response = editor.post(page(leads), old, headers=HTMX)
    assert (response.status_code, "is gone" in text_of(response)) == (409, True)


def test_a_draft_saved_elsewhere_shows_both_sides(editor, leads):
    editor.post(page(leads), form(leads, "steps.2", message="Mine"), headers=HTMX)
    services.save_draft(leads.pk, json.dumps({**DEFINITION, "name": "Leads", "steps": [GREET]}))
    shown = text_of(editor.get(page(leads)))
    assert "Version created" in shown
    assert '<span class="mono">end</span>' in shown
    response = editor.post(page(leads), form(leads, do="save"), headers=HTMX)
    assert response.status_code == 409
    over = re.search(r'id="save-over"[^>]*value="([^"]*)"', text_of(response)).group(1)
    assert editor.post(page(leads), {**form(leads), "do": over}, headers=HTMX).status_code == 200
    assert json.loads(Version.objects.get(state="draft").definition)["steps"][2]["message"] == "Mine"


def test_two_sides_can_be_joined_part_by_part(editor, leads):
    editor.post(page(leads), form(leads, "steps.2", message="Mine"), headers=HTMX)
    editor.post(page(leads), form(leads, do="remove steps.0"), headers=HTMX)
    theirs = [{**GREET, "note": "Theirs"}, HOT, {**STEPS[2], "message": "Theirs"}]
    services.save_draft(leads.pk, json.dumps({**DEFINITION, "name": "Leads", "steps": theirs}))
    shown = text_of(editor.get(page(leads)))
    assert re.findall(r'value="adopt ([^"]*)"', shown) == ["step end", "step greet"]
    response = editor.post(page(leads), form(leads, do="adopt step greet"), headers=HTMX)
    assert steps(leads)[0] == theirs[0]
    assert re.findall(r'value="adopt ([^"]*)"', text_of(response)) == ["step end"]
    assert (steps(leads)[2]["message"], state(leads).is_outdated) == ("Mine", True)
    assert editor.post(events(response)["notice"]["undo"]["url"], headers=HTMX).status_code == 204
    assert [step["id"] for step in steps(leads)] == ["hot", "end"]
    assert editor.post(page(leads), form(leads, do="adopt step hot"), headers=HTMX).status_code == 409


def test_theirs_can_be_taken(editor, leads):
    editor.post(page(leads), form(leads, "steps.2", message="Mine"), headers=HTMX)
    services.save_draft(leads.pk, json.dumps({**DEFINITION, "name": "Leads", "steps": [GREET]}))
    response = editor.post(page(leads), form(leads, do="theirs"))
    assert response.url == page(leads)
    assert (steps(leads), state(leads).is_kept) == ([GREET], False)


def test_text_and_form_share_one_copy_without_loss(editor, leads):
    editor.post(page(leads), form(leads, "steps.2", message="Typed"), headers=HTMX)
    shown = text_of(editor.get(page(leads, "?mode=text")))
    assert "&quot;message&quot;: &quot;Typed&quot;" in shown
    spaced = state(leads).text.replace("Typed", "As text") + "\n\n"
    editor.post(page(leads, "?mode=text"), {"text": spaced, "revision": state(leads).token}, headers=HTMX)
    assert state(leads).text == spaced
    assert "As text" in text_of(editor.get(page(leads, "?step=end")))
    assert state(leads).text == spaced


def test_a_text_that_does_not_parse_stays_text_with_its_findings(editor, leads):
    editor.post(page(leads), {"text": "{oops", "revision": state(leads).token}, headers=HTMX)
    shown = text_of(editor.get(page(leads, "?step=greet")))
    assert "{oops</textarea>" in shown
    assert "cannot be read as a workflow yet" in shown
    assert 'data-to-line="1"' in shown


def test_dialogs_elsewhere_say_that_something_is_not_saved(editor, leads):
    make_connection("crm")
    editor.post(page(leads), form(leads, "steps.2", "save", message="Saved"), headers=HTMX)
    dialog = f"/automations/workflows/{leads.pk}/publish/"
    assert "not saved yet" not in text_of(editor.get(dialog))
    editor.post(page(leads), form(leads, "steps.2", message="Typed"), headers=HTMX)
    assert "The editor holds changes that are not saved yet" in text_of(editor.get(dialog))
