import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from runs.intake.json_text import BodyRefused, from_text, parse_json, to_text

NESTED = "[" * 32 + "]" * 32


def test_parse_json_keeps_whole_numbers_exact():
    digits = "9" * 4300

    assert parse_json(f"[{digits}, -{digits}]".encode()) == [int(digits), -int(digits)]


def test_parse_json_may_begin_with_a_byte_order_mark():
    assert parse_json(b"\xef\xbb\xbf[1]") == [1]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "not valid JSON (line 1, column 1)"),
        (b'{"a": 1,\n x}', "not valid JSON (line 2, column 2)"),
        (b"{'a': 1}", "not valid JSON"),
        (b"[1] [2]", "not valid JSON"),
        (b'"\n"', "not valid JSON"),
        (b"NaN", "NaN in the body"),
        (b'{"a": [Infinity]}', "Infinity in the body"),
        (b"-Infinity", "-Infinity in the body"),
        (b"1e400", "too large"),
        (b"[-1e400]", "too large"),
        (b"9" * 4301, "more than 4,300 digits"),
        (b"-" + b"9" * 4301, "more than 4,300 digits"),
        (b'"\xff"', "not valid UTF-8"),
        (b'"\xed\xa0\x80"', "not valid UTF-8"),
        (f"[{NESTED}]".encode(), "deeper than 32 levels"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "deeper than 32 levels"),
        (b"[" * 500_000, "deeper than 32 levels"),
        (b'{"a":' * 200_000, "deeper than 32 levels"),
    ],
)
def test_parse_json_refuses_what_does_not_parse(content, part):
    with pytest.raises(BodyRefused) as refused:
        parse_json(content)

    assert part in str(refused.value)


def test_parse_json_may_be_as_deep_as_the_limit():
    assert parse_json(NESTED.encode()) == json.loads(NESTED)


@pytest.mark.parametrize("value", ["1", "null", '"text"', "true", "[]", "{}"])
def test_parse_json_may_be_any_value(value):
    assert parse_json(value.encode()) == json.loads(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"z": 1, "a": "ü"}, '{"z":1,"a":"ü"}'),
        ("a\x00b", '"a\\u0000b"'),
        ("\ud800x\udfff", '"\\ud800x\\udfff"'),
        ({"\ud800": "\x00"}, '{"\\ud800":"\\u0000"}'),
        ("😀", '"😀"'),
        ("\\ud800", '"\\\\ud800"'),
        (1.5, "1.5"),
    ],
)
def test_to_text_is_valid_utf8_without_nul(value, text):
    assert to_text(value) == text
    assert from_text(text) == value
    assert b"\x00" not in text.encode("utf-8")


def test_to_text_keeps_what_json_escaped():
    text = '{"a":"\\u0000","b":"\\ud83d"}'

    assert to_text(parse_json(text.encode())) == text


def test_to_text_keeps_long_whole_numbers():
    assert to_text([10**4299]) == "[1" + "0" * 4299 + "]"


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_to_text_refuses_what_is_no_json(number):
    with pytest.raises(ValueError, match="JSON compliant"):
        to_text([number])


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "x\udc00\x00"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@hypothesis_settings(deadline=None)
@given(json_values)
def test_to_text_is_read_back(value):
    text = to_text(value)

    assert text.encode("utf-8").decode("utf-8") == text
    assert from_text(text) == value
