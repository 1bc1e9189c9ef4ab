"""The form of a part: what nobody touched stays the very object it was; what is typed is written, right or wrong."""

from typing import Any

import pytest
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.forms.sending import untouched
from workflows.definition.findings import error
from workflows.editing.paths import ABSENT
from workflows.forms.parts import form_of, part_at, read_part
from workflows.steps.base import kinds as step_kinds
from workflows.triggers.base import kinds as trigger_kinds

IF = {
    "any": [
        {"left": "{{ trigger.data.a }}", "op": ">", "right": 70},
        {"not": {"left": "x", "op": "exists"}},
        {"all": [{"left": True, "op": "is", "right": None}, {"op": "odd"}, "rubbish"]},
    ]
}
REQUEST: dict[str, Any] = {
    "id": "ask",
    "kind": "http_request",
    "method": "POST",
    "url": "https://x.example/\r\nodd",
    "query": {"a": 1, "b": "1", "c": [1.0, None], "d.e": {"x": "\x00\ud800"}, "f": ""},
    "headers": {"X-A": "b"},
    "json": {"n": 10**40, "deep": [[{"z": 1.50}]], "text": "ü"},
    "expect": [200, "404-410"],
    "retry": {"tries": 5, "backoff": "PT2S"},
    "on_failure": {"steps": []},
    "on_crash": "ask",
    "timeout": None,
    "if": IF,
}


def form_at(part, path="steps.0"):
    return part_at({path.partition(".")[0]: [part]} if "." in path else {path: part}, path)


def sent(**fields: Any) -> MultiValueDict:
    return MultiValueDict(
        {
            f"f.{name.replace('__', '.')}": value if isinstance(value, list) else [value]
            for name, value in fields.items()
        }
    )


def read(part, path="steps.0", **fields):
    return read_part(form_at(part, path), sent(**fields))[0]


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("steps.0", REQUEST),
        ("steps.0", {"id": "m", "kind": "send_email", "to": ["a", "b\nc"], "cc": "x, y", "name": None}),
        ("steps.0", {"id": "d", "kind": "delay", "days": ["fri", "mon", "nonsense"], "for": 7}),
        ("steps.0", {"id": "e", "kind": "for_each", "items": [1, {"a": 2}], "steps": [{"kind": "set"}]}),
        ("steps.0", {"id": "v", "kind": "record_value", "value": 1.5, "name": "a"}),
        ("steps.0", {"id": "w", "kind": "start_workflow", "payload": None, "wait": "maybe"}),
        ("steps.0", {"id": "x", "kind": "decision", "branches": [{"if": IF}, {}, "odd"]}),
        ("steps.0", {"id": "f", "kind": "finish", "status": "odd"}),
        ("triggers.0", {"id": "m", "kind": "manual", "fields": [{"name": "a", "default": False}, {}]}),
        ("triggers.0", {"id": "h", "kind": "webhook", "signature": {"preset": "odd"}, "methods": []}),
        ("triggers.0", {"id": "h", "kind": "webhook", "signature": {}}),
        ("triggers.0", {"id": "e", "kind": "event", "where": "odd"}),
        ("triggers.0", {"id": "s", "kind": "schedule", "every": "odd", "catch_up": "PT0S"}),
        ("settings", {"failure_rule": {"ratio": 1}, "notify": ["a"], "max_running": "many"}),
        ("settings", {}),
    ],
)
def test_an_untouched_form_changes_nothing(path, part):
    known = form_at(part, path)
    changed, problems = read_part(known, untouched(form_of(known)))
    assert changed is part
    assert problems == {}


@pytest.mark.parametrize("kind", [*step_kinds(), *trigger_kinds()])
def test_every_kind_has_a_form_with_words_of_its_own(kind):
    path = "steps.0" if kind in step_kinds() else "triggers.0"
    known = form_at({"id": "a", "kind": kind}, path)
    form = form_of(known)
    assert read_part(known, untouched(form))[0] is known.written
    own = {**step_kinds(), **trigger_kinds()}[kind].fields
    shown = {shape.name for shape in known.shapes if shape.control not in ("fixed", "steps")}
    assert {name for name in shown if name not in known.words} == set(), own


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([*step_kinds(), *trigger_kinds()]), st.data())
def test_whatever_stands_in_a_field_survives_its_form(kind, data):
    path = "steps.0" if kind in step_kinds() else "triggers.0"
    blank = form_at({"id": "a", "kind": kind}, path)
    names = [shape.name for shape in blank.shapes if shape.control != "steps" and shape.name != "kind"]
    part = {"kind": kind, **data.draw(st.dictionaries(st.sampled_from(names), json_values, max_size=4))}
    known = form_at(part, path)
    assert read_part(known, untouched(form_of(known)))[0] is part


def test_what_is_typed_is_written_in_place_and_the_rest_stays():
    changed = read(REQUEST, url="https://y.example", retry__tries="7")
    assert list(changed) == list(REQUEST)
    assert changed["url"] == "https://y.example"
    assert changed["retry"] == {"tries": 7, "backoff": "PT2S"}
    assert changed["json"] is REQUEST["json"]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("timeout", "PT5S", "PT5S"),
        ("timeout", "soon", "soon"),
        ("follow_redirects", "2", 2),
        ("follow_redirects", "two", "two"),
        ("follow_redirects", "true", "true"),
        ("url", "", ABSENT),
        ("method", "GET", "GET"),
        ("on_crash", "", ABSENT),
        ("on_failure", "continue", "continue"),
        ("on_failure", "steps", {"steps": []}),
        ("expect", "404-410\r\n\r\n 500 ", ["404-410", 500]),
        ("expect", " ", ABSENT),
        ("text", "a\r\nb", "a\nb"),
    ],
)
def test_values_are_written_as_their_field_means_them(name, text, value):
    assert read(REQUEST, **{name: text}).get(name, ABSENT) == value


def test_values_are_text_or_json_as_the_person_says():
    set_ = {"id": "a", "kind": "set", "values": {"x": "1", "y": 2}}
    form = {"values__rows": "4", "values__0__key": "x", "values__0": "1", "values__0__as": "json"}
    form |= {"values__1__key": "z", "values__1": "2", "values__1__as": "text", "values__2__key": "z"}
    form |= {"values__3__key": "", "values__3": ""}
    assert read(set_, **form)["values"] == {"x": 1, "z": "2", "z_2": ""}


def test_json_that_cannot_be_read_is_said_and_shown_again():
    known = form_at(REQUEST)
    changed, problems = read_part(known, sent(json="{oops", json__as="json", query__rows="1", query__0="["))
    assert changed["json"] is REQUEST["json"]
    field = next(one for one in form_of(known, problems).every_field() if one.path == "json")
    assert field.text == "{oops"
    assert "The text is not JSON: line 1" in field.problem


def test_ticks_and_choices():
    hook = {"id": "h", "kind": "webhook", "methods": ["PUT", "POST"]}
    assert read(hook, "triggers.0", methods=["", "POST", "GET"])["methods"] == ["POST", "GET"]
    assert read(hook, "triggers.0", methods=[""])["methods"] == []
    wait = {"id": "w", "kind": "start_workflow"}
    on = read(wait, wait=["off", "on"])
    assert on["wait"] is True
    assert "wait" not in read(on, wait=["off"])


def test_conditions_keep_their_form():
    changed = read(REQUEST, if__mode="all", if__any__0__right="71", if__any__0__right__as="json")
    assert list(changed["if"]) == ["all"]
    assert changed["if"]["all"][0] == {"left": "{{ trigger.data.a }}", "op": ">", "right": 71}
    assert changed["if"]["all"][1] is IF["any"][1]
    gone = read({"id": "a", "kind": "set", "if": {"left": "x", "op": "is", "right": ""}}, if__op="exists")
    assert gone["if"] == {"left": "x", "op": "exists"}


def test_findings_stand_beside_the_innermost_field():
    known = form_at(REQUEST)
    form = form_of(known)
    form.place(
        [
            error("a", "steps.0.retry.tries", "A"),
            error("b", "steps.0.if.any.0.left", "B"),
            error("c", "steps.0.query.d.e", "C"),
            error("d", "steps.0", "D"),
        ]
    )
    said = {one.path: [f.message for f in one.findings] for one in form.every_field() if one.findings}
    assert said == {"retry.tries": ["A"], "if": ["B"], "query": ["C"]}


@pytest.mark.parametrize("path", ["steps.0", "steps.1", "triggers.0", "settings", "nothing", ""])
def test_parts_of_no_known_kind_have_no_form(path):
    assert part_at({"steps": [{"kind": "nonsense"}], "settings": []}, path) is None
