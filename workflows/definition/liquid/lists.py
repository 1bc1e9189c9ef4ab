"""The filters that work on lists; a value that is no list counts as a list of one, null as an empty one."""

from collections.abc import Callable
from typing import Any

from workflows.definition.json_values import Json
from workflows.definition.liquid.numbers import FILTERS as CALCULATIONS
from workflows.definition.liquid.text import as_json, as_text, fits

_KINDS = {bool: 1, int: 2, float: 2, str: 3, list: 4, dict: 5}


def items_of(value: Json) -> list[Json]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def join(value: Json, separator: Json = " ") -> str:
    texts, mark = [as_text(item) for item in items_of(value)], as_text(separator)
    fits(sum(len(text) for text in texts) + len(mark) * len(texts))
    return mark.join(texts)


def concat(value: Json, more: Json) -> list[Json]:
    return [*items_of(value), *items_of(more)]


def field(item: Json, name: Json) -> Json:
    return item.get(as_text(name)) if isinstance(item, dict) else None


def map_(value: Json, name: Json) -> list[Json]:
    return [field(item, name) for item in items_of(value)]


def where(value: Json, name: Json, wanted: Json = None) -> list[Json]:
    if wanted is None:
        return [item for item in items_of(value) if field(item, name) not in (None, False)]
    return [item for item in items_of(value) if _key(field(item, name)) == _key(wanted)]


def sort(value: Json, name: Json = None) -> list[Json]:
    return sorted(items_of(value), key=lambda item: _key(item if name is None else field(item, name)))


def uniq(value: Json, name: Json = None) -> list[Json]:
    found: dict[Any, Json] = {}
    for item in items_of(value):
        found.setdefault(_key(item if name is None else field(item, name)), item)
    return list(found.values())


def sum_(value: Json, name: Json = None) -> Json:
    total: Json = 0
    for item in items_of(value):
        total = CALCULATIONS["plus"](total, item if name is None else field(item, name))
    return total


def compact(value: Json) -> list[Json]:
    return [item for item in items_of(value) if item is not None]


def size(value: Json) -> int:
    return len(value) if isinstance(value, str | list | dict) else 0


def first(value: Json) -> Json:
    return value[0] if isinstance(value, list) and value else None


def last(value: Json) -> Json:
    return value[-1] if isinstance(value, list) and value else None


def default(value: Json, otherwise: Json = "", *, allow_false: Json = False) -> Json:
    if value is False:
        return value if allow_false is True else otherwise
    return otherwise if value is None or value in ("", [], {}) else value


def _key(item: Json) -> tuple[int, Any]:
    """Orders any values: null, truth values, numbers, text, then lists and objects by their JSON."""
    kind = _KINDS.get(type(item), 3 if isinstance(item, str) else 0)
    return kind, (as_json(item) if kind >= 4 else 0 if item is None else item)


FILTERS: dict[str, Callable[..., Any]] = {
    "compact": compact,
    "concat": concat,
    "default": default,
    "first": first,
    "join": join,
    "last": last,
    "map": map_,
    "reverse": lambda value: items_of(value)[::-1],
    "size": size,
    "sort": sort,
    "sum": sum_,
    "uniq": uniq,
    "where": where,
}
