"""The acts of the editor's buttons, and what is said about them. The operations are in `workflows.editing`."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.editing import growing, operations
from workflows.editing.operations import Document, Edited
from workflows.editing.paths import ABSENT, NoSuchPlace, look, put, split
from workflows.editing.tree import title_of
from workflows.forms.parts import part_at

Opened = tuple[Edited, str]


@dataclass(frozen=True)
class Acted:
    """The new document, the part to open next, and what is said. Such an act can be undone."""

    document: Document
    opened: str
    said: str | Promise


def act(document: Document, verb: str, arguments: tuple[str, ...]) -> Acted:
    """Perform one act; raises NoSuchPlace for one that is not known or not possible there."""
    if verb not in ACTS:
        raise NoSuchPlace(verb)
    function, said = ACTS[verb]
    try:
        signature(function).bind(document, *arguments)
    except TypeError as wrong:
        raise NoSuchPlace(verb) from wrong
    edited, opened = function(document, *arguments)
    return Acted(edited.document, opened, said % {"title": title_of(look(document, arguments[0]))})


def _moving(operation: Callable[[Document, str], Edited]) -> Callable[[Document, str], Opened]:
    def perform(document: Document, path: str) -> Opened:
        edited = operation(document, path)
        return edited, edited.path

    return perform


def _move(document: Document, source: str, target: str) -> Opened:
    if source.partition(".")[0] != target.partition(".")[0]:
        raise NoSuchPlace(target)
    edited = operations.move(document, source, target)
    return edited, edited.path


def _add(document: Document, path: str, kind: str) -> Opened:
    edited = growing.add(document, path, kind)
    return edited, edited.path


def _remove(document: Document, path: str) -> Opened:
    """Opens what stands there then, else the one before, else the one around."""
    parent, place = split(path)
    edited = operations.remove(document, path)
    for beside in (path, f"{parent}.{place - 1}" if place else ""):
        if beside and look(edited.document, beside) is not ABSENT:
            return edited, beside
    try:
        return edited, operations.step_around(document, path)
    except NoSuchPlace:
        return edited, ""


def _item(document: Document, part: str, field: str) -> Opened:
    known = part_at(document, part)
    shapes = {shape.name: shape for shape in known.shapes} if known else {}
    if field not in shapes:
        raise NoSuchPlace(field)
    return growing.add_group(document, f"{part}.{field}", shapes[field]), part


def _clear(document: Document, part: str, field: str) -> Opened:
    if look(document, f"{part}.{field}") is ABSENT:
        raise NoSuchPlace(field)
    return operations.remove(document, f"{part}.{field}"), part


def _shift(way: int) -> Callable[[Document, str, str], Opened]:
    """Moving one of several groups of a field."""

    def perform(document: Document, part: str, field: str) -> Opened:
        list_path, _dot, place = f"{part}.{field}".rpartition(".")
        if not (place.isdigit() and int(place) + way >= 0):
            raise NoSuchPlace(field)
        target = int(place) + (way if way < 0 else way + 1)
        return operations.move(document, f"{part}.{field}", f"{list_path}.{target}"), part

    return perform


def _row(document: Document, part: str, field: str, grouped: str = "") -> Opened:
    return growing.add_comparison(
        _with_settings(document, part), f"{part}.{field}", grouped=bool(grouped)
    ), part


def _drop(document: Document, part: str, row: str, field: str) -> Opened:
    return growing.drop_comparison(document, f"{part}.{row}", f"{part}.{field}"), part


def _with_settings(document: Document, part: str) -> Document:
    return put(document, part, {}) if look(document, part) is ABSENT else document


ACTS: Final[dict[str, tuple[Callable[..., Opened], str | Promise]]] = {
    "add": (_add, _("Added.")),
    "move": (_move, _("Moved %(title)s.")),
    "up": (_moving(operations.move_up), _("Moved %(title)s up.")),
    "down": (_moving(operations.move_down), _("Moved %(title)s down.")),
    "in": (_moving(operations.move_in), _("Moved %(title)s into the step above.")),
    "out": (_moving(operations.move_out), _("Moved %(title)s out.")),
    "duplicate": (_moving(operations.duplicate), _("Duplicated %(title)s.")),
    "off": (_moving(operations.toggle), _("Switched %(title)s off.")),
    "on": (_moving(operations.toggle), _("Switched %(title)s on.")),
    "remove": (_remove, _("Removed %(title)s.")),
    "item": (_item, _("Added.")),
    "clear": (_clear, _("Removed.")),
    "earlier": (_shift(-1), _("Moved up.")),
    "later": (_shift(1), _("Moved down.")),
    "row": (_row, _("Added a condition.")),
    "drop": (_drop, _("Removed a condition.")),
}
