"""Reading files: JSON and YAML, one workflow or several, and everything that is refused before its shape is seen."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.definition.documents import EXAMPLE_TEXT, document, example, refused, set_step
from workflows.definition.findings import DefinitionRefused
from workflows.definition.loading import dump, parse, read, validate


def parse_refused(text: str | bytes, **options: Any) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionRefused) as raised:
        parse(text, **options)
    return [(finding.code, finding.path) for finding in raised.value.findings]


def test_read_takes_the_example_of_the_format_whole() -> None:
    (loaded,) = read(EXAMPLE_TEXT)

    assert loaded.document == json.loads(EXAMPLE_TEXT)
    assert loaded.definition.trigger_ids == ["captured", "form", "nightly", "by_hand"]
    assert [step.id for step in loaded.definition.steps] == ["lead", "hot", "worth"]
    assert loaded.definition.settings.release_per_minute == 60


def test_read_gives_no_scope_where_none_is_written() -> None:
    assert validate(document()).scope is None
    assert validate(example()).scope == "hub:sydney"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ('{"a": 1,}', "not_json"),
        ('{"a": NaN}', "not_json"),
        ('{"a": Infinity}', "not_json"),
        ('{"a": 1e999}', "number_too_long"),
        ('{"a": ' + "9" * 4301 + "}", "number_too_long"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "duplicate_key"),
        ('{"a": ' * 200_000, "too_deep"),
        ('{"a": ' + "[" * 120 + "]" * 120 + "}", "too_deep"),
        (b'{"a": "\xff"}', "not_utf8"),
        ("{" + " " * 8 * 1024 * 1024 + "}", "too_large"),
        ("[]", "wrong_type"),
        ("just words", "wrong_type"),
        ('"text"', "wrong_type"),
    ],
)
def test_parse_refuses(text: str | bytes, code: str) -> None:
    assert parse_refused(text) == [(code, "")]


def test_parse_names_the_key_that_stands_twice() -> None:
    with pytest.raises(DefinitionRefused, match="The key “b” stands twice"):
        parse('{"a": 1, "b": 2, "a2": 3, "b": 4}')


def test_parse_takes_a_byte_order_mark_and_the_longest_number() -> None:
    number = "9" * 4300

    assert parse(b"\xef\xbb\xbf" + f'{{"a": {number}}}'.encode()) == [{"a": int(number)}]


def test_parse_without_yaml_takes_json_only() -> None:
    assert parse_refused("a: 1", allow_yaml=False) == [("not_json", "")]


def test_parse_gives_the_workflows_of_a_file_with_several() -> None:
    text = json.dumps(
        {"format": "signalbox/1", "workflows": [{"name": "A"}, {"format": "signalbox/1", "name": "B"}]}
    )

    assert parse(text) == [{"format": "signalbox/1", "name": "A"}, {"format": "signalbox/1", "name": "B"}]


@pytest.mark.parametrize(
    ("value", "findings"),
    [
        ({"format": "signalbox/1", "workflows": []}, [("wrong_type", "workflows")]),
        ({"format": "signalbox/1", "workflows": {}}, [("wrong_type", "workflows")]),
        ({"workflows": [{}]}, [("unknown_format", "format")]),
        ({"format": "signalbox/1", "workflows": [{}, 5]}, [("wrong_type", "workflows.1")]),
        ({"format": "signalbox/1", "name": "A", "workflows": [{}]}, [("unknown_key", "name")]),
        ({"format": "signalbox/1", "workflows": [{}] * 101}, [("wrong_type", "workflows")]),
    ],
)
def test_parse_refuses_a_file_of_several_that_is_not_one(value: Any, findings: list[tuple[str, str]]) -> None:
    assert parse_refused(json.dumps(value)) == findings


def test_read_refuses_all_workflows_for_one_and_tells_the_findings_of_each() -> None:
    several = [document(name=""), document(), document(set_step("BAD"), extra=1)]

    with pytest.raises(DefinitionRefused) as raised:
        read(json.dumps({"format": "signalbox/1", "workflows": several}))

    places = [(finding.code, finding.path) for finding in raised.value.findings]
    assert places == [
        ("name_missing", "workflows.0.name"),
        ("unknown_key", "workflows.2.extra"),
        ("invalid_id", "workflows.2.steps.0.id"),
    ]


def test_read_gives_each_workflow_of_a_file_with_several() -> None:
    several = [document(name="A"), document(name="B")]

    loaded = read(json.dumps({"format": "signalbox/1", "workflows": several}))

    assert [one.definition.name for one in loaded] == ["A", "B"]


def test_validate_measures_the_size_without_blanks() -> None:
    note = "x" * (256 * 1024)

    assert refused(document(*[set_step(f"s{n}", note="x" * 1_900) for n in range(140)])) == [
        ("too_large", "")
    ]
    assert refused(document(description=note)) == [("too_large", "")]
    assert parse(json.dumps(document()) + " " * 300_000) == [document()]


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 10**5000, object(), b"x"],
    ids=["nan", "infinity", "long", "object", "bytes"],
)
def test_validate_refuses_what_json_cannot_hold(value: object) -> None:
    assert refused(document(set_step("a", values={"x": value}))) == [("not_json", "")]


JSON_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=12)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | JSON_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(JSON_TEXT, inner, max_size=4),
    max_leaves=15,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(JSON_TEXT.filter(lambda key: key != "workflows"), JSON_VALUES, max_size=4))
def test_dump_and_parse_are_the_same_to_the_byte(value: dict[str, Any]) -> None:
    first = dump(value)

    assert first.encode("utf-8").decode("utf-8") == first
    assert dump(parse(first)[0]) == first


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=5).filter(lambda key: key != "workflows"), JSON_VALUES, max_size=4))
def test_parse_loses_nothing_that_json_text_says(value: dict[str, Any]) -> None:
    text = json.dumps(value)

    assert json.dumps(parse(dump(parse(text)[0]))[0]) == text


def test_dump_keeps_order_numbers_and_characters() -> None:
    text = (
        '{\n  "z": 123456789012345678901234567890,\n  "a": [\n    1.5,\n    "ü“\\u0000\\ud800\\n"\n  ],\n'
        '  "empty": {},\n  "e": 1e+22\n}\n'
    )

    assert dump(parse(text)[0]) == text


def test_dump_joins_halves_that_belong_together() -> None:
    assert dump({"a": "\ud83d\ude00\ud83d"}) == '{\n  "a": "😀\\ud83d"\n}\n'


def test_dump_of_the_example_comes_back_the_same() -> None:
    once = dump(parse(EXAMPLE_TEXT)[0])

    assert dump(read(once)[0].document) == once


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_parse_refuses_any_text_with_findings(text: str) -> None:
    try:
        assert all(isinstance(one, dict) for one in parse(text))
    except DefinitionRefused as refusal:
        assert refusal.findings


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_parse_refuses_any_bytes_with_findings(content: bytes) -> None:
    try:
        assert all(isinstance(one, dict) for one in parse(content))
    except DefinitionRefused as refusal:
        assert refusal.findings
