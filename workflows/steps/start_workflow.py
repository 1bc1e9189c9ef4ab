"""`start_workflow`: starts another workflow of the same scope or one inside it."""

from collections.abc import Iterator
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.definition.liquid.text import as_text
from workflows.steps.base import AwaitRun, BaseStep, Done, Problem, StepContext, StepError, StepKind, register
from workflows.words import Words


class StartWorkflowStep(BaseStep):
    """`workflow` is a name or an id; with `wait` the step is done when the run started has ended."""

    kind: Literal["start_workflow"]
    workflow: str = Field("", max_length=200)
    payload: Any = None
    wait: bool = False


class StartWorkflowKind(StepKind):
    kind = "start_workflow"
    label = gettext_lazy("Start a workflow")
    summary = gettext_lazy("Starts another workflow, and waits for its outcome if asked.")
    icon = "workflow"
    model = StartWorkflowStep
    fields = {
        "workflow": Words(gettext_lazy("Workflow"), gettext_lazy("A name or an id."), suggest="workflows"),
        "payload": Words(gettext_lazy("Payload")),
        "wait": Words(gettext_lazy("Wait for its outcome")),
    }

    def perform(
        self, step: StartWorkflowStep, params: dict[str, Any], context: StepContext
    ) -> Done | AwaitRun:
        reference = as_text(params["workflow"]).strip()
        if not reference:
            raise StepError(_("The step does not say which workflow to start."), code="unknown_workflow")
        run_id = context.start_workflow(reference, params["payload"])
        return AwaitRun(run_id) if step.wait else Done({"run": run_id})

    def simulate(self, step: StartWorkflowStep, params: dict[str, Any], context: StepContext) -> Done:
        return Done({"simulated": True, "workflow": params["workflow"], "payload": params["payload"]})

    def describe(self, step: StartWorkflowStep) -> str:
        return step.workflow

    def workflow_reference(self, step: StartWorkflowStep) -> str:
        return step.workflow

    def problems(self, step: StartWorkflowStep) -> Iterator[Problem]:
        if not step.workflow.strip():
            yield Problem("workflow", _("No workflow is chosen."), _("Choose the workflow to start."))


register(StartWorkflowKind())
