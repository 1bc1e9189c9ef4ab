"""JSON text to values and back, to the byte."""

import json
import math
import re
from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from workflows.definition.json_values import Json

LONGEST_NUMBER = 4_300
"""Digits; Python reads no longer integer."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class TextRefused(ValueError):
    """A text is not what it should be; `code` is stable, the message a plain sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def load_json(text: str) -> Any:
    """The value; raises TextRefused. Integers stay exact; NaN, Infinity and repeated keys are refused."""
    try:
        return json.loads(
            text,
            object_pairs_hook=without_repeats,
            parse_int=read_integer,
            parse_float=read_fraction,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as wrong:
        place = {"line": wrong.lineno, "column": wrong.colno, "problem": wrong.msg}
        sentence = _("The text is not JSON: line %(line)d, column %(column)d: %(problem)s.")
        raise TextRefused("not_json", sentence % place) from wrong
    except RecursionError as deep:
        raise too_deep() from deep


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of these pairs; raises TextRefused where a key stands twice."""
    value = dict(pairs)
    if len(value) < len(pairs):
        again = next(iter(Counter(key for key, _value in pairs) - Counter(list(value))))
        raise TextRefused(
            "duplicate_key", _("The key “%(key)s” stands twice in one object.") % {"key": again[:100]}
        )
    return value


def read_integer(text: str) -> int:
    """An integer of the length that numbers may have; raises TextRefused."""
    if len(text.lstrip("-")) > LONGEST_NUMBER:
        raise TextRefused(
            "number_too_long", _("A number has more than %(most)d digits.") % {"most": LONGEST_NUMBER}
        )
    return int(text)


def read_fraction(text: str) -> float:
    """A number with fraction or exponent; raises TextRefused where it is too large to be one."""
    number = float(text)
    if not math.isfinite(number):
        raise TextRefused("number_too_long", _("The number %(number)s is too large.") % {"number": text[:40]})
    return number


def too_deep() -> TextRefused:
    """The refusal of a text whose parts nest without end."""
    return TextRefused("too_deep", _("Lists and objects stand too deep inside each other."))


def _refuse_constant(name: str) -> None:
    raise TextRefused("not_json", _("%(name)s is not a JSON number.") % {"name": name})


def dump(document: Json) -> str:
    """The canonical text of a definition: two blanks of indentation, keys in their order, one line end at the end.

    Reading it and dumping it again gives the same text. Null characters and halves of characters stay escaped, so
    the text is valid UTF-8.
    """
    return escape_halves(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def compact(document: Json) -> str:
    """The shortest text of a value, by which its size is measured."""
    return escape_halves(json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def escape_halves(text: str) -> str:
    """JSON text with halves of characters written as escapes; two halves that belong together become one."""
    if _SURROGATE.search(text) is None:
        return text
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return _SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", joined)
