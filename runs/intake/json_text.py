"""JSON that comes in and JSON that is stored, without loss."""

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _

Json = None | bool | int | float | str | list[Any] | dict[str, Any]

MOST_DIGITS = 4300
_SURROGATE = re.compile("[\ud800-\udfff]")
_COMPACT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class BodyRefused(ValueError):
    """The body is not what its content type says, or holds what cannot be kept; the text is a plain sentence."""


def parse_json(content: bytes | str) -> Json:
    """Strict JSON in UTF-8, a byte order mark allowed; raises BodyRefused.

    Whole numbers up to 4,300 digits stay exact, keys keep their order, nesting up to settings.JSON_DEPTH.
    """
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        value = _STRICT.decode(text)
    except UnicodeDecodeError:
        raise BodyRefused(_("The body is not valid UTF-8.")) from None
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as wrong:
        place = {"line": wrong.lineno, "column": wrong.colno}
        raise BodyRefused(
            _("The body is not valid JSON (line %(line)d, column %(column)d).") % place
        ) from None
    if text.count("{") + text.count("[") > settings.JSON_DEPTH:
        _require_shallow(value, settings.JSON_DEPTH)
    return value


def to_text(value: Json) -> str:
    """JSON text for storage: keys in order, whole numbers exact, NUL and lone surrogates escaped.

    So it is valid UTF-8 without NUL, which every database takes. Raises ValueError for NaN and infinity.
    """
    text = _COMPACT.encode(value)
    return text if text.isascii() else _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def readable(value: Json) -> str:
    """JSON text for people: on lines of its own, indented. Half characters are escaped, so that it can be sent."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def from_text(text: str) -> Json:
    """What `to_text` was given."""
    return json.loads(text)


def _whole(digits: str) -> int:
    if len(digits.removeprefix("-")) > MOST_DIGITS:
        raise BodyRefused(_("A number in the body has more than 4,300 digits."))
    return int(digits)


def _decimal(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise BodyRefused(_("The number %(text)s in the body is too large.") % {"text": text[:40]})
    return number


def _no_number(name: str) -> NoReturn:
    raise BodyRefused(_("%(name)s in the body is not valid JSON.") % {"name": name})


_STRICT = json.JSONDecoder(parse_int=_whole, parse_float=_decimal, parse_constant=_no_number)


def _require_shallow(value: Json, deepest: int) -> None:
    level = _containers([value])
    for _level in range(deepest):
        level = _containers(child for item in level for child in _children(item))
    if level:
        raise _too_deep()


def _containers(values: Iterable[Json]) -> list[list[Any] | dict[str, Any]]:
    return [value for value in values if isinstance(value, list | dict)]


def _children(container: list[Any] | dict[str, Any]) -> Iterable[Json]:
    return container.values() if isinstance(container, dict) else container


def _too_deep() -> BodyRefused:
    return BodyRefused(_("The body is nested deeper than %(depth)d levels.") % {"depth": settings.JSON_DEPTH})
