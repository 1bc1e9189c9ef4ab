import io
import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from runs.intake.bodies import (
    BodyRefused,
    BodyTooLarge,
    delivery_id,
    from_text,
    parse_body,
    read_body,
    to_text,
)

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
NESTED = "[" * 32 + "]" * 32


class Endless:
    """A sender that never stops; counts what was taken."""

    taken = 0

    def read(self, size: int) -> bytes:
        self.taken += size
        return b"x" * size


class Dripping(io.BytesIO):
    def read(self, size: int = -1) -> bytes:
        return super().read(min(size, 3))


def test_read_body_gives_all_bytes():
    assert read_body(Dripping(b"0123456789"), 10) == b"0123456789"
    assert read_body(io.BytesIO(b""), 10) == b""


def test_read_body_refuses_one_byte_too_many():
    with pytest.raises(BodyTooLarge) as refused:
        read_body(Dripping(b"0123456789"), 9)

    assert refused.value.limit == 9


def test_read_body_takes_its_limit_from_the_settings(settings):
    settings.WEBHOOK_BODY_LIMIT = 4

    assert read_body(io.BytesIO(b"1234")) == b"1234"
    with pytest.raises(BodyTooLarge):
        read_body(io.BytesIO(b"12345"))


def test_read_body_stops_an_endless_sender_at_the_limit():
    sender = Endless()

    with pytest.raises(BodyTooLarge):
        read_body(sender, 100_000)

    assert sender.taken == 100_001


@pytest.mark.parametrize("declared", ["11", "9" * 400])
def test_read_body_refuses_a_declared_size_unread(declared):
    sender = Endless()

    with pytest.raises(BodyTooLarge):
        read_body(sender, 10, declared=declared)

    assert sender.taken == 0


@pytest.mark.parametrize("declared", [None, "", "10", "-5", "many", "٣"])
def test_read_body_counts_whatever_was_declared(declared):
    assert read_body(io.BytesIO(b"0123456789"), 10, declared=declared) == b"0123456789"
    with pytest.raises(BodyTooLarge):
        read_body(io.BytesIO(b"0123456789x"), 10, declared=declared)


@pytest.mark.parametrize(
    "kind", [JSON, "Application/JSON; charset=utf-8", "text/json", "application/cloudevents+json"]
)
def test_parse_body_json_is_unchanged(kind):
    text = '{"z": 1, "a": [true, null, 1.5, "ü"], "m": {}}'

    value = parse_body(text.encode(), kind)

    assert value == {"z": 1, "a": [True, None, 1.5, "ü"], "m": {}}
    assert list(value) == ["z", "a", "m"]


def test_parse_body_json_keeps_whole_numbers_exact():
    digits = "9" * 4300

    assert parse_body(f"[{digits}, -{digits}]".encode(), JSON) == [int(digits), -int(digits)]


def test_parse_body_json_may_begin_with_a_byte_order_mark():
    assert parse_body(b"\xef\xbb\xbf[1]", JSON) == [1]


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
def test_parse_body_refuses_json_that_does_not_parse(content, part):
    with pytest.raises(BodyRefused) as refused:
        parse_body(content, JSON)

    assert part in str(refused.value)


def test_parse_body_json_may_be_as_deep_as_the_limit():
    assert parse_body(NESTED.encode(), JSON) == json.loads(NESTED)


@pytest.mark.parametrize("value", ["1", "null", '"text"', "true", "[]", "{}"])
def test_parse_body_json_may_be_any_value(value):
    assert parse_body(value.encode(), JSON) == json.loads(value)


def test_parse_body_form_gives_its_fields():
    assert parse_body(b"a=1&b=two+words&c=%C3%BC&empty=&a=2", FORM) == {
        "a": ["1", "2"],
        "b": "two words",
        "c": "ü",
        "empty": "",
    }


def test_parse_body_form_may_hold_unescaped_text():
    assert parse_body("a=ü&ö=%C3%A4".encode(), FORM) == {"a": "ü", "ö": "ä"}


def test_parse_body_form_has_its_charset():
    assert parse_body(b"a=%FC", f"{FORM}; charset=iso-8859-1") == {"a": "ü"}


def test_parse_body_form_marks_bytes_that_are_no_text():
    assert parse_body(b"a=%FF", FORM) == {"a": "\ufffd"}


def test_parse_body_form_refuses_a_flood_of_fields():
    with pytest.raises(BodyRefused, match="more than 1,000 fields"):
        parse_body(b"&".join(b"a=1" for _ in range(1001)), FORM)


def test_parse_body_github_form_has_its_payload_parsed():
    content = b"payload=%7B%22action%22%3A%20%22opened%22%7D&other=1"

    assert parse_body(content, FORM, github=True) == {"payload": {"action": "opened"}, "other": "1"}
    assert parse_body(content, FORM) == {"payload": '{"action": "opened"}', "other": "1"}


def test_parse_body_github_form_refuses_a_payload_that_does_not_parse():
    with pytest.raises(BodyRefused, match="NaN"):
        parse_body(b"payload=NaN", FORM, github=True)


def multipart(*parts: str) -> bytes:
    return (
        "".join(f"--B\r\nContent-Disposition: form-data; {part}\r\n" for part in parts).encode()
        + b"--B--\r\n"
    )


def test_parse_body_multipart_gives_its_fields():
    content = multipart('name="a"\r\n\r\n1', 'name="b"\r\n\r\nü', 'name="a"\r\n\r\n2')

    assert parse_body(content, "multipart/form-data; boundary=B") == {"a": ["1", "2"], "b": "ü"}


def test_parse_body_multipart_refuses_files():
    content = multipart('name="a"\r\n\r\n1', 'name="f"; filename="x.txt"\r\n\r\nhello')

    with pytest.raises(BodyRefused, match="holds a file"):
        parse_body(content, "multipart/form-data; boundary=B")


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=ä", "multipart/form-data; boundary="]
)
def test_parse_body_multipart_refuses_a_missing_boundary(kind):
    with pytest.raises(BodyRefused, match="boundary"):
        parse_body(multipart('name="a"\r\n\r\n1'), kind)


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        ("grüß".encode(), "text/plain", "grüß"),
        ("grüß".encode("latin-1"), "text/plain; charset=ISO-8859-1", "grüß"),
        ("Ж".encode("cp1251"), 'text/plain; charset="windows-1251"', "Ж"),
        ("日本".encode("shift_jis"), "text/plain; charset=Shift_JIS", "日本"),
        (b"<a/>", "application/xml", "<a/>"),
        (b"", "", ""),
        (b"plain", "application/octet-stream", "plain"),
        (b"a\x00b", "text/plain", "a\x00b"),
        (b"\xff\xfe\x00", "application/octet-stream", {"base64": "//4A"}),
        (b"\xff", "text/plain; charset=us-ascii", {"base64": "/w=="}),
        (b"x", "text/plain; charset=iso-8859-99", "x"),
        (b"x", "text/plain; charset=unknown", "x"),
        (b"x", "text/plain; charset=rot13", "x"),
        (b"\\u00fc", "text/plain; charset=unicode_escape", "\\u00fc"),
        (b"xn--a", "text/plain; charset=idna", "xn--a"),
        (b"x", ";;;=", "x"),
    ],
)
def test_parse_body_other_content_is_text_or_base64(content, kind, expected):
    assert parse_body(content, kind) == expected


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "GZIP"])
def test_parse_body_refuses_compressed_content(encoding):
    with pytest.raises(BodyRefused, match="compressed"):
        parse_body(b"{}", JSON, content_encoding=encoding)


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_parse_body_takes_content_as_it_is(encoding):
    assert parse_body(b"{}", JSON, content_encoding=encoding) == {}


@hypothesis_settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=200) | st.text('[]{}",:0159eE-+.\\u nulltrefasNI', max_size=60).map(str.encode),
    st.sampled_from([JSON, FORM, "text/plain", "multipart/form-data; boundary=B", "x"]),
)
def test_parse_body_of_anything_is_a_storable_value_or_refused(content, kind):
    try:
        value = parse_body(content, kind)
    except BodyRefused as refused:
        assert str(refused).endswith(".")
        return
    assert from_text(to_text(value)) == value


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

    assert to_text(parse_body(text.encode(), JSON)) == text


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


@pytest.mark.parametrize(
    ("dedupe", "preset", "expected"),
    [
        ("header:X-Id", None, "h-1"),
        ("header:x-id", "stripe", "h-1"),
        ("header:X-Other", "github", None),
        ("body:id", None, "b-1"),
        ("body:data.number", None, "17"),
        ("body:items.1.id", None, "second"),
        ("body:items.9.id", None, None),
        ("body:items.x", None, None),
        ("body:data", None, None),
        ("body:flag", None, None),
        ("body:absent.deep", None, None),
        ("body:empty", None, None),
        (None, "github", "guid"),
        (None, "stripe", "b-1"),
        (None, "hmac-sha256", None),
        (None, None, None),
    ],
)
def test_delivery_id_is_found_where_the_trigger_says(dedupe, preset, expected):
    headers = {"X-ID": " h-1 ", "X-GitHub-Delivery": "guid"}
    body = {
        "id": "b-1",
        "data": {"number": 17},
        "items": [{"id": "first"}, {"id": "second"}],
        "flag": True,
        "empty": " ",
    }

    assert delivery_id(dedupe, preset, headers, body) == expected


@pytest.mark.parametrize("body", [None, "text", [], 5])
def test_delivery_id_of_a_body_without_fields_is_none(body):
    assert delivery_id("body:id", None, {}, body) is None


def test_delivery_id_may_have_200_characters():
    assert delivery_id("body:id", None, {}, {"id": "ü" * 200}) == "ü" * 200
    with pytest.raises(BodyRefused, match="longer than 200"):
        delivery_id("body:id", None, {}, {"id": "ü" * 201})


@pytest.mark.parametrize("sign", ["\x00", "\n", "\x7f", "\x85", "\u2028", "\ud800"])
def test_delivery_id_refuses_control_characters(sign):
    with pytest.raises(BodyRefused, match="control character"):
        delivery_id("body:id", None, {}, {"id": f"a{sign}b"})
    with pytest.raises(BodyRefused, match="control character"):
        delivery_id(None, "github", {"x-github-delivery": f"a{sign}b"}, None)
