"""The allow list of filters and how they are called."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _
from liquid.builtin.expressions.primitive import Blank, Empty

from workflows.definition.json_values import Json
from workflows.definition.liquid import dates, lists, numbers, text

FILTERS: dict[str, Callable[..., Any]] = {**text.FILTERS, **numbers.FILTERS, **lists.FILTERS, **dates.FILTERS}
IN_HTML = {"newline_to_br": text.newline_to_br_in_html}
"""Filters that behave differently where outputs are escaped."""

_SIGNATURES = {name: inspect.signature(function) for name, function in FILTERS.items()}


def problem_with_call(name: str, positional: int, keywords: Iterable[str]) -> str:
    """A sentence on why a filter cannot be called so, or nothing."""
    if name not in _SIGNATURES:
        known = ", ".join(sorted(FILTERS))
        return _("There is no filter “%(name)s”; offered are %(known)s.") % {
            "name": name[:40],
            "known": known,
        }
    try:
        _SIGNATURES[name].bind(None, *range(positional), **dict.fromkeys(keywords))
    except TypeError:
        return _("The filter “%(name)s” is given too few or too many values.") % {"name": name}
    return ""


def call(
    name: str, value: object, positional: list[object], keywords: dict[str, object], *, in_html: bool
) -> Json:
    """The filter's result; raises FilterFailed."""
    function = IN_HTML.get(name, FILTERS[name]) if in_html else FILTERS[name]
    return function(
        plain(value), *map(plain, positional), **{key: plain(kept) for key, kept in keywords.items()}
    )


def plain(value: object) -> Any:
    """Liquid's words `empty` and `blank` stand for empty text outside comparisons."""
    return "" if isinstance(value, Empty | Blank) else value
