import io

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
from runs.intake.signatures import PRESETS, preset_delivery_id

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


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


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("standard-webhooks", "msg_1"),
        ("github", "guid-1"),
        ("stripe", "evt_1"),
        ("slack", "Ev1"),
        ("hmac-sha256", None),
        (None, None),
    ],
)
def test_preset_delivery_id_is_the_senders_own(preset, expected):
    headers = {"Webhook-Id": "msg_1", "x-github-delivery": "guid-1"}

    assert preset_delivery_id(preset, headers, {"id": "evt_1", "event_id": "Ev1"}) == expected


@pytest.mark.parametrize("body", [None, [], "text", {}, {"id": 5}, {"id": None}])
@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_preset_delivery_id_is_none_where_the_delivery_has_none(preset, body):
    assert preset_delivery_id(preset, {}, body) is None
