"""The editor as forms: typing, moving, adding and undoing, with script and without."""

import json
import re

import pytest

from tests.runs.views.editor_forms import HOT, STEPS, form, page, state, steps
from tests.runs.views.editor_forms import leads as leads
from tests.runs.views.pages import HTMX, events, hidden, notice, text_of
from tests.workflows.events import words
from workflows.models import Version


def test_the_page_lists_every_part_and_opens_the_chosen_one(editor, leads):
    shown = text_of(editor.get(page(leads, "?step=crm")))
    assert re.findall(r'id="line-([\w-]+)"', shown) == [
        "triggers-0", "triggers-1", "steps-0", "steps-1", "steps-1-branches-0-steps-0", "steps-2", "settings",
    ]  # fmt: skip
    assert 'name="part" value="steps.1.branches.0.steps.0"' in shown
    assert 'name="f.url"' in shown
    assert "If good" in shown
    assert 'name="f.retry.tries"' not in shown


def test_typing_is_kept_without_version_or_audit(editor, leads):
    response = editor.post(
        page(leads, "?step=greet"), form(leads, "steps.0", values__rows="3", values__0="Bye"), headers=HTMX
    )
    assert response.headers["HX-Reswap"] == "none"
    assert hidden(response, "revision") == state(leads).token
    assert steps(leads)[0]["values"] == {"text": "Bye", "n": 1.5}
    assert steps(leads)[1:] == STEPS[1:]
    assert words(kind="workflow") == []
    assert Version.objects.count() == 1
    assert "Not saved yet" in text_of(response)
    assert 'id="f-values"' not in text_of(response)


def test_a_beacon_of_a_page_that_is_left_is_kept_too(editor, leads):
    response = editor.post(page(leads, "?step=end"), form(leads, "steps.2", message="Bye"))
    assert response.status_code == 204
    assert steps(leads)[2]["message"] == "Bye"


def test_what_is_wrong_stands_beside_its_field_and_leads_to_it(editor, leads):
    response = editor.post(
        page(leads), form(leads, "steps.1.branches.0.steps.0", timeout="soon"), headers=HTMX
    )
    shown = text_of(response)
    place = "steps.1.branches.0.steps.0.timeout"
    assert f'href="?at={place}"' in shown
    wrong = re.search(r'id="f-timeout-wrong" hx-swap-oob="true">(.*?)</ul>', shown, re.DOTALL).group(1)
    assert "This is not a duration" in wrong
    opened = text_of(editor.get(page(leads, f"?at={place}")))
    assert re.search(r'id="f-timeout"[^>]*aria-invalid="true" autofocus', opened)
    response = editor.post(page(leads), form(leads, do="save"), headers=HTMX)
    assert response.status_code == 422
    assert state(leads).is_kept


@pytest.mark.parametrize(
    ("do", "order", "opened", "said"),
    [
        ("down steps.0", ["hot", "greet", "end"], "step=greet", "Moved greet down."),
        ("up steps.2", ["greet", "end", "hot"], "step=end", "Moved end up."),
        ("move steps.2 steps.0", ["end", "greet", "hot"], "step=end", "Moved end."),
        ("in steps.2", ["greet", "hot"], "step=end", "Moved end into the step above."),
        ("out steps.1.branches.0.steps.0", ["greet", "hot", "crm", "end"], "step=crm", "Moved crm out."),
        ("duplicate steps.0", ["greet", "greet_2", "hot", "end"], "step=greet_2", "Duplicated greet."),
        ("remove steps.0", ["hot", "end"], "step=hot", "Removed greet."),
        ("remove steps.2", ["greet", "hot"], "step=hot", "Removed end."),
        ("remove steps.1.branches.0.steps.0", ["greet", "hot", "end"], "step=hot", "Removed crm."),
        ("add steps.0 delay", ["delay", "greet", "hot", "end"], "step=delay", "Added."),
        ("off steps.0", ["greet", "hot", "end"], "step=greet", "Switched greet off."),
    ],
)
def test_each_act_opens_its_part_and_can_be_undone(editor, leads, do, order, opened, said):
    before = state(leads).text
    response = editor.post(page(leads), form(leads, do=do), headers=HTMX)
    assert [step["id"] for step in steps(leads)] == order
    assert response.headers["HX-Push-Url"] == page(leads, f"?{opened}")
    told = events(response)["notice"]
    assert told["text"] == said
    undone = editor.post(told["undo"]["url"], headers=HTMX)
    assert (undone.status_code, notice(undone)) == (204, "Undone.")
    assert "draft-changed" in events(undone)
    assert state(leads).text == before
    assert not state(leads).is_kept
    assert editor.post(told["undo"]["url"], headers=HTMX).status_code == 409


def test_without_script_acts_redirect_and_undo_stands_on_the_page(editor, leads):
    response = editor.post(page(leads), form(leads, "steps.2", "remove steps.0", message="Typed too"))
    assert response.url == page(leads, "?step=hot")
    shown = text_of(editor.get(response.url))
    undo = re.search(r'<form method="post" action="([^"]*edit/undo/[^"]*)">', shown).group(1)
    assert steps(leads)[1]["message"] == "Typed too"
    response = editor.post(undo)
    assert [step["id"] for step in steps(leads)] == ["greet", "hot", "end"]
    again = editor.post(undo)
    assert (again.status_code, "cannot be undone any more" in text_of(again)) == (409, True)


@pytest.mark.parametrize(
    "do", ["up steps.0", "remove steps.9", "nonsense", "up", "add steps.0 webhook", "move steps.1 steps.1.otherwise.0", "move steps.0 triggers.0",
           "clear steps.0 nothing", "item steps.0 values", "earlier steps.1 branches.0"]
)  # fmt: skip
def test_what_is_not_possible_says_so_and_changes_nothing(editor, leads, do):
    response = editor.post(page(leads), form(leads, do=do), headers=HTMX)
    if do == "nonsense":
        assert response.status_code == 200
    else:
        assert (response.status_code, "not possible there" in text_of(response)) == (409, True)
    assert not state(leads).is_kept


def test_groups_and_conditions_grow_and_shrink(editor, leads):
    for do in (
        "item steps.1 branches",
        "row steps.1 branches.1.if",
        "row steps.1 branches.1.if grouped",
        "drop steps.1 branches.1.if.all.0 branches.1.if",
        "earlier steps.1 branches.1",
    ):
        response = editor.post(page(leads), form(leads, "steps.1", do), headers=HTMX)
        assert response.status_code == 200, (
            do,
            re.findall("<strong>(.*?)</strong>", text_of(response)),
            steps(leads)[1],
        )
    first = steps(leads)[1]["branches"][0]
    assert first == {"steps": [], "if": {"all": [{"all": [{"left": "", "op": "is", "right": ""}]}]}}
    editor.post(page(leads), form(leads, "steps.1", "clear steps.1 branches.0"), headers=HTMX)
    assert steps(leads)[1] == HOT


def test_settings_begin_when_something_is_set(editor, leads):
    data = {**form(leads), "part": "settings", "part_id": "settings", "f.max_running": ""}
    editor.post(page(leads), data, headers=HTMX)
    assert not state(leads).is_kept
    editor.post(page(leads), {**data, "f.max_running": "3", "f.failure_rule.action": "pause"}, headers=HTMX)
    assert json.loads(state(leads).text)["settings"] == {
        "max_running": 3,
        "failure_rule": {"action": "pause"},
    }


def test_a_new_id_is_followed_and_stays_open(editor, leads):
    response = editor.post(page(leads, "?step=greet"), form(leads, "steps.0", id="hello"), headers=HTMX)
    assert steps(leads)[2]["message"] == "{{ steps.hello.text }}"
    assert response.headers["HX-Replace-Url"] == page(leads, "?step=hello")


def test_saving_what_was_typed_is_one_version(editor, leads):
    editor.post(page(leads), form(leads, "steps.2", message="One"), headers=HTMX)
    editor.post(page(leads), form(leads, "steps.0", "down steps.0"), headers=HTMX)
    response = editor.post(page(leads), form(leads, "steps.2", "save", message="Two"), headers=HTMX)
    assert notice(response) == "Saved as the draft, version 2."
    assert words(kind="workflow") == ["Version created"]
    assert not state(leads).is_kept
    assert [step["id"] for step in steps(leads)] == ["hot", "greet", "end"]


def test_json_that_cannot_be_read_keeps_what_was_typed(editor, leads):
    typed = {"values__rows": "2", "values__0": "{oops", "values__0__as": "json"}
    response = editor.post(page(leads), form(leads, "steps.0", **typed), headers=HTMX)
    assert (response.status_code, state(leads).is_kept) == (200, False)
    response = editor.post(page(leads), form(leads, "steps.0", "down steps.0", **typed))
    assert (response.status_code, "{oops</textarea>" in text_of(response)) == (422, True)
    assert [step["id"] for step in steps(leads)] == ["greet", "hot", "end"]
