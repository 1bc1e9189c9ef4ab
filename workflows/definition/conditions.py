"""Conditions: `all`, `any`, `not`, and comparisons of two values (definition.md)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from workflows.definition.comparing import compare, contains, equal, text_of
from workflows.definition.dispatch import Dispatch
from workflows.definition.json_values import Json
from workflows.definition.liquid.budget import Budget
from workflows.definition.templating import NameMissing, render

Operator = Literal[
    "is", "is_not", "<", "<=", ">", ">=", "contains", "not_contains",
    "starts_with", "ends_with", "in", "not_in", "exists", "not_exists",
]  # fmt: skip

FOR_PRESENCE = frozenset({"exists", "not_exists"})


class Condition(BaseModel):
    """What every form of condition shares."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, serialize_by_alias=True)

    def inner(self) -> Iterator[tuple[str, "Condition"]]:
        """The conditions directly inside, each with its place."""
        yield from ()


def _form_of(value: Any) -> type[Condition]:
    if not isinstance(value, dict):
        raise PydanticCustomError(
            "condition", _("A condition is an object with all, any, not, or left and op.")
        )
    for key, form in (("all", All), ("any", AnyOf), ("not", Not)):
        if key in value:
            return form
    return Comparison


AnyCondition = Annotated[Condition, Dispatch("Condition", _form_of)]


class All(Condition):
    """Holds if every inner condition holds; also if there is none."""

    all: list[AnyCondition] = Field(max_length=50)

    def inner(self) -> Iterator[tuple[str, Condition]]:
        yield from ((f"all.{place}", condition) for place, condition in enumerate(self.all))


class AnyOf(Condition):
    """Holds if one inner condition holds."""

    any: list[AnyCondition] = Field(max_length=50)

    def inner(self) -> Iterator[tuple[str, Condition]]:
        yield from ((f"any.{place}", condition) for place, condition in enumerate(self.any))


class Not(Condition):
    """Holds if the inner condition does not."""

    not_: AnyCondition = Field(alias="not")

    def inner(self) -> Iterator[tuple[str, Condition]]:
        yield "not", self.not_


class Comparison(Condition):
    """Two values, of which each may hold Liquid output, and how they are compared."""

    left: Any
    op: Operator
    right: Any = None


FORMS: tuple[type[Condition], ...] = (All, AnyOf, Not, Comparison)


def holds(condition: Condition, names: Mapping[str, Json], *, budget: Budget | None = None) -> bool:
    """Whether the condition holds for `names`.

    Raises ConditionError where two values cannot be compared and TemplateFailed where one cannot be rendered;
    both are StepErrors. Parts that no longer matter are not looked at.
    """
    budget = budget or Budget()
    if isinstance(condition, All):
        return all(holds(inner, names, budget=budget) for inner in condition.all)
    if isinstance(condition, AnyOf):
        return any(holds(inner, names, budget=budget) for inner in condition.any)
    if isinstance(condition, Not):
        return not holds(condition.not_, names, budget=budget)
    assert isinstance(condition, Comparison)
    return _compared(condition, names, budget)


def _compared(condition: Comparison, names: Mapping[str, Json], budget: Budget) -> bool:
    if condition.op in FOR_PRESENCE:
        return _is_there(condition.left, names, budget) == (condition.op == "exists")
    left = render(condition.left, names, budget=budget)
    right = render(condition.right, names, budget=budget)
    return _OPERATORS[condition.op](left, right)


def _is_there(left: Json, names: Mapping[str, Json], budget: Budget) -> bool:
    try:
        return render(left, names, budget=budget) is not None
    except NameMissing:
        return False


_OPERATORS: dict[str, Callable[[Json, Json], bool]] = {
    "is": equal,
    "is_not": lambda left, right: not equal(left, right),
    "<": lambda left, right: compare(left, right) < 0,
    "<=": lambda left, right: compare(left, right) <= 0,
    ">": lambda left, right: compare(left, right) > 0,
    ">=": lambda left, right: compare(left, right) >= 0,
    "contains": contains,
    "not_contains": lambda left, right: not contains(left, right),
    "starts_with": lambda left, right: text_of(left).startswith(text_of(right)),
    "ends_with": lambda left, right: text_of(left).endswith(text_of(right)),
    "in": lambda left, right: contains(right, left),
    "not_in": lambda left, right: not contains(right, left),
}


def conditions_in(condition: Condition, path: str = "") -> Iterator[tuple[str, Condition]]:
    """The condition and all inside it, each with its place below `path`."""
    yield path, condition
    for place, inner in condition.inner():
        yield from conditions_in(inner, f"{path}.{place}" if path else place)


def constant(condition: Condition) -> bool | None:
    """Whether a condition always holds (True) or never does (False), as far as its form alone tells; else None."""
    if isinstance(condition, Not):
        inner = constant(condition.not_)
        return None if inner is None else not inner
    parts = [constant(inner) for _place, inner in condition.inner()]
    if isinstance(condition, All):
        return False if False in parts else True if all(parts) else None
    if isinstance(condition, AnyOf):
        return True if True in parts else None if None in parts else False
    return None
