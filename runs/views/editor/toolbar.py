"""The buttons above an opened part: what can be done with it as a whole."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runs.views.editor.acts import act
from workflows.editing.paths import NoSuchPlace
from workflows.editing.tree import Node

_TOOLS: Final = (
    ("up", _("Move up"), "arrow-up"),
    ("down", _("Move down"), "arrow-down"),
    ("in", _("Move into the step above"), "list-indent-increase"),
    ("out", _("Move out"), "list-indent-decrease"),
    ("duplicate", _("Duplicate"), "copy"),
    ("off", _("Switch off"), "toggle-right"),
    ("remove", _("Remove"), "trash-2"),
)
_ON: Final = ("on", _("Switch on"), "toggle-left")
_OF_STEPS: Final = frozenset({"in", "out", "off"})


@dataclass(frozen=True)
class Tool:
    """One button; what is not possible there is shown, but does nothing. `key` stays the same whatever it does."""

    key: str
    do: str
    label: str | Promise
    icon: str
    is_possible: bool


def tools(document: dict[str, Any], node: Node) -> list[Tool]:
    """The buttons for a trigger or step."""
    is_step = node.path.startswith("steps.")
    return [_tool(document, node, *one) for one in _TOOLS if is_step or one[0] not in _OF_STEPS]


def _tool(document: dict[str, Any], node: Node, verb: str, label: str | Promise, icon: str) -> Tool:
    key = verb
    if verb == "off" and not node.is_enabled:
        verb, label, icon = _ON
    return Tool(key, f"{verb} {node.path}", label, icon, _is_possible(document, verb, node.path))


def _is_possible(document: dict[str, Any], verb: str, path: str) -> bool:
    try:
        act(document, verb, (path,))
    except NoSuchPlace:
        return False
    return True
