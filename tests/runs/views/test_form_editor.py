"""The editor as forms: typing, moving, adding, undoing, choosing between two sides, with script and without."""

import json
import re

import pytest

from runs.models import Run
from tests.factories import DEFINITION, make_connection, make_run, make_user, make_version, make_workflow
from tests.runs.views.pages import HTMX, client_of, events, hidden, notice, text_of
from tests.workflows.events import words
from workflows import services
from workflows.models import Version, Workflow
from workflows.services import working

HOT = {
    "id": "hot",
    "kind": "decision",
    "branches": [{"name": "good", "steps": [{"id": "crm", "kind": "http_request", "connection": "crm"}]}],
    "otherwise": [],
}
GREET = {"id": "greet", "kind": "set", "values": {"text": "Hi {{ trigger.data.who }}", "n": 1.50}}
STEPS = [GREET, HOT, {"id": "end", "kind": "finish", "message": "{{ steps.greet.text }}"}]


@pytest.fixture
def editor(db):
    return client_of(make_user("editor", username="eve"))


@pytest.fixture
def leads(db):
    return make_workflow("Leads", definition={**DEFINITION, "steps": STEPS})


def page(workflow, query=""):
    return f"/automations/workflows/{workflow.pk}/edit/{query}"


def state(workflow):
    return working.working(Workflow.objects.get(pk=workflow.pk))


def steps(workflow):
    return json.loads(state(workflow).text)["steps"]


def form(workflow, part="", do="", **fields):
    part_id = part and json.loads(state(workflow).text)
    for key in part.split(".") if part else ():
        part_id = part_id[int(key) if key.isdigit() else key]
    sent = {"revision": state(workflow).token, "do": do, "part": part}
    sent |= {"part_id": part_id["id"]} if part else {}
    return sent | {f"f.{name.replace('__', '.')}": value for name, value in fields.items()}


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


def test_json_that_cannot_be_read_keeps_what_was_typed(editor, leads):
    typed = {"values__rows": "2", "values__0": "{oops", "values__0__as": "json"}
    response = editor.post(page(leads), form(leads, "steps.0", **typed), headers=HTMX)
    assert (response.status_code, state(leads).is_kept) == (200, False)
    response = editor.post(page(leads), form(leads, "steps.0", "down steps.0", **typed))
    assert (response.status_code, "{oops</textarea>" in text_of(response)) == (422, True)
    assert [step["id"] for step in steps(leads)] == ["greet", "hot", "end"]


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


def test_dialogs_elsewhere_say_that_something_is_not_saved(editor, leads):
    make_connection("crm")
    editor.post(page(leads), form(leads, "steps.2", "save", message="Saved"), headers=HTMX)
    dialog = f"/automations/workflows/{leads.pk}/publish/"
    assert "not saved yet" not in text_of(editor.get(dialog))
    editor.post(page(leads), form(leads, "steps.2", message="Typed"), headers=HTMX)
    assert "The editor holds changes that are not saved yet" in text_of(editor.get(dialog))


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
