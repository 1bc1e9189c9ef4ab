"""How values stand in controls, as text that comes back from a browser unchanged."""

import json
from typing import Any, Literal

from workflows.definition.json_text import compact, escape_halves
from workflows.editing.paths import ABSENT
from workflows.editing.shapes import Shape
from workflows.texts import storable

ValueKind = Literal["none", "text", "json"]


def plain(text: str) -> str:
    """Text as a browser gives it back: line ends as `\\n`, without what HTML cannot hold."""
    return storable(text).replace("\r\n", "\n").replace("\r", "\n")


def shown(value: Any) -> str:
    """A value in a field for text; nothing for what is not written."""
    if value is ABSENT or value is None:
        return ""
    return plain(value if isinstance(value, str) else compact(value))


def shown_lines(value: Any) -> str:
    """A list with each item on a line of its own."""
    return "\n".join(map(shown, value)) if isinstance(value, list) else shown(value)


def shown_value(value: Any, *, spread: bool = False) -> tuple[ValueKind, str]:
    """Any value: whether it is text or JSON, and how it is written."""
    if value is ABSENT:
        return "none", ""
    if isinstance(value, str):
        return "text", plain(value)
    text = json.dumps(value, ensure_ascii=False, indent=2) if spread else compact(value)
    return "json", plain(escape_halves(text))


def effective(shape: Shape, written: Any) -> Any:
    """What counts: the value, or the default where none is written."""
    return shape.default if written is ABSENT else written
