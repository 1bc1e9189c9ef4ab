"""YAML on import: what it means, and that it can do no more than JSON."""

import pytest
import yaml

from tests.workflows.definition.documents import EXAMPLE_TEXT, example
from workflows.definition import yaml_text
from workflows.definition.findings import DefinitionRefused
from workflows.definition.loading import parse, read
from workflows.definition.yaml_text import load_yaml


def test_read_takes_the_example_written_as_yaml() -> None:
    text = yaml.safe_dump(example(), sort_keys=False, allow_unicode=True)

    (loaded,) = read(text)

    assert loaded.document == parse(EXAMPLE_TEXT)[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("a: -0.5e3", {"a": -500.0}),
        ("a: true\nb: false\nc: null\nd: ~\ne:", {"a": True, "b": False, "c": None, "d": None, "e": None}),
        ("a: yes\nb: no\nc: on\nd: Off", {"a": "yes", "b": "no", "c": "on", "d": "Off"}),
        (
            "a: 12:30\nb: 2026-03-01\nc: 2026-03-01T10:00:00Z",
            {"a": "12:30", "b": "2026-03-01", "c": "2026-03-01T10:00:00Z"},
        ),
        (
            "a: 007\nb: 0x1F\nc: 1_000\nd: .inf\ne: .nan",
            {"a": "007", "b": "0x1F", "c": "1_000", "d": ".inf", "e": ".nan"},
        ),
        ("a: '1'\nb: \"true\"\nc: |\n  two\n  lines\n", {"a": "1", "b": "true", "c": "two\nlines\n"}),
        ("a: >-\n  one\n  line\n", {"a": "one line"}),
        ("a: [1, {b: c}, []]\nd: {}", {"a": [1, {"b": "c"}, []], "d": {}}),
        ("a: 123456789012345678901234567890", {"a": 123456789012345678901234567890}),
        ("# a comment\na: 1 # another\n", {"a": 1}),
        ("'<<': 1\n=: 2", {"<<": 1, "=": 2}),
        ("a: '{{ trigger.data }}'", {"a": "{{ trigger.data }}"}),
    ],
)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
def test_load_yaml_means_what_json_means(
    monkeypatch: pytest.MonkeyPatch, loader: type, text: str, value: object
) -> None:
    monkeypatch.setattr(yaml_text, "_LOADER", loader)

    assert load_yaml(text, depth=100) == value


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BOMB, "yaml_alias"),
        ("a: &x 1\nb: *x", "yaml_alias"),
        ("a: &x 1", "yaml_alias"),
        ("a: !!python/object/apply:os.system ['true']", "yaml_tag"),
        ("a: !!str 1", "yaml_tag"),
        ("a: !own 1", "yaml_tag"),
        ("!!set {a, b}", "yaml_tag"),
        ("a: 1\na: 2", "duplicate_key"),
        ("1: a", "not_yaml"),
        ("true: a", "not_yaml"),
        ("? [a, b]\n: c", "not_yaml"),
        ("a: 1\n---\nb: 2", "not_yaml"),
        ("a: [", "not_yaml"),
        ("a:\n\t- b", "not_yaml"),
        ("a: \x01", "not_yaml"),
        ("%YAML 9.9\n---\na: 1", "not_yaml"),
        ("a: " + "[" * 2_000, "too_deep"),
        ("- " * 2_000, "too_deep"),
        ("a: " + "9" * 5_000, "number_too_long"),
        ("a: 1e999", "number_too_long"),
        ("a: " + "x" * (1024 * 1024), "too_large"),
    ],
)
def test_parse_refuses_yaml_that_could_do_more(text: str, code: str) -> None:
    with pytest.raises(DefinitionRefused) as raised:
        parse(text)

    assert [finding.code for finding in raised.value.findings] == [code]


def test_parse_tells_the_line_of_broken_yaml() -> None:
    with pytest.raises(DefinitionRefused, match="The text is not YAML: line 3"):
        parse("a: 1\nb: 2\n  c: 3")
