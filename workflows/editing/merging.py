"""Taking over one part of another version of a definition, so that two sides can be joined part by part."""

from typing import Any

from workflows.editing.operations import Document, Edited, insert, remove
from workflows.editing.paths import ABSENT, NoSuchPlace, look, put, split
from workflows.editing.slots import slots_of
from workflows.editing.tree import named_parts

SETTINGS = "settings"


def adoptable(mine: Document, theirs: Document) -> list[tuple[str, str]]:
    """The parts that differ and can be taken over each by itself: `("step", id)`, `("trigger", id)`, `("settings", "")`.

    Steps that hold other steps are not among them: what they hold may have moved.
    """
    ids = dict.fromkeys((_kind(path), id_) for path, id_ in (*named_parts(mine), *named_parts(theirs)) if id_)
    parts = [*ids, *([(SETTINGS, "")] if mine.get(SETTINGS) != theirs.get(SETTINGS) else [])]
    return [part for part in parts if _differs(mine, theirs, *part)]


def adopt(mine: Document, theirs: Document, kind: str, id_: str) -> Edited:
    """My document with that part as it is in theirs: changed, put back, or taken away. Raises NoSuchPlace."""
    if (kind, id_) not in adoptable(mine, theirs):
        raise NoSuchPlace(id_)
    if kind == SETTINGS:
        return Edited(put(mine, SETTINGS, theirs.get(SETTINGS, ABSENT)), SETTINGS)
    here, there = _path(mine, kind, id_), _path(theirs, kind, id_)
    if not there:
        return remove(mine, here)
    value = look(theirs, there)
    if here:
        return Edited(put(mine, here, value), here)
    root = there.partition(".")[0]
    return insert(mine, there if isinstance(look(mine, split(there)[0]), list) else f"{root}.0", value)


def _kind(path: str) -> str:
    return "trigger" if path.startswith("triggers.") else "step"


def _path(document: Document, kind: str, id_: str) -> str:
    return next((path for path, one in named_parts(document) if one == id_ and _kind(path) == kind), "")


def _differs(mine: Document, theirs: Document, kind: str, id_: str) -> bool:
    if kind == SETTINGS:
        return True
    sides: list[Any] = []
    for document in (mine, theirs):
        path = _path(document, kind, id_)
        sides.append(look(document, path) if path else ABSENT)
    return sides[0] != sides[1] and not any(slots_of(side) for side in sides if side is not ABSENT)
