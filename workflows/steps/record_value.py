"""`record_value`: adds to the workflow's business impact."""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.definition.json_values import Json
from workflows.definition.liquid.text import as_text
from workflows.definition.templating import holds_template
from workflows.steps.base import (
    BaseStep,
    Done,
    Problem,
    RecordedValue,
    StepContext,
    StepError,
    StepKind,
    register,
)
from workflows.words import Words

LARGEST = Decimal(10) ** 12
PLACES = 6


class RecordValueStep(BaseStep):
    """`value` is a number, best as text so that it stays exact: `"12.50"`."""

    kind: Literal["record_value"]
    name: str = Field("", max_length=100)
    value: str | int | float = ""
    unit: str = Field("", max_length=40)


def exact_value(value: Json) -> Decimal:
    """The number, exact, as money needs it; raises StepError beyond twelve digits before and six after the point."""
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        text = as_text(value).strip()
        number = Decimal(text) if len(text) <= 40 else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise StepError(_("The value is not a number."), code="bad_value")
    exponent = number.as_tuple().exponent
    if abs(number) >= LARGEST or (isinstance(exponent, int) and exponent < -PLACES):
        raise StepError(
            _("The value has more than twelve digits before or six after the point."), code="bad_value"
        )
    return number


class RecordValueKind(StepKind):
    kind = "record_value"
    label = gettext_lazy("Record a value")
    summary = gettext_lazy("Adds to the business impact of the workflow.")
    icon = "trending-up"
    model = RecordValueStep
    is_instant = True
    fields = {
        "name": Words(gettext_lazy("What is recorded"), gettext_lazy("For example qualified_lead.")),
        "value": Words(gettext_lazy("Value"), gettext_lazy("A number, or a value that is one.")),
        "unit": Words(gettext_lazy("Unit"), gettext_lazy("For example AUD.")),
    }

    def parameters(self, step: RecordValueStep) -> dict[str, Any]:
        # The name is this kind's own and not just a title, so it is rendered too.
        return {**super().parameters(step), "name": step.name}

    def perform(self, step: RecordValueStep, params: dict[str, Any], context: StepContext) -> Done:
        name, unit = as_text(params["name"]).strip()[:100] or step.id, as_text(params["unit"]).strip()[:40]
        value = exact_value(params["value"])
        return Done({"name": name, "value": str(value), "unit": unit}, (RecordedValue(name, value, unit),))

    def simulate(self, step: RecordValueStep, params: dict[str, Any], context: StepContext) -> Done:
        done = self.perform(step, params, context)
        assert isinstance(done.output, dict)
        return Done({"simulated": True, **done.output})

    def outputs(self, step: RecordValueStep) -> Sequence[str]:
        return ("name", "value", "unit")

    def describe(self, step: RecordValueStep) -> str:
        return f"{step.value} {step.unit}".strip()

    def records_value(self, step: RecordValueStep) -> bool:
        return True

    def problems(self, step: RecordValueStep) -> Iterator[Problem]:
        if not step.name.strip():
            yield Problem(
                "name", _("The value has no name."), _("Name what is recorded, for example qualified_lead.")
            )
        if isinstance(step.value, str) and holds_template(step.value):
            return
        try:
            exact_value(step.value)
        except StepError as refused:
            yield Problem("value", refused.message, _("Write a number, for example 12.50."))


register(RecordValueKind())
