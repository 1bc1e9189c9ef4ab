"""The filters of the allow list, one line each, and how they fail."""

from typing import Any

import pytest

from workflows.definition.liquid.filters import FILTERS
from workflows.definition.templating import TemplateFailed, render

NAMES: dict[str, Any] = {
    "text": "  One two\nthree  ",
    "n": 7,
    "f": 2.5,
    "word": "äÖ",
    "list": [3, 1, "2", None, 1],
    "people": [{"n": "Bo", "age": 3}, {"n": "Al", "age": 5, "ok": True}, {"x": 1}],
    "nested": {"a": [1, {"b": "ü"}]},
    "time": "2026-03-29T00:30:00Z",
    "void": [],
    "big": 10**4299,
}


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("n | abs", "7"),
        ("-7 | abs", "7"),
        ("word | append: '!' | append: n", "äÖ!7"),
        ("n | at_least: 10", "10"),
        ("n | at_most: f", "2.5"),
        ("word | base64_encode", "w6TDlg=="),
        ("'w6TDlg==' | base64_decode", "äÖ"),
        ("word | capitalize", "Äö"),
        ("f | ceil", "3"),
        ("list | compact | json", '[3,1,"2",1]'),
        ("list | concat: void | size", "5"),
        ("time | date: '%Y-%m-%d %H:%M %a %B %e %%', 'Europe/Berlin'", "2026-03-29 01:30 Sun March 29 %"),
        ("time | date: '%F %T %z', 'America/New_York'", "2026-03-28 20:30:00 -0400"),
        ("0 | date: '%s %j %I%p %G-%V'", "0 001 12AM 1970-01"),
        ("nothing | default: 'x'", "x"),
        ("void | default: 'x'", "x"),
        ("false | default: 'x'", "x"),
        ("false | default: 'x', allow_false: true", "false"),
        ("0 | default: 'x'", "0"),
        ("n | divided_by: 2", "3"),
        ("n | divided_by: 2.0", "3.5"),
        ("word | downcase", "äö"),
        ("'<a href=\"x\">' | escape", "&lt;a href=&quot;x&quot;&gt;"),
        ("list | first", "3"),
        ("f | floor", "2"),
        ("list | join: ', '", "3, 1, 2, , 1"),
        ("nested | json", '{"a":[1,{"b":"ü"}]}'),
        ("list | last", "1"),
        ("text | lstrip | size", "15"),
        ("people | map: 'n' | json", '["Bo","Al",null]'),
        ("n | minus: 0.1", "6.9"),
        ("-7 | modulo: 3", "2"),
        ("7.5 | modulo: 2", "1.5"),
        ("text | newline_to_br | strip", "One two<br>\nthree"),
        ("n | plus: '1'", "8"),
        ("0.1 | plus: 0.2", "0.3"),
        ("word | prepend: '>'", ">äÖ"),
        ("'aXbXc' | remove: 'X'", "abc"),
        ("'aXbXc' | remove_first: 'X'", "abXc"),
        ("'aXbXc' | replace: 'X', '-'", "a-b-c"),
        ("'aXbXc' | replace_first: 'X', '-'", "a-bXc"),
        ("list | reverse | json", '[1,null,"2",1,3]'),
        ("f | round", "2"),
        ("2.345 | round: 1", "2.3"),
        ("n | round: 3", "7"),
        ("text | rstrip | size", "15"),
        ("people | size", "3"),
        ("'abcdef' | slice: 1, 3", "bcd"),
        ("'abcdef' | slice: -2, 9", "ef"),
        ("list | slice: 1, 2 | json", '[1,"2"]'),
        ("list | sort | json", '[null,1,1,3,"2"]'),
        ("people | sort: 'age' | map: 'n' | json", '[null,"Bo","Al"]'),
        ("'a,b' | split: ',' | json", '["a","b"]'),
        ("'ab' | split: '' | json", '["a","b"]'),
        ("'' | split: ',' | json", "[]"),
        ("text | squish", "One two three"),
        ("text | strip", "One two\nthree"),
        ("text | strip_newlines | strip", "One twothree"),
        ("people | sum: 'nothing'", None),
        ("list | slice: 0, 3 | sum", "6"),
        ("n | times: 6", "42"),
        ("'abcdefgh' | truncate: 5", "abcd…"),
        ("'abc' | truncate: 5", "abc"),
        ("'a b c d' | truncatewords: 2, '..'", "a b.."),
        ("list | uniq | json", '[3,1,"2",null]'),
        ("people | uniq: 'x' | size", "2"),
        ("word | upcase", "ÄÖ"),
        ("'a%20b+c' | url_decode", "a b c"),
        ("'a b/ü?' | url_encode", "a%20b%2F%C3%BC%3F"),
        ("people | where: 'ok' | map: 'n' | json", '["Al"]'),
        ("people | where: 'age', 3 | map: 'n' | json", '["Bo"]'),
    ],
)
def test_filter_gives(expression: str, result: str | None) -> None:
    template = f"{{{{ {expression} }}}} "
    if result in (None, ""):
        with pytest.raises(TemplateFailed):
            render(template, NAMES)
    else:
        assert render(template, NAMES) == f"{result} "


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("word | plus: 1", "A number is needed here."),
        ("true | plus: 1", "A number is needed here."),
        ("'nan' | plus: 1", "A number is needed here."),
        ("n | divided_by: 0", "A number cannot be divided by 0."),
        ("n | divided_by: 0.0", "A number cannot be divided by 0."),
        ("n | modulo: 0", "A number cannot be divided by 0."),
        ("big | times: big", "The result of the calculation is too large."),
        ("1e308 | times: 10", None),
        ("'1e308' | times: 10.5", "The result of the calculation is too large."),
        ("big | plus: 0.5", "The result of the calculation is too large."),
        ("'x' | date: '%Y'", "This is not a time; write for example 2026-03-01T09:30:00Z."),
        ("1e400 | date: '%Y'", None),
        ("99999999999999 | date: '%Y'", "This is not a time; write for example 2026-03-01T09:30:00Z."),
        ("time | date: '%Q'", "“%Q” is not a part of a date that can be written."),
        ("time | date: '%Y', '../etc/passwd'", None),
        (
            "time | date: '%Y', 'Nowhere/Land'",
            "“Nowhere/Land” is not a time zone; write for example Europe/Berlin.",
        ),
        ("'abc' | truncate: 'x'", "“truncate” needs a whole number."),
        ("'§' | base64_decode", "This is not base64 of UTF-8 text."),
        ("'/w==' | base64_decode", "This is not base64 of UTF-8 text."),
        ("list | sum", "A number is needed here."),
    ],
)
def test_filter_fails_with_a_sentence(expression: str, sentence: str | None) -> None:
    with pytest.raises(TemplateFailed) as raised:
        render(f"{{{{ {expression} }}}} ", NAMES)

    assert sentence is None or raised.value.message == sentence


def test_filters_are_those_of_the_allow_list() -> None:
    assert sorted(FILTERS) == [
        "abs", "append", "at_least", "at_most", "base64_decode", "base64_encode", "capitalize", "ceil", "compact",
        "concat", "date", "default", "divided_by", "downcase", "escape", "first", "floor", "join", "json", "last",
        "lstrip", "map", "minus", "modulo", "newline_to_br", "plus", "prepend", "remove", "remove_first", "replace",
        "replace_first", "reverse", "round", "rstrip", "size", "slice", "sort", "split", "squish", "strip",
        "strip_newlines", "sum", "times", "truncate", "truncatewords", "uniq", "upcase", "url_decode", "url_encode",
        "where",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "value", ["time", "n", "f", "list", "people", "nested", "void", "big", "true", "nil", "''"]
)
@pytest.mark.parametrize("name", sorted(FILTERS))
def test_filter_raises_nothing_undocumented(name: str, value: str) -> None:
    for arguments in ("", ": 1", ": 'a'", ": list", ": nil, 2", ": people, nested", ": big", ": -1, ''"):
        try:
            result = render(f"{{{{ {value} | {name}{arguments} }}}} ", NAMES)
        except TemplateFailed as failed:
            assert failed.message
        else:
            assert isinstance(result, str)
