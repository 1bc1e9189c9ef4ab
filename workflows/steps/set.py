"""`set`: computes values."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.steps.base import BaseStep, Done, Problem, StepContext, StepKind, register
from workflows.words import Words


class SetStep(BaseStep):
    """Gives each value under its name."""

    kind: Literal["set"]
    values: dict[str, Any] = Field(default_factory=dict, max_length=200)


class SetKind(StepKind):
    kind = "set"
    label = gettext_lazy("Set values")
    summary = gettext_lazy("Computes values for the steps that follow.")
    icon = "variable"
    model = SetStep
    is_instant = True
    fields = {
        "values": Words(gettext_lazy("Values"), gettext_lazy("Later steps read each under its name.")),
    }

    def perform(self, step: SetStep, params: dict[str, Any], context: StepContext) -> Done:
        return Done(output=params["values"])

    def outputs(self, step: SetStep) -> Sequence[str]:
        return list(step.values)

    def describe(self, step: SetStep) -> str:
        return ", ".join(step.values)

    def problems(self, step: SetStep) -> Iterator[Problem]:
        if "values" not in step.model_fields_set:
            yield Problem("values", _("The step sets no value."), _("Add at least one value."))


register(SetKind())
