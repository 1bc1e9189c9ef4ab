"""The lists of steps inside a step, filled or not, of a document as it is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from workflows.definition.walk import nests_of
from workflows.definition.written import as_list
from workflows.editing.paths import ABSENT, look, put
from workflows.editing.shapes import Shape, shapes_of
from workflows.steps.base import BaseStep, StepKind
from workflows.steps.base import kinds as step_kinds
from workflows.texts import storable


@dataclass(frozen=True)
class Slot:
    """A place for steps below a step: its path there, and when its steps run, in words."""

    path: str
    label: str


def kind_of(step: Any) -> StepKind | None:
    """The kind of a written step, if it is known."""
    kind = step.get("kind") if isinstance(step, dict) else None
    return step_kinds().get(kind) if isinstance(kind, str) else None


def slots_of(step: Any) -> list[Slot]:
    """Where steps may stand inside a written step, in the order of its fields."""
    kind = kind_of(step)
    if kind is None:
        return []
    paths = list(_paths(shapes_of(kind.model), step))
    shallow = shallow_step(step)
    labels = {nest.path: nest.label for nest in nests_of(shallow)} if shallow else {}
    return [Slot(path, storable(labels.get(path) or path)) for path in sorted(paths, key=_failure_last)]


def _failure_last(path: str) -> bool:
    return path.startswith("on_failure")


def shallow_step(step: dict[str, Any]) -> BaseStep | None:
    """What a step means by itself, without the steps inside it; None where it is not valid."""
    kind = kind_of(step)
    if kind is None:
        return None
    for path in _paths(shapes_of(kind.model), step):
        if look(step, path) is not ABSENT:
            step = put(step, path, [])
    try:
        return kind.model.model_validate(step)
    except ValidationError:
        return None


def _paths(shapes: Sequence[Shape], part: Any) -> Iterator[str]:
    for shape in shapes:
        written = part.get(shape.name) if isinstance(part, dict) else None
        if shape.control == "steps":
            yield shape.name
        elif shape.control == "either" and isinstance(written, dict):
            yield from (f"{shape.name}.{path}" for path in _paths(shape.parts, written))
        elif shape.control == "groups":
            for place, inner in enumerate(as_list(written)):
                yield from (f"{shape.name}.{place}.{path}" for path in _paths(shape.parts, inner))
