"""`finish`: ends the run."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.definition.liquid.text import as_text
from workflows.steps.base import BaseStep, Finish, StepContext, StepKind, register
from workflows.words import Words

LONGEST_MESSAGE = 1_000


class FinishStep(BaseStep):
    """Ends the run as `status` says."""

    kind: Literal["finish"]
    status: Literal["success", "failed"] = "success"
    message: str = Field("", max_length=4_000)


class FinishKind(StepKind):
    kind = "finish"
    label = gettext_lazy("Finish")
    summary = gettext_lazy("Ends the run as success or failed.")
    icon = "flag"
    model = FinishStep
    is_instant = True
    fields = {
        "status": Words(
            gettext_lazy("Outcome"),
            choices={"success": gettext_lazy("Success"), "failed": gettext_lazy("Failed")},
        ),
        "message": Words(gettext_lazy("Message")),
    }

    def perform(self, step: FinishStep, params: dict[str, Any], context: StepContext) -> Finish:
        return Finish(step.status, as_text(params["message"])[:LONGEST_MESSAGE])

    def describe(self, step: FinishStep) -> str:
        return step.status

    def ends_run(self, step: FinishStep, ends: Callable[[Sequence[BaseStep]], bool]) -> bool:
        return True


register(FinishKind())
