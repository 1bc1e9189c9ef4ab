"""Which parts of a document have a form: each trigger and step of a known kind, and the settings."""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from workflows.definition.models import Settings
from workflows.editing.paths import ABSENT, look
from workflows.editing.shapes import Shape, shapes_of
from workflows.editing.slots import kind_of
from workflows.triggers.base import kinds as trigger_kinds
from workflows.words import SETTINGS, SHARED, TRIGGERS, FieldWords

SETTINGS_PATH: Final = "settings"
BESIDE: Final = frozenset({"enabled"})
"""Fields that have a button of their own."""


@dataclass(frozen=True)
class KnownPart:
    """A part with the fields of its kind and words about them; `written` is what stands there."""

    path: str
    written: dict[str, Any]
    shapes: tuple[Shape, ...]
    words: FieldWords


def part_at(document: dict[str, Any], path: str) -> KnownPart | None:
    """The part at a path; None where there is none, or none of a known kind."""
    written = look(document, path)
    if path == SETTINGS_PATH:
        written = {} if written is ABSENT else written
        return _part(path, written, Settings, SETTINGS)
    if not isinstance(written, dict):
        return None
    if path.startswith("triggers."):
        kind = trigger_kinds().get(str(written.get("kind")))
        return _part(path, written, kind.model, {**TRIGGERS, **kind.fields}) if kind else None
    step = kind_of(written)
    return _part(path, written, step.model, {**SHARED, **step.fields}) if step else None


def _part(path: str, written: Any, model: type[BaseModel], words: FieldWords) -> KnownPart | None:
    if not isinstance(written, dict):
        return None
    shapes = tuple(shape for shape in shapes_of(model) if shape.name not in BESIDE)
    return KnownPart(path, written, shapes, words)
