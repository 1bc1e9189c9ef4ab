"""Comparing two JSON values. A number and text that is a number compare as numbers; other mixed kinds do not compare."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.definition.json_values import Json
from workflows.definition.liquid.numbers import number_in
from workflows.steps.errors import StepError

KINDS = {
    bool: gettext_lazy("a truth value"),
    int: gettext_lazy("a number"),
    float: gettext_lazy("a number"),
    str: gettext_lazy("text"),
    list: gettext_lazy("a list"),
    dict: gettext_lazy("an object"),
    type(None): gettext_lazy("nothing"),
}


class ConditionError(StepError):
    """Two values that a condition names cannot be compared."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, permanent=True, code="condition_failed")


def is_number(value: Json) -> bool:
    """Whether JSON calls it a number; truth values are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def equal(left: Json, right: Json) -> bool:
    """Whether two values are the same. Nothing equals only nothing; other mixed kinds raise ConditionError."""
    if left is None or right is None:
        return left is right
    left, right = _alike(left, right)
    return _same(left, right)


def compare(left: Json, right: Json) -> int:
    """Below 0 if left comes first, above 0 if right does. Numbers and texts only."""
    left, right = _alike(left, right)
    if not (isinstance(left, str) or is_number(left)):
        raise ConditionError(
            _("%(kind)s has no order; only numbers and texts can be greater or smaller.")
            % {"kind": str(KINDS[type(left)]).capitalize()}
        )
    return (left > right) - (left < right)  # type: ignore[operator]


def contains(whole: Json, part: Json) -> bool:
    """Whether a text has a text within it, a list an item, or an object a key."""
    if isinstance(whole, list):
        return any(_same_or_number(item, part) for item in whole)
    if isinstance(whole, str) and (isinstance(part, str) or is_number(part)):
        return str(part) in whole
    if isinstance(whole, dict) and isinstance(part, str):
        return part in whole
    raise ConditionError(
        _("Whether %(whole)s holds %(part)s cannot be asked.")
        % {"whole": KINDS[type(whole)], "part": KINDS[type(part)]}
    )


def text_of(value: Json) -> str:
    """The value, if it is text; numbers are read as text too."""
    if isinstance(value, str):
        return value
    if is_number(value):
        return str(value)
    raise ConditionError(
        _("How %(kind)s begins or ends cannot be asked; only texts do.") % {"kind": KINDS[type(value)]}
    )


def _alike(left: Json, right: Json) -> tuple[Json, Json]:
    if is_number(left) and isinstance(right, str):
        right = _number_or(right)
    elif is_number(right) and isinstance(left, str):
        left = _number_or(left)
    if type(left) is type(right) or (is_number(left) and is_number(right)):
        return left, right
    raise ConditionError(
        _("%(left)s and %(right)s cannot be compared.")
        % {"left": str(KINDS[type(left)]).capitalize(), "right": KINDS[type(right)]}
    )


def _number_or(text: str) -> Json:
    number = number_in(text)
    return text if number is None else number


def _same_or_number(item: Json, part: Json) -> bool:
    try:
        return equal(item, part)
    except ConditionError:
        return False


def _same(left: Json, right: Json) -> bool:
    """Equality of JSON, where true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(value, right[key]) for key, value in left.items())
    return left == right
