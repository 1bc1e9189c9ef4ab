"""The filters that calculate. Integers stay exact; with a fraction the sum is decimal and given as a number."""

import math
import re
from collections.abc import Callable
from decimal import Context, Decimal, InvalidOperation, Overflow
from typing import Any

from django.utils.translation import gettext as _

from workflows.definition.json_values import Json
from workflows.definition.liquid.text import FilterFailed, whole_number

Number = int | float
LARGEST = 10**4300
"""JSON integers here have at most 4,300 digits."""

_NUMBER = re.compile(
    r"-?[0-9]{1,4300}(?P<fraction>\.[0-9]{1,4300})?(?P<exponent>[eE][-+]?[0-9]{1,4})?", re.ASCII
)
_DECIMAL = Context(prec=40, traps=[InvalidOperation, Overflow])


def number_in(text: str) -> Number | None:
    """The number that `text` writes in the way of JSON, spaces around it allowed; None if it does not."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    if not match["fraction"] and not match["exponent"]:
        return int(match.group())
    number = float(match.group())
    return number if math.isfinite(number) else None


def number_of(value: Json) -> Number:
    """The value as a number; raises FilterFailed where it is none."""
    number = number_in(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise FilterFailed(_("A number is needed here."))
    return number


def _calculated(
    exact: Callable[[int, int], int], decimal: Callable[[Decimal, Decimal], Decimal]
) -> Callable[[Json, Json], Number]:
    def calculate(value: Json, other: Json) -> Number:
        left, right = number_of(value), number_of(other)
        try:
            if isinstance(left, int) and isinstance(right, int):
                return _bounded(exact(left, right))
            return _bounded(float(decimal(Decimal(str(left)), Decimal(str(right)))))
        except ZeroDivisionError as problem:
            raise FilterFailed(_("A number cannot be divided by 0.")) from problem
        except ArithmeticError as problem:
            raise FilterFailed(_("The result of the calculation is too large.")) from problem

    return calculate


def _bounded(number: Number) -> Number:
    if abs(number) >= LARGEST or not (isinstance(number, int) or math.isfinite(number)):
        raise FilterFailed(_("The result of the calculation is too large."))
    return number


def _divided(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise ZeroDivisionError
    return _DECIMAL.divide(left, right)


def _remainder(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise ZeroDivisionError
    return _DECIMAL.subtract(
        left, _DECIMAL.multiply(_DECIMAL.divide(left, right).to_integral_value("ROUND_FLOOR"), right)
    )


def round_(value: Json, digits: Json = 0) -> Number:
    places = whole_number(digits, "round")
    number = number_of(value)
    if isinstance(number, int):
        return number
    return round(number) if places <= 0 else round(number, min(places, 20))


FILTERS: dict[str, Callable[..., Any]] = {
    "abs": lambda value: abs(number_of(value)),
    "at_least": lambda value, least: max(number_of(value), number_of(least)),
    "at_most": lambda value, most: min(number_of(value), number_of(most)),
    "ceil": lambda value: math.ceil(number_of(value)),
    "divided_by": _calculated(lambda left, right: left // right, _divided),
    "floor": lambda value: math.floor(number_of(value)),
    "minus": _calculated(lambda left, right: left - right, _DECIMAL.subtract),
    "modulo": _calculated(lambda left, right: left % right, _remainder),
    "plus": _calculated(lambda left, right: left + right, _DECIMAL.add),
    "round": round_,
    "times": _calculated(lambda left, right: left * right, _DECIMAL.multiply),
}
