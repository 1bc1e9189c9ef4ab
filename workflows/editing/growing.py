"""What an editor adds: steps and triggers of a kind, further groups of a field, rows of a condition."""

import copy
from typing import Any, Final

from workflows.editing.operations import Document, Edited, insert, remove
from workflows.editing.paths import ABSENT, NoSuchPlace, list_at, look, put, split
from workflows.editing.renaming import free_id, ids_in
from workflows.editing.shapes import Shape
from workflows.steps.base import kinds as step_kinds
from workflows.triggers.base import kinds as trigger_kinds

TRIGGERS: Final = "triggers"
COMPARISON: Final[dict[str, Any]] = {"left": "", "op": "is", "right": ""}
GROUPS: Final = ("all", "any")


def add(document: Document, path: str, kind: str) -> Edited:
    """A new trigger or step of a kind, with an id of its own, before what stands at the path now."""
    is_trigger = split(path)[0] == TRIGGERS
    known = trigger_kinds().get(kind) if is_trigger else step_kinds().get(kind)
    if known is None:
        raise NoSuchPlace(kind)
    more = {} if is_trigger else dict(step_kinds()[kind].begins_with)
    new = {"id": free_id(kind, ids_in(document)), "kind": kind, **copy.deepcopy(more)}
    return insert(document, path, new)


def blank(shapes: tuple[Shape, ...]) -> dict[str, Any]:
    """The smallest group of these fields: what must be there, and lists for steps."""
    needed = {one.name: one.choices[0] if one.choices else "" for one in shapes if one.required}
    return needed | {one.name: [] for one in shapes if one.control == "steps"}


def add_group(document: Document, path: str, shape: Shape) -> Edited:
    """One more group at the end of a field that has several, or the one group of a field that has none yet."""
    if shape.control == "group":
        return Edited(put(document, path, blank(shape.parts)), path)
    if shape.control != "groups":
        raise NoSuchPlace(path)
    return insert(document, f"{path}.{len(list_at(document, path))}", blank(shape.parts))


def add_comparison(document: Document, path: str, *, grouped: bool = False) -> Edited:
    """One more row in the condition at a path; with `grouped` one within a group of its own.

    Without a condition it begins one; beside a single comparison both must hold.
    """
    row = {"all": [dict(COMPARISON)]} if grouped else dict(COMPARISON)
    now = look(document, path)
    if now is ABSENT or now is None:
        return Edited(put(document, path, {"all": [row]}), f"{path}.all.0")
    mode = next((mode for mode in GROUPS if isinstance(now, dict) and mode in now), None)
    if mode is None:
        return Edited(put(document, path, {"all": [now, row]}), f"{path}.all.1")
    return insert(document, f"{path}.{mode}.{len(list_at(document, f'{path}.{mode}'))}", row)


def drop_comparison(document: Document, path: str, field: str) -> Edited:
    """Take a row away from the condition in a field, and each group that is empty then."""
    while path != field:
        parent = path.rpartition(".")[0]
        if isinstance(look(document, parent), list):
            document = remove(document, path).document
            if look(document, parent):
                return Edited(document)
            parent = parent.rpartition(".")[0]
        path = parent
        if not path.startswith(field):
            raise NoSuchPlace(path)
    return remove(document, field)
