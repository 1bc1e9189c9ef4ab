"""The JSON Schema of a workflow file, made from the models that validate it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from workflows.definition.conditions import FORMS
from workflows.definition.dispatch import REFERENCE
from workflows.definition.models import Definition
from workflows.steps.base import FailureSteps
from workflows.steps.base import kinds as step_kinds
from workflows.triggers.base import kinds as trigger_kinds

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def json_schema() -> dict[str, Any]:
    """One JSON Schema document (draft 2020-12). The same object each time: it must not be changed."""
    steps = [kind.model for kind in step_kinds().values()]
    triggers = [kind.model for kind in trigger_kinds().values()]
    models: list[type[BaseModel]] = [Definition, FailureSteps, *FORMS, *steps, *triggers]
    names, schema = models_json_schema([(model, "validation") for model in models], by_alias=True)
    definitions = schema["$defs"]
    for name, choices in (("Step", steps), ("Trigger", triggers), ("Condition", FORMS)):
        definitions[name] = {"oneOf": [names[choice, "validation"] for choice in choices]}
    whole = {
        "$schema": DIALECT,
        "title": "Signalbox workflow",
        **names[Definition, "validation"],
        "$defs": definitions,
    }
    return _referring(whole)


def _referring(part: Any) -> Any:
    """The same with our own references written as JSON Schema writes them."""
    if isinstance(part, dict):
        return dict(_entries(part))
    return [_referring(item) for item in part] if isinstance(part, list) else part


def _entries(part: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in part.items():
        yield ("$ref", f"#/$defs/{value}") if key == REFERENCE else (key, _referring(value))
