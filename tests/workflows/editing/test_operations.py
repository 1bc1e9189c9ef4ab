"""Editing a document: nothing is lost, keys keep their order, and each move has its way back."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.editing.documents import NESTED, documents
from workflows.definition.loading import dump
from workflows.editing import operations
from workflows.editing.paths import NoSuchPlace, list_at, look, put
from workflows.editing.slots import slots_of
from workflows.editing.tree import every_node, steps_in

CRM = "steps.1.branches.0.steps.0"


def order(document):
    """The steps by id, with their paths."""
    return [(node.id, node.path) for node in every_node(document)]


def lists_of(document):
    """Every list of steps that is there."""
    inner = [
        f"{node.path}.{slot.path}"
        for node in every_node(document)
        for slot in slots_of(look(document, node.path))
    ]
    return ["steps", *inner]


@given(documents, st.data())
def test_moving_and_moving_back_is_nothing(document, data):
    nodes = every_node(document)
    if not nodes:
        return
    source = data.draw(st.sampled_from([node.path for node in nodes]))
    within = data.draw(st.sampled_from(lists_of(document)))
    target = f"{within}.{data.draw(st.integers(0, len(list_at(document, within))))}"
    if target.startswith(f"{source}."):
        with pytest.raises(NoSuchPlace):
            operations.move(document, source, target)
        return
    before = copy.deepcopy(document)
    moved = operations.move(document, source, target)
    assert document == before
    assert sorted(node.id for node in every_node(moved.document)) == sorted(node.id for node in nodes)
    assert look(moved.document, moved.path) == look(document, source)
    assert dump(moved_back(moved, source).document) == dump(document)


def moved_back(moved, origin):
    """To where it stood: a target counts what stands there before the value is taken out."""
    list_path, place = origin.rpartition(".")[0], int(origin.rpartition(".")[2])
    here, now = moved.path.rpartition(".")[0], int(moved.path.rpartition(".")[2])
    if here == list_path:
        return operations.move(moved.document, moved.path, f"{list_path}.{place + (place > now)}")
    number, _dot, rest = list_path.removeprefix(f"{here}.").partition(".")
    if list_path.startswith(f"{here}.") and int(number) >= now:
        origin = f"{here}.{int(number) + 1}.{rest}.{place}"
    return operations.move(moved.document, moved.path, origin)


@given(documents, st.data())
@pytest.mark.parametrize(
    ("there", "back"),
    [(operations.move_up, operations.move_down), (operations.move_down, operations.move_up)],
)
def test_up_and_down_undo_each_other(there, back, document, data):
    paths = [node.path for node in every_node(document)]
    if not paths:
        return
    source = data.draw(st.sampled_from(paths))
    try:
        moved = there(document, source)
    except NoSuchPlace:
        return
    assert dump(back(moved.document, moved.path).document) == dump(document)


@given(documents, st.data())
def test_in_and_out_undo_each_other(document, data):
    paths = [node.path for node in every_node(document)]
    if not paths:
        return
    try:
        moved = operations.move_in(document, data.draw(st.sampled_from(paths)))
    except NoSuchPlace:
        return
    assert dump(operations.move_out(moved.document, moved.path).document) == dump(document)


@given(documents, st.data())
def test_a_duplicate_removed_leaves_the_document_as_it_was(document, data):
    paths = [node.path for node in every_node(document)]
    if not paths:
        return
    doubled = operations.duplicate(document, data.draw(st.sampled_from(paths)))
    ids = [node.id for node in every_node(doubled.document)]
    assert len(ids) == len(set(ids)) > len(paths)
    assert dump(operations.remove(doubled.document, doubled.path).document) == dump(document)


def test_untouched_parts_stay_the_same_objects_and_keys_keep_their_order():
    edited = operations.move_up(NESTED, "steps.3").document
    assert list(edited) == list(NESTED)
    assert edited["steps"][0] is NESTED["steps"][0]
    assert edited["settings"] is NESTED["settings"]
    assert json.dumps(edited["steps"][0]) == json.dumps(NESTED["steps"][0])


def test_the_buttons_reach_every_branch():
    document, path, seen = NESTED, "steps.2", []
    moved = operations.move_in(document, path)
    while True:
        seen.append(moved.path)
        try:
            moved = operations.move_down(moved.document, moved.path)
        except NoSuchPlace:
            break
    assert seen == [
        "steps.1.branches.0.steps.1",
        "steps.1.branches.1.steps.0",
        "steps.1.otherwise.0",
        "steps.1.otherwise.1",
    ]
    assert operations.move_out(moved.document, moved.path).document == NESTED


@pytest.mark.parametrize(
    ("act", "path"),
    [
        (operations.move_up, "steps.0"),
        (operations.move_down, "steps.3"),
        (operations.move_down, "triggers.1"),
        (operations.move_in, "steps.1"),
        (operations.move_in, "triggers.1"),
        (operations.move_out, "steps.1"),
        (operations.move_out, "triggers.0"),
        (operations.remove, "steps.9"),
        (operations.remove, "steps.x"),
        (operations.duplicate, "steps.0.values"),
        (operations.toggle, "steps.0.id"),
        (operations.move_up, ""),
    ],
)
def test_what_cannot_be_done_is_refused(act, path):
    with pytest.raises(NoSuchPlace):
        act(NESTED, path)


def test_inserting_begins_a_list_that_is_not_written():
    document = {"steps": [{"id": "a", "kind": "decision"}]}
    edited = operations.insert(document, "steps.0.otherwise.0", {"id": "b", "kind": "set"})
    assert edited.path == "steps.0.otherwise.0"
    assert edited.document["steps"][0] == {
        "id": "a",
        "kind": "decision",
        "otherwise": [{"id": "b", "kind": "set"}],
    }


def test_a_duplicate_names_itself_in_its_templates():
    edited = operations.duplicate(NESTED, "steps.1")
    copied = look(edited.document, "steps.2")
    assert [node.id for node in steps_in({"steps": [copied]})[0].below()] == [
        "hot_2",
        "crm_2",
        "tell_2",
        "wait_2",
    ]
    assert copied["branches"][0]["if"]["left"] == "{{ steps.lead.score }}"
    assert operations.duplicate(edited.document, "steps.2").document["steps"][3]["id"] == "hot_3"


def test_templates_follow_a_new_id():
    edited = operations.rename(NESTED, CRM, "sales").document
    assert look(edited, f"{CRM}.id") == "sales"
    assert edited["steps"][2]["items"] == "{{ steps.sales.body }}"
    assert edited["steps"][3]["message"] == "{{ steps['sales'].status }} steps.crm"
    assert edited["steps"][0] is NESTED["steps"][0]


@pytest.mark.parametrize("new", ["lead", "not an id", ""])
def test_templates_do_not_follow_an_id_that_cannot_be(new):
    edited = operations.rename(NESTED, CRM, new).document
    assert look(edited, f"{CRM}.id") == new
    assert edited["steps"][2] is NESTED["steps"][2]


def test_switching_off_and_on_leaves_no_trace():
    off = operations.toggle(NESTED, CRM)
    assert look(off.document, f"{CRM}.enabled") is False
    assert dump(operations.toggle(off.document, CRM).document) == dump(NESTED)


def test_a_value_is_put_where_its_parent_is():
    assert look(put(NESTED, f"{CRM}.method", "POST"), f"{CRM}.method") == "POST"
    for path in ("steps.0.retry.tries", "steps.9.id", "format.x"):
        with pytest.raises(NoSuchPlace):
            put(NESTED, path, 1)
