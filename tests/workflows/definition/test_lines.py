"""Lines of places in a text."""

import json

import pytest

from workflows.definition.lines import broken_line, line_numbers, line_of

JSON = """{
  "format": "signalbox/1",
  "steps": [
    {"id": "one", "kind": "set"},
    {
      "id": "two",
      "branches": [
        {"steps": [
          {"id": "three"}]}]
    }
  ]
}"""
YAML = """format: signalbox/1
steps:
  - id: one
    kind: set
  - id: two
    values:
      a: "{{ x }}"
"""


def test_lines_of_json():
    lines = line_numbers(JSON)
    places = ("format", "steps", "steps.0.kind", "steps.1", "steps.1.branches.0.steps.0.id")
    assert [lines[place] for place in places] == [2, 3, 4, 5, 9]


def test_lines_of_yaml():
    lines = line_numbers(YAML)
    assert [lines[place] for place in ("steps", "steps.0", "steps.1.values.a")] == [2, 3, 7]


def test_a_place_that_is_not_there_has_the_line_around_it():
    lines = line_numbers(JSON)
    assert line_of("steps.1.branches.4.steps", lines) == 7
    assert line_of("settings.notify", lines) is None
    assert line_of("", lines) is None


def test_tabs_and_halves_of_characters_are_no_hindrance():
    assert line_numbers('{\t"a": "\\ud83d\\ude00 \\u0000",\n\t"b": [1,\n2]}')["b.1"] == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [("{\n  a", 2), ("", 1), ("a: b\n c: d", 2), ("{}", None), ("a: 1", None), ("a: \x00", None)],
)
def test_the_line_of_a_break(text, line):
    assert broken_line(text) == line


def test_before_a_break_lines_are_known():
    assert line_numbers('{"a": 1,\n"b": [}') == {"": 1, "a": 1, "b": 2}


def test_each_place_of_a_large_file_has_its_line():
    text = json.dumps({"steps": [{"id": f"s{n}", "values": {"n": n}} for n in range(200)]}, indent=2)
    lines = line_numbers(text)
    for number in (0, 57, 199):
        assert text.splitlines()[lines[f"steps.{number}.id"] - 1].strip() == f'"id": "s{number}",'
