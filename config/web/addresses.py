"""The address is the state: one order of parameters, defaults and empty ones left out."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

TRANSIENT = ("since",)


def query(data: QueryDict, changes: Mapping[str, object] | None = None, *, order: Iterable[str] = ()) -> str:
    """The query string for these parameters with changes (None removes), beginning with `?` unless it is empty.

    Parameters named in `order` come first, in that order; several values of one name are joined by commas;
    `since` (the mark of a poll) never stays.
    """
    values = {name: ",".join(v for v in data.getlist(name) if v) for name in data if name not in TRANSIENT}
    values |= {name: "" if value is None else str(value) for name, value in (changes or {}).items()}
    first = [name for name in order if name in values]
    names = [*first, *(name for name in values if name not in first)]
    pairs = [(name, values[name]) for name in names if values[name]]
    return f"?{urlencode(pairs, safe=',:/')}" if pairs else ""


def here(
    request: HttpRequest, changes: Mapping[str, object] | None = None, *, order: Iterable[str] = ()
) -> str:
    """This page's path with the changed query."""
    return request.path + query(request.GET, changes, order=order)
