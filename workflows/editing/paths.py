"""Places in a document, as findings name them: `steps.2.branches.0.steps.1`."""

from typing import Any, Final

ABSENT: Final = object()
"""What stands at a place where nothing is written."""


class NoSuchPlace(LookupError):
    """The document has nothing at a place, or nothing that an act could be done to."""


def split(path: str) -> tuple[str, int]:
    """The list that a path's last number counts in, and that number; raises NoSuchPlace where it ends in none."""
    parent, _dot, last = path.rpartition(".")
    if not (parent and last.isascii() and last.isdigit() and len(last) < 7):
        raise NoSuchPlace(path)
    return parent, int(last)


def look(document: Any, path: str) -> Any:
    """What stands at a path, or ABSENT."""
    here = document
    for part in path.split(".") if path else ():
        here = _inner(here, part)
    return here


def _inner(container: Any, part: str) -> Any:
    if isinstance(container, dict):
        return container.get(part, ABSENT)
    if isinstance(container, list) and part.isascii() and part.isdigit() and len(part) < 7:
        return container[int(part)] if int(part) < len(container) else ABSENT
    return ABSENT


def put(document: Any, path: str, value: Any) -> Any:
    """The document with a value at a path, or for ABSENT without the key; raises NoSuchPlace where its parent is missing."""
    part, _dot, rest = path.partition(".")
    if not rest:
        return _with(document, part, value)
    inner = _inner(document, part)
    if inner is ABSENT:
        raise NoSuchPlace(path)
    return _with(document, part, put(inner, rest, value))


def _with(container: Any, part: str, value: Any) -> Any:
    if isinstance(container, dict):
        if value is ABSENT:
            return {key: one for key, one in container.items() if key != part}
        return {**container, part: value}
    if isinstance(container, list) and value is not ABSENT and _inner(container, part) is not ABSENT:
        return [value if place == int(part) else one for place, one in enumerate(container)]
    raise NoSuchPlace(part)


def list_at(document: Any, path: str) -> list[Any]:
    """The list at a path, empty where none is written; raises NoSuchPlace for anything else."""
    found = look(document, path)
    if found is ABSENT:
        return []
    if not isinstance(found, list):
        raise NoSuchPlace(path)
    return found
