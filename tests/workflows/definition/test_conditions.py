"""Conditions: the operators, what compares with what, and which parts are looked at."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from workflows.definition.conditions import AnyCondition, Condition, conditions_in, constant, holds
from workflows.definition.templating import NameMissing
from workflows.steps.errors import StepError

ADAPTER: TypeAdapter[Condition] = TypeAdapter(AnyCondition)
NAMES = {"steps": {"lead": {"score": "70.0", "tags": ["a", 1], "none": None, "o": {"k": 1}}}}


def condition(value: Any) -> Condition:
    return ADAPTER.validate_python(value)


def says(left: Any, op: str, right: Any = None) -> bool:
    return holds(condition({"left": left, "op": op, "right": right}), NAMES)


@pytest.mark.parametrize(
    ("left", "op", "right", "result"),
    [
        (1, "is", 1, True),
        (1, "is", 1.0, True),
        (1, "is", "1", True),
        ("1.50", "is", 1.5, True),
        ("1.50", "is", "1.5", False),
        ("a", "is", "A", False),
        (None, "is", None, True),
        (None, "is", 0, False),
        ("", "is", None, False),
        (True, "is", True, True),
        (True, "is", False, False),
        ([1, "a"], "is", [1, "a"], True),
        ([True], "is", [1], False),
        ({"a": 1, "b": 2}, "is", {"b": 2, "a": 1}, True),
        (1, "is_not", 2, True),
        (10**40, "is", str(10**40), True),
        (10**40 + 1, "is", 10**40, False),
        ("{{ steps.lead.score }}", ">=", 70, True),
        ("{{ steps.lead.score }}", ">", 70, False),
        ("{{ steps.lead.score }}", "<", "8", True),
        (9, "<", "10", True),
        ("9", "<", "10", False),
        ("b", ">", "a", True),
        (2, "<=", 2, True),
        ("hello", "contains", "ell", True),
        ("a1", "contains", 1, True),
        ([1, "b"], "contains", "1", True),
        ([1, "b"], "contains", "c", False),
        ([[1]], "contains", [1], True),
        ({"k": 1}, "contains", "k", True),
        ("hello", "not_contains", "x", True),
        ("hello", "starts_with", "he", True),
        ("hello", "ends_with", "he", False),
        (120, "starts_with", "12", True),
        ("a", "in", ["a", "b"], True),
        ("{{ steps.lead.score }}", "in", [70], True),
        ("c", "not_in", ["a", "b"], True),
        ("a", "in", "abc", True),
        ("{{ steps.lead.none }}", "exists", None, False),
        ("{{ steps.lead.score }}", "exists", None, True),
        ("{{ steps.nothing.at.all }}", "exists", None, False),
        ("{{ steps.nothing }}", "not_exists", None, True),
        ("{{ steps.lead.o }}", "not_exists", None, False),
    ],
)
def test_holds_compares(left: Any, op: str, right: Any, result: bool) -> None:
    assert says(left, op, right) is result


@pytest.mark.parametrize(
    ("left", "op", "right", "sentence"),
    [
        (1, "is", "one", "A number and text cannot be compared."),
        (True, "is", "true", "A truth value and text cannot be compared."),
        (1, "is_not", True, "A number and a truth value cannot be compared."),
        ([], "is", {}, "A list and an object cannot be compared."),
        ("one", "<", 1, "Text and a number cannot be compared."),
        (None, "<", 1, "Nothing and a number cannot be compared."),
        (True, "<", False, "A truth value has no order; only numbers and texts can be greater or smaller."),
        (5, "contains", 5, "Whether a number holds a number cannot be asked."),
        ("a", "in", None, "Whether nothing holds text cannot be asked."),
        ([], "starts_with", "a", "How a list begins or ends cannot be asked; only texts do."),
    ],
)
def test_holds_refuses_what_does_not_compare(left: Any, op: str, right: Any, sentence: str) -> None:
    with pytest.raises(StepError) as raised:
        says(left, op, right)

    assert (raised.value.message, raised.value.code, raised.value.permanent) == (
        sentence,
        "condition_failed",
        True,
    )


def test_holds_joins_and_looks_no_further_than_needed() -> None:
    yes, no = {"left": 1, "op": "is", "right": 1}, {"left": 1, "op": "is", "right": 2}
    broken = {"left": "{{ nothing }}", "op": "is", "right": 1}

    assert holds(condition({"all": [yes, {"not": no}, {"any": [no, yes, broken]}]}), NAMES) is True
    assert holds(condition({"all": [no, broken]}), NAMES) is False
    assert holds(condition({"all": []}), NAMES) is True
    assert holds(condition({"any": []}), NAMES) is False


def test_holds_missing_name_is_an_error_outside_exists() -> None:
    with pytest.raises(NameMissing):
        says("{{ steps.nothing }}", "is", None)


@pytest.mark.parametrize(
    "value",
    [
        5,
        [],
        {},
        {"left": 1},
        {"left": 1, "op": "=="},
        {"all": {}},
        {"all": [], "any": []},
        {"not": []},
        {"left": 1, "op": "is", "right": 1, "extra": 1},
        {"op": "is", "right": 1},
    ],
)
def test_condition_refuses_other_forms(value: Any) -> None:
    with pytest.raises(ValidationError):
        condition(value)


def test_conditions_in_gives_places() -> None:
    leaf = {"left": 1, "op": "is", "right": 1}

    places = [
        path for path, _inner in conditions_in(condition({"all": [{"not": leaf}, {"any": [leaf]}]}), "if")
    ]

    assert places == ["if", "if.all.0", "if.all.0.not", "if.all.1", "if.all.1.any.0"]


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"all": []}, True),
        ({"any": []}, False),
        ({"not": {"any": []}}, True),
        ({"all": [{"any": []}, {"left": 1, "op": "is"}]}, False),
        ({"any": [{"all": []}, {"left": 1, "op": "is"}]}, True),
        ({"all": [{"left": 1, "op": "is"}]}, None),
        ({"not": {"left": 1, "op": "is"}}, None),
    ],
)
def test_constant_knows_what_form_alone_tells(value: Any, result: bool | None) -> None:
    assert constant(condition(value)) is result


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
ANY = VALUES | st.lists(VALUES, max_size=3) | st.dictionaries(st.text(max_size=2), VALUES, max_size=2)
OPERATORS = st.sampled_from(
    [
        "is",
        "is_not",
        "<",
        "<=",
        ">",
        ">=",
        "contains",
        "starts_with",
        "ends_with",
        "in",
        "exists",
        "not_exists",
    ]
)


@settings(max_examples=300, deadline=None)
@given(ANY, OPERATORS, ANY)
def test_holds_answers_or_says_why_not(left: Any, op: str, right: Any) -> None:
    names = {"l": left, "r": right}
    asked = condition({"left": "{{ l }}", "op": op, "right": "{{ r }}"})

    try:
        assert holds(asked, names) in (True, False)
    except StepError as refused:
        assert refused.code == "condition_failed"


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_holds_a_value_is_itself(value: Any) -> None:
    asked = condition({"left": "{{ v }}", "op": "is", "right": "{{ v }}"})

    assert holds(asked, {"v": value}) is True
