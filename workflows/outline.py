"""A definition as people read it: its steps in order, each with its kind, its words and what stands inside it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from workflows.definition.conditions import All, AnyOf, Comparison, Condition, Not
from workflows.definition.walk import conditions_of, nests_of
from workflows.steps.base import BaseStep, StepKind, kind_of


@dataclass(frozen=True)
class Way:
    """A list of steps inside a step: when it is taken, by which condition, and what runs."""

    label: str
    condition: str
    lines: "list[StepLine]"


@dataclass(frozen=True)
class StepLine:
    """One step: `words` say what it does, `condition` when it is not skipped."""

    step: BaseStep
    kind: StepKind
    words: str
    condition: str
    ways: list[Way]


def outline(steps: Sequence[BaseStep]) -> list[StepLine]:
    """The steps with everything inside them."""
    return [_line(step) for step in steps]


def _line(step: BaseStep) -> StepLine:
    kind = kind_of(step)
    conditions = dict(conditions_of(step))
    ways = [
        Way(nest.label or nest.path, _words(conditions.get(_beside(nest.path))), outline(nest.steps))
        for nest in nests_of(step)
        if nest.steps or nest.is_reachable
    ]
    return StepLine(step, kind, kind.describe(step), _words(conditions.get("if")), ways)


def _beside(path: str) -> str:
    """Where the condition of a list of steps stands: `branches.0.if` for `branches.0.steps`."""
    return f"{path.removesuffix('.steps')}.if"


def _words(condition: Condition | None) -> str:
    return in_words(condition) if condition is not None else ""


def in_words(condition: Condition) -> str:
    """A condition on one line: `steps.lead.score >= 70 and not (…)`."""
    if isinstance(condition, Comparison):
        right = "" if condition.op in ("exists", "not_exists") else f" {_value(condition.right)}"
        return f"{_value(condition.left)} {condition.op.replace('_', ' ')}{right}"
    if isinstance(condition, Not):
        return _("not (%(condition)s)") % {"condition": in_words(condition.not_)}
    if isinstance(condition, All):
        return _joined(condition, _("and")) or _("always")
    return _joined(condition, _("or")) if isinstance(condition, AnyOf) else ""


def _joined(condition: Condition, word: str) -> str:
    inner = [one for _path, one in condition.inner()]
    parts = [in_words(one) for one in inner]
    if len(parts) > 1:
        parts = [
            f"({text})" if isinstance(one, All | AnyOf) else text
            for one, text in zip(inner, parts, strict=True)
        ]
    return f" {word} ".join(parts)


def _value(value: Any) -> str:
    """A value as it is read: the name alone where a text is one output, else JSON."""
    if isinstance(value, str):
        bare = value.strip()
        is_output = bare.startswith("{{") and bare.endswith("}}") and bare.count("{{") == 1
        return bare[2:-2].strip() if is_output else f"“{value}”"
    return json.dumps(value, ensure_ascii=False)
