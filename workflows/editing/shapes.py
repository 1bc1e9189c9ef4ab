"""What each field of a part may hold, read from the schema of its model. Names no kind and no field."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from pydantic import BaseModel

from workflows.definition.dispatch import REFERENCE
from workflows.steps.base import FailureSteps

Control = Literal[
    "text", "long", "number", "duration", "tick", "choice", "choices", "lines", "pairs", "value",
    "group", "groups", "condition", "steps", "either", "fixed",
]  # fmt: skip
Schema = dict[str, Any]

LONG_FROM: Final = 4_000
"""Text that may be so long takes several lines."""

_REFERENCES: Final[dict[str, type[BaseModel]]] = {"FailureSteps": FailureSteps}
_SCALARS: Final = frozenset({"string", "integer", "number"})


@dataclass(frozen=True)
class Shape:
    """One field. `parts` are the fields inside a group, and inside each of `groups`; `choices` what can be chosen.

    `default` is what counts where the field is not written. `may_be_none`: it can also be left away, having no default.
    `holds_list`: of `lines`, whether a list is meant in any case, rather than text or a list. `only_text`: of `pairs`, that no
    other values are allowed.
    """

    name: str
    control: Control
    default: Any = None
    required: bool = False
    may_be_none: bool = False
    choices: tuple[str, ...] = ()
    length: int | None = None
    parts: "tuple[Shape, ...]" = ()
    holds_list: bool = True
    only_text: bool = False


@cache
def shapes_of(model: type[BaseModel]) -> tuple[Shape, ...]:
    """The fields of a model in their order, under the names that a file has."""
    schema = model.model_json_schema(by_alias=True)
    return _shapes(schema, schema.get("$defs", {}))


def _shapes(schema: Schema, known: Schema) -> tuple[Shape, ...]:
    required = schema.get("required", ())
    return tuple(
        _shape(name, inner, known, required=name in required) for name, inner in schema["properties"].items()
    )


def _shape(name: str, schema: Schema, known: Schema, *, required: bool) -> Shape:
    ways = schema.get("anyOf") or schema.get("oneOf") or [schema]
    real = [way for way in ways if way.get("type") != "null"]
    common: dict[str, Any] = {"name": name, "default": schema.get("default"), "required": required}
    common["may_be_none"] = len(real) < len(ways)
    return Shape(**common, **(_single(real[0], known) if len(real) == 1 else _several(real, known)))


def _single(schema: Schema, known: Schema) -> dict[str, Any]:
    reference, kind = schema.get(REFERENCE), schema.get("type")
    if reference == "Condition":
        return {"control": "condition"}
    if "$ref" in schema:
        return {"control": "group", "parts": _shapes(known[schema["$ref"].rpartition("/")[2]], known)}
    if "const" in schema:
        return {"control": "fixed"}
    if "enum" in schema:
        return {"control": "choice", "choices": tuple(schema["enum"])}
    if kind == "array":
        return _list(schema["items"], known)
    if kind == "object":
        return {"control": "pairs", "only_text": schema.get("additionalProperties") == {"type": "string"}}
    return _plain(schema, kind)


def _plain(schema: Schema, kind: str | None) -> dict[str, Any]:
    if kind == "boolean":
        return {"control": "tick"}
    if kind in ("integer", "number"):
        return {"control": "number"}
    if kind != "string":
        return {"control": "value"}
    if schema.get("format") == "duration":
        return {"control": "duration"}
    length = schema.get("maxLength")
    is_long = (length is None and "pattern" not in schema) or (length or 0) >= LONG_FROM
    return {"control": "long" if is_long else "text", "length": length}


def _list(items: Schema, known: Schema) -> dict[str, Any]:
    if items.get(REFERENCE) == "Step":
        return {"control": "steps"}
    if "$ref" in items:
        return {"control": "groups", "parts": _shapes(known[items["$ref"].rpartition("/")[2]], known)}
    if "enum" in items:
        return {"control": "choices", "choices": tuple(items["enum"])}
    ways = items.get("anyOf", [items])
    return {"control": "lines" if all(way.get("type") in _SCALARS for way in ways) else "value"}


def _several(ways: list[Schema], known: Schema) -> dict[str, Any]:
    """A field that may hold values of different types."""
    references = [way[REFERENCE] for way in ways if REFERENCE in way]
    if references:
        choices = tuple(word for way in ways for word in way.get("enum", ()))
        return {"control": "either", "choices": choices, "parts": shapes_of(_REFERENCES[references[0]])}
    types = {way.get("type") for way in ways}
    if types <= _SCALARS:
        return {"control": "text"}
    items = [way["items"].get("type") for way in ways if way.get("type") == "array"]
    if types == {"string", "array"} and items == ["string"]:
        return {"control": "lines", "holds_list": False}
    return {"control": "value"}
