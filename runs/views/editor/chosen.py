"""What the editor shows, from its address: a way of looking, and the part that is opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from workflows.editing.paths import NoSuchPlace, list_at, look, split
from workflows.editing.tree import named_parts
from workflows.forms.parts.known import SETTINGS_PATH

FORM, TEXT, DRAWING = "form", "text", "drawing"
MODES: Final = (FORM, DRAWING, TEXT)
FIRST_TRIGGER: Final = "triggers.0"


@dataclass(frozen=True)
class Chosen:
    """`path` is the opened part, `field` the place in it that is asked about; `add` where something is to be put.

    `at` is a place of the text.
    """

    mode: str = FORM
    path: str = ""
    field: str = ""
    add: str = ""
    at: str = ""
    search: str = ""


def choose(params: Mapping[str, str], document: dict[str, Any] | None) -> Chosen:
    """What the address means for this document; what is not there opens nothing. Without a document: the text."""
    mode, at = params.get("mode", FORM), params.get("at", "")
    if document is None or mode == TEXT:
        return Chosen(TEXT, at=at)
    if mode == DRAWING:
        return Chosen(DRAWING)
    if at:
        return _at(at, document)
    add = params.get("add", "")
    if add and _is_place(document, add):
        return Chosen(add=add, search=params.get("q", ""))
    if params.get("part") == SETTINGS_PATH:
        return Chosen(path=SETTINGS_PATH)
    path = _named(params, named_parts(document))
    if path:
        return Chosen(path=path)
    return Chosen(add="" if document.get("triggers") else FIRST_TRIGGER, search=params.get("q", ""))


def _named(params: Mapping[str, str], parts: list[tuple[str, str]]) -> str:
    for name, root in (("step", "steps."), ("trigger", "triggers.")):
        wanted = params.get(name, "")
        for path, id_ in parts if wanted else ():
            if path.startswith(root) and wanted in (id_, path):
                return path
    return ""


def _at(at: str, document: dict[str, Any]) -> Chosen:
    """The innermost part around a place, and the place in it."""
    if at.partition(".")[0] == SETTINGS_PATH:
        return Chosen(path=SETTINGS_PATH, field=at.partition(".")[2], at=at)
    around = [path for path, _id in named_parts(document) if f"{at}.".startswith(f"{path}.")]
    if around:
        path = max(around, key=len)
        return Chosen(path=path, field=at.removeprefix(path).removeprefix("."), at=at)
    is_list = isinstance(look(document, at), list) or at in ("triggers", "steps")
    return Chosen(add=f"{at}.0" if is_list else "", at=at)


def _is_place(document: dict[str, Any], path: str) -> bool:
    try:
        parent, place = split(path)
        is_inside = "." not in parent or look(document, parent.rpartition(".")[0]) is not None
        return is_inside and place <= len(list_at(document, parent))
    except NoSuchPlace:
        return False


def query_of(document: dict[str, Any], path: str) -> str:
    """The address's query that opens the part at a path: by its id, or by its place where the id is no help."""
    if path == SETTINGS_PATH:
        return urlencode({"part": SETTINGS_PATH})
    root = path.partition(".")[0]
    parts = dict(part for part in named_parts(document) if part[0].startswith(f"{root}."))
    if path not in parts:
        return ""
    id_ = parts[path]
    is_alone = bool(id_) and list(parts.values()).count(id_) == 1
    return urlencode({"trigger" if root == "triggers" else "step": id_ if is_alone else path})
