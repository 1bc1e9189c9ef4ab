"""How values read as text, and the filters that make text of text.

Each filter is charged for what it reads and gives, so none needs a limit of its own; only `replace` and `append`
could give far more than they read, and look before they leap.
"""

import base64
import binascii
import html
import json
import re
import urllib.parse
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from workflows.definition.json_values import Json
from workflows.definition.limits import RENDERED_SIZE


class FilterFailed(ValueError):
    """A filter cannot work on this value; the message is a plain sentence."""


class SafeText(str):
    """Text that needs no further escaping in HTML."""

    __slots__ = ()


def as_text(value: object) -> str:
    """What an output writes: text as it is, null as nothing, lists and objects as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool | int | float | list | dict):
        return as_json(value)
    return ""


def as_json(value: object) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def whole_number(value: object, what: str) -> int:
    """An integer argument of a filter."""
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if isinstance(text, int) and not isinstance(text, bool):
        return max(-(10**18), min(10**18, text))
    raise FilterFailed(_("“%(what)s” needs a whole number.") % {"what": what})


def fits(size: int) -> None:
    """Refuse a result before it is made."""
    if size > RENDERED_SIZE:
        raise FilterFailed(
            _("The result is too long; a rendering may give %(most)d characters.") % {"most": RENDERED_SIZE}
        )


def append(value: Json, end: Json) -> str:
    return as_text(value) + as_text(end)


def prepend(value: Json, start: Json) -> str:
    return as_text(start) + as_text(value)


def replace(value: Json, old: Json, new: Json = "") -> str:
    text, old_text, new_text = as_text(value), as_text(old), as_text(new)
    fits(len(text) + text.count(old_text) * (len(new_text) - len(old_text)))
    return text.replace(old_text, new_text)


def replace_first(value: Json, old: Json, new: Json = "") -> str:
    return as_text(value).replace(as_text(old), as_text(new), 1)


def remove(value: Json, old: Json) -> str:
    return replace(value, old)


def remove_first(value: Json, old: Json) -> str:
    return replace_first(value, old)


def slice_(value: Json, start: Json, length: Json = 1) -> Json:
    sequence = value if isinstance(value, list) else as_text(value)
    first, count = whole_number(start, "slice"), whole_number(length, "slice")
    first = max(0, first + len(sequence)) if first < 0 else first
    return sequence[first : first + max(0, count)]


def split(value: Json, separator: Json = " ") -> list[Json]:
    text, mark = as_text(value), as_text(separator)
    if not text:
        return []
    if not mark:
        return list(text)
    return list(text.split(None if mark == " " else mark))


def truncate(value: Json, length: Json = 50, end: Json = "…") -> str:
    text, most, tail = as_text(value), whole_number(length, "truncate"), as_text(end)
    return text if len(text) <= most else text[: max(0, most - len(tail))] + tail


def truncatewords(value: Json, count: Json = 15, end: Json = "…") -> str:
    most = max(1, whole_number(count, "truncatewords"))
    words = as_text(value).split(None, most)
    return " ".join(words) if len(words) <= most else " ".join(words[:most]) + as_text(end)


def escape(value: Json) -> str:
    return SafeText(html.escape(as_text(value)))


def newline_to_br(value: Json) -> str:
    return re.sub(r"\r?\n", "<br>\n", as_text(value))


def newline_to_br_in_html(value: Json) -> str:
    return SafeText(newline_to_br(value if isinstance(value, SafeText) else escape(value)))


def strip_newlines(value: Json) -> str:
    return re.sub(r"\r?\n", "", as_text(value))


def url_encode(value: Json) -> str:
    return urllib.parse.quote(_bytes(value), safe="")


def url_decode(value: Json) -> str:
    return urllib.parse.unquote_plus(as_text(value))


def base64_encode(value: Json) -> str:
    return base64.b64encode(_bytes(value)).decode("ascii")


def base64_decode(value: Json) -> str:
    try:
        return base64.b64decode(as_text(value), validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as problem:
        raise FilterFailed(_("This is not base64 of UTF-8 text.")) from problem


def _bytes(value: Json) -> bytes:
    return as_text(value).encode("utf-8", "surrogatepass")


FILTERS: dict[str, Callable[..., Any]] = {
    "append": append,
    "base64_decode": base64_decode,
    "base64_encode": base64_encode,
    "capitalize": lambda value: as_text(value).capitalize(),
    "downcase": lambda value: as_text(value).lower(),
    "escape": escape,
    "json": as_json,
    "lstrip": lambda value: as_text(value).lstrip(),
    "newline_to_br": newline_to_br,
    "prepend": prepend,
    "remove": remove,
    "remove_first": remove_first,
    "replace": replace,
    "replace_first": replace_first,
    "rstrip": lambda value: as_text(value).rstrip(),
    "slice": slice_,
    "split": split,
    "squish": lambda value: " ".join(as_text(value).split()),
    "strip": lambda value: as_text(value).strip(),
    "strip_newlines": strip_newlines,
    "truncate": truncate,
    "truncatewords": truncatewords,
    "upcase": lambda value: as_text(value).upper(),
    "url_decode": url_decode,
    "url_encode": url_encode,
}
