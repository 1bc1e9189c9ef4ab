"""`for_each`: runs its steps for each item of a list, in order."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.definition.limits import LOOP_ITEMS
from workflows.steps.base import (
    AnyStep,
    BaseStep,
    Loop,
    Nest,
    Problem,
    StepContext,
    StepError,
    StepKind,
    register,
)
from workflows.words import Words


class ForEachStep(BaseStep):
    """`items` is a list, or a template that gives one."""

    kind: Literal["for_each"]
    items: str | list[Any] = ""
    steps: list[AnyStep] = Field(default_factory=list)


class ForEachKind(StepKind):
    kind = "for_each"
    label = gettext_lazy("For each")
    summary = gettext_lazy("Runs its steps for each item of a list.")
    icon = "repeat"
    model = ForEachStep
    is_instant = True
    structural = frozenset({"steps"})
    begins_with = {"steps": []}
    fields = {
        "items": Words(
            gettext_lazy("List"), gettext_lazy("A value that is a list. Its steps read each item as item.")
        ),
    }

    def perform(self, step: ForEachStep, params: dict[str, Any], context: StepContext) -> Loop:
        items = params["items"]
        if not isinstance(items, list):
            raise StepError(_("The items are not a list."), code="not_a_list")
        if len(items) > LOOP_ITEMS:
            numbers = {"count": len(items), "most": LOOP_ITEMS}
            raise StepError(
                _("The list has %(count)d items; at most %(most)d are run.") % numbers, code="too_many_items"
            )
        return Loop(items, step.steps)

    def outputs(self, step: ForEachStep) -> Sequence[str]:
        return ("count",)

    def describe(self, step: ForEachStep) -> str:
        if isinstance(step.items, str):
            return step.items
        return _("%(count)d items") % {"count": len(step.items)}

    def nests(self, step: ForEachStep) -> Iterator[Nest]:
        label = _("For each item")
        yield Nest("steps", step.steps, repeated=True, is_reachable=step.items != [], label=label)

    def problems(self, step: ForEachStep) -> Iterator[Problem]:
        if step.items == "":
            yield Problem("items", _("The step has no list."), _("Give a list, or a value that is one."))
        elif isinstance(step.items, str) and "{{" not in step.items:
            yield Problem("items", _("This text is no list."), _("Write the name of a value in braces."))
        elif isinstance(step.items, list) and len(step.items) > LOOP_ITEMS:
            most = {"most": LOOP_ITEMS}
            yield Problem(
                "items", _("At most %(most)d items are run.") % most, _("Shorten the list."), "limit_exceeded"
            )
        if not step.steps:
            yield Problem("steps", _("There is no step inside."), _("Add a step to run for each item."))


register(ForEachKind())
