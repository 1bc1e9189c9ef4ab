"""Values of a workflow: any string may hold Liquid output, rendered in a closed environment (definition.md).

Only names that are handed in can be read; nothing here evaluates, imports, opens or calls what a template says.
Cost grows with the size of template and values and ends at fixed limits.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache, reduce
from typing import Any

from django.utils.translation import gettext as _
from liquid import Mode
from liquid.builtin.expressions import Path
from liquid.exceptions import LiquidError
from liquid.template import BoundTemplate

from workflows.definition.findings import join_path
from workflows.definition.json_values import Json
from workflows.definition.limits import TEMPLATE_LENGTH
from workflows.definition.liquid.budget import Budget, Buffer
from workflows.definition.liquid.environment import (
    ClosedEnvironment,
    MissingName,
    Names,
    OutputNode,
    Values,
    paths_in,
)
from workflows.definition.liquid.text import FilterFailed
from workflows.steps.errors import StepError

_ENVIRONMENT = ClosedEnvironment(tolerance=Mode.STRICT)
_CACHED_LENGTH = 4_000


class TemplateRefused(ValueError):
    """A text is not a template; the message is a sentence that says why."""


class TemplateFailed(StepError):
    """A template cannot be rendered with these values; `path` is its place in the value."""

    def __init__(self, problem: str, path: str = "") -> None:
        sentence = _("In “%(path)s”: %(problem)s") % {"path": path, "problem": problem} if path else problem
        super().__init__(sentence, permanent=True, code="template_failed")
        self.problem, self.path = problem, path


class NameMissing(TemplateFailed):
    """A template uses a name that is not there."""


class Template:
    """A text made ready. `paths` are the names it uses, `is_value` whether it is one output without filters."""

    def __init__(self, text: str) -> None:
        self._parsed = _parsed(text)
        nodes = self._parsed.nodes
        self.paths = frozenset(paths_in(nodes))
        first = nodes[0] if len(nodes) == 1 else None
        self._value = first if isinstance(first, OutputNode) and not first.expression.filters else None

    @property
    def is_value(self) -> bool:
        """Whether the result keeps its JSON type."""
        return self._value is not None

    def render(self, names: Mapping[str, Json], *, budget: Budget, in_html: bool = False) -> Json:
        """The result for `names`; raises TemplateFailed, or NameMissing among them."""
        try:
            return self._rendered(names, budget, in_html=in_html)
        except MissingName as missing:
            raise NameMissing(_("There is no value named “%(name)s”.") % {"name": missing.name}) from missing
        except FilterFailed as failed:
            raise TemplateFailed(str(failed)) from failed
        except (LiquidError, ArithmeticError, ValueError, TypeError, RecursionError) as failed:
            raise TemplateFailed(
                _("The template compares or joins values that do not go together.")
            ) from failed

    def _rendered(self, names: Mapping[str, Json], budget: Budget, *, in_html: bool) -> Json:
        if self._value is not None and not in_html:
            is_path = isinstance(self._value.expression.left, Path)
            reader = Values(names, budget) if is_path else Names(self._parsed, names, budget)
            value: Any = self._value.value(reader)
            budget.give(value)
            return value
        context, buffer = Names(self._parsed, names, budget, in_html=in_html), Buffer(budget)
        for node in self._parsed.nodes:
            node.render(context, buffer)  # type: ignore[arg-type]
        return "".join(buffer)


def _parsed(text: str) -> BoundTemplate:
    try:
        return _ENVIRONMENT.from_string(text)
    except (LiquidError, RecursionError) as problem:
        raise TemplateRefused(_sentence(problem)) from problem


def _sentence(problem: Exception) -> str:
    said = problem.args[0] if problem.args and isinstance(problem.args[0], str) else ""
    return _("The template cannot be read: %(problem)s.") % {
        "problem": said.rstrip(".")[:1_000] or _("it is broken")
    }


def holds_template(text: str) -> bool:
    """Whether a text has anything to render."""
    return "{{" in text or "{%" in text


def compile_text(text: str) -> Template:
    """The template that `text` is; raises TemplateRefused. Short ones are kept ready."""
    if len(text) > TEMPLATE_LENGTH:
        raise TemplateRefused(_("A template may have %(most)d characters.") % {"most": TEMPLATE_LENGTH})
    return _kept(text) if len(text) <= _CACHED_LENGTH else Template(text)


@lru_cache(maxsize=1024)
def _kept(text: str) -> Template:
    return Template(text)


def render(
    value: Json, names: Mapping[str, Json], *, in_html: bool = False, budget: Budget | None = None
) -> Json:
    """`value` with every string in it rendered; keys stay. Raises TemplateFailed naming the place.

    With `in_html` outputs are escaped and every result is text.
    """
    return _render(value, names, budget or Budget(), in_html=in_html, place=())


def _render(
    value: Json, names: Mapping[str, Json], budget: Budget, *, in_html: bool, place: tuple[str | int, ...]
) -> Json:
    if isinstance(value, dict):
        return {
            key: _render(part, names, budget, in_html=in_html, place=(*place, key))
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [
            _render(part, names, budget, in_html=in_html, place=(*place, number))
            for number, part in enumerate(value)
        ]
    if not isinstance(value, str) or not holds_template(value):
        return value
    try:
        return compile_text(value).render(names, budget=budget, in_html=in_html)
    except TemplateRefused as refused:
        raise TemplateFailed(str(refused), _path(place)) from refused
    except TemplateFailed as failed:
        raise type(failed)(failed.problem, _path(place)) from failed


def _path(place: tuple[str | int, ...]) -> str:
    return reduce(join_path, place, "")


def strings_in(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Each string of a value that has something to render, with its place."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from strings_in(part, join_path(path, key))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from strings_in(part, join_path(path, place))
    elif isinstance(value, str) and holds_template(value):
        yield path, value


def references(value: object) -> set[tuple[str, ...]]:
    """The name paths that a value uses, as `("steps", "lead", "email")`; texts that are no templates use none."""
    return {path for _place, text in strings_in(value) for path in _paths(text)}


def _paths(text: str) -> frozenset[tuple[str, ...]]:
    try:
        return compile_text(text).paths
    except TemplateRefused:
        return frozenset()
