"""What came in, from bytes to the value that runs see as `trigger.body`, and the text it is stored as."""

import base64
import codecs
import re
from collections.abc import Mapping
from typing import Protocol

from django.conf import settings
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _

from runs.intake.form_bodies import form_fields, multipart, urlencoded
from runs.intake.json_text import BodyRefused, Json, from_text, parse_json, to_text
from runs.intake.signatures import preset_delivery_id

__all__ = [
    "BodyRefused",
    "BodyTooLarge",
    "Json",
    "delivery_id",
    "from_text",
    "parse_body",
    "parse_json",
    "read_body",
    "to_text",
]

LONGEST_DELIVERY_ID = 200

_CHUNK = 64 * 1024
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
# A list, since some of Python's text encodings (idna, punycode, unicode_escape) are no charsets and slow on purpose.
_CHARSETS = re.compile(
    r"utf-?8|utf-?16([lb]e)?|us-ascii|ascii|latin-?1|iso-?8859-?\d{1,2}|windows-125\d|cp125\d"
    r"|koi8-[ru]|shift_jis|euc-(jp|kr)|iso-2022-jp|gb2312|gbk|gb18030|big5",
    re.IGNORECASE,
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class BodyTooLarge(Exception):
    """More bytes came than the limit allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(_("The body is larger than %(limit)d bytes.") % {"limit": limit})
        self.limit = limit


class Readable(Protocol):
    """A stream or a Django request."""

    def read(self, size: int, /) -> bytes: ...


def read_body(source: Readable, limit: int | None = None, *, declared: str | None = None) -> bytes:
    """All bytes of the source; raises BodyTooLarge as soon as more than `limit` of them are known to come.

    `limit` defaults to settings.WEBHOOK_BODY_LIMIT. `declared` is the Content-Length header: with it an oversized
    body is refused unread.
    """
    limit = settings.WEBHOOK_BODY_LIMIT if limit is None else limit
    if declared and _is_over(declared, limit):
        raise BodyTooLarge(limit)
    content = bytearray()
    while chunk := source.read(min(_CHUNK, limit + 1 - len(content))):
        content += chunk
        if len(content) > limit:
            raise BodyTooLarge(limit)
    return bytes(content)


def parse_body(
    content: bytes, content_type: str, *, github: bool = False, content_encoding: str = ""
) -> Json:
    """The value of a body: JSON as it is, a form as its fields, other text as text, other bytes as `{"base64": …}`.

    In a form a field given several times becomes a list; with `github` the field `payload` is parsed as JSON.
    Raises BodyRefused for JSON that does not parse (NaN, infinity, broken UTF-8, too deep or too long numbers),
    for files in a form and for compressed content.
    """
    if content_encoding.strip().lower() not in ("", "identity"):
        raise BodyRefused(_("The body is compressed. Send it without Content-Encoding."))
    kind, parameters = _content_type(content_type)
    if kind in ("application/json", "text/json") or kind.endswith("+json"):
        return parse_json(content)
    if kind == _FORM:
        return form_fields(urlencoded(content, _charset(parameters)), github=github)
    if kind == _MULTIPART:
        return form_fields(multipart(content, content_type), github=github)
    return _text(content, _charset(parameters))


def delivery_id(dedupe: str | None, preset: str | None, headers: Mapping[str, str], body: Json) -> str | None:
    """The id by which repeats of this delivery are known, or None when it counts as new.

    `dedupe` is the trigger's `header:NAME` or `body:PATH` (names and list positions joined by dots) and goes
    before the preset's own id. Raises BodyRefused for an id over 200 characters or with control characters.
    """
    found = _chosen_id(dedupe, headers, body) if dedupe else preset_delivery_id(preset, headers, body)
    identifier = (found or "").strip()
    if len(identifier) > LONGEST_DELIVERY_ID:
        raise BodyRefused(_("The delivery id is longer than 200 characters. Send a shorter one."))
    if _CONTROL.search(identifier):
        raise BodyRefused(_("The delivery id holds a control character. Remove it."))
    return identifier or None


def _chosen_id(dedupe: str, headers: Mapping[str, str], body: Json) -> str | None:
    place, _colon, name = dedupe.partition(":")
    if place == "header":
        return next((value for key, value in headers.items() if key.lower() == name.strip().lower()), None)
    value = body
    for part in name.strip().split("."):
        value = _member(value, part)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _member(value: Json, name: str) -> Json:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and name.isascii() and name.isdigit() and len(name) < 7:
        return value[int(name)] if int(name) < len(value) else None
    return None


def _is_over(declared: str, limit: int) -> bool:
    """A length that is no number says nothing; one of more than 18 digits is not worth converting."""
    is_number = declared.isascii() and declared.isdigit()
    return is_number and (len(declared) > 18 or int(declared) > limit)


def _content_type(header: str) -> tuple[str, dict[str, str]]:
    try:
        kind, parameters = parse_header_parameters(header)
    except ValueError:
        return "", {}
    return kind.strip().lower(), parameters


def _charset(parameters: Mapping[str, str]) -> str:
    named = parameters.get("charset", "")
    try:
        return codecs.lookup(named).name if _CHARSETS.fullmatch(named) else "utf-8"
    except LookupError:
        return "utf-8"


def _text(content: bytes, encoding: str) -> Json:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode("ascii")}
