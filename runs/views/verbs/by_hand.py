"""Trigger one run, and Test: a payload, and the run's page as the answer."""

import json
import uuid
from functools import cached_property
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.web import policy
from runs import services as run_services
from runs.forms import PayloadForm, TestForm
from runs.intake.json_text import from_text
from runs.models import Run
from runs.views.verbs.frame import Outcome, VerbDialog
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.definition.models import Definition
from workflows.definition.walk import places
from workflows.lifecycle import Status, TransitionRefused
from workflows.models import Version
from workflows.services import receipts
from workflows.steps.base import BaseStep, StepKind, kind_of
from workflows.triggers.manual import ManualField, ManualTrigger


class ByHandDialog(VerbDialog):
    """A run started by a person. Sent twice with one key, it starts one."""

    form_class = PayloadForm

    @property
    def version(self) -> Version | None:
        """The version that the run executes."""
        return self.workflow.published

    @cached_property
    def definition(self) -> Definition | None:
        try:
            return compile_definition(self.version.definition) if self.version else None
        except DefinitionRefused:
            return None

    @property
    def manual_fields(self) -> list[ManualField]:
        """The fields of the first manual trigger, if there is one."""
        triggers = self.definition.triggers if self.definition else []
        return next((trigger.fields for trigger in triggers if isinstance(trigger, ManualTrigger)), [])

    def form_options(self) -> dict[str, Any]:
        return {"fields": self.manual_fields, "initial": {"payload": self._sample() or "{}"}}

    def context(self) -> dict[str, Any]:
        return {"version": self.version}

    def start(self, form: Any) -> Run:
        """Start the run; raises the services' refusals."""
        raise NotImplementedError

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        key = self.request.POST.get("idempotency_key", "")
        run_id = receipts.once(key, f"{self.verb} {self.workflow.pk}", lambda: str(self.start(form).pk))
        return Outcome(self.said, to=reverse("run_page", args=[run_id]))

    @property
    def said(self) -> str:
        return _("The run of %(name)s is started.") % {"name": self.workflow.name}

    def _sample(self) -> str:
        """A payload from the address: itself (`payload`), or that of a past run of this workflow (`run`)."""
        given = self.request.GET.get("payload", "")
        return given or self._payload_of(self.request.GET.get("run", ""))

    def _payload_of(self, run_id: str) -> str:
        try:
            key = uuid.UUID(run_id)
        except ValueError:
            return ""
        found = Run.objects.filter(pk=key, workflow=self.workflow).values_list("input", flat=True).first()
        came = from_text(found) if found else {}
        payload = came.get("data", came.get("body")) if isinstance(came, dict) else None
        return "" if payload is None else json.dumps(payload, ensure_ascii=False, indent=2)


class TriggerDialog(ByHandDialog):
    """A normal run of the published version; while Paused with the permission "run while paused" only."""

    verb = "trigger"
    title = gettext_lazy("Trigger one run")
    template = "workflows/verbs/trigger.html"

    @property
    def is_paused(self) -> bool:
        return self.workflow.status == Status.PAUSED

    def require_possible(self) -> None:
        super().require_possible()
        if self.is_paused and not policy.may(self.request.user, "run_while_paused", self.workflow):
            raise TransitionRefused(
                _("The workflow is paused: %(reason)s. Starting a run meanwhile needs the role Editor.")
                % {"reason": self.workflow.reason}
            )

    def context(self) -> dict[str, Any]:
        return {**super().context(), "is_paused": self.is_paused}

    def start(self, form: Any) -> Run:
        return run_services.start_by_hand(self.workflow.pk, form.data_for_run(), while_paused=self.is_paused)


def _is_simulated(kind: StepKind) -> bool:
    """Whether a test does something else than a run: so do kinds that start other workflows."""
    return kind.acts_outside or type(kind).simulate is not StepKind.simulate


class TestDialog(ByHandDialog):
    """A test run of the draft, or of the published version; it counts in no figure."""

    __test__ = False
    verb = "test"
    title = gettext_lazy("Test workflow")
    form_class = TestForm
    template = "workflows/verbs/test.html"

    @property
    def version(self) -> Version | None:
        return self.workflow.draft or self.workflow.published

    @cached_property
    def outside_steps(self) -> list[BaseStep]:
        """The steps that act outside, wherever they are nested."""
        found = places(self.definition.steps) if self.definition else ()
        return [place.step for place in found if place.step.enabled and _is_simulated(kind_of(place.step))]

    def form_options(self) -> dict[str, Any]:
        return {**super().form_options(), "may_act": bool(self.outside_steps)}

    def context(self) -> dict[str, Any]:
        steps = [(step, kind_of(step), kind_of(step).describe(step)) for step in self.outside_steps]
        return {**super().context(), "outside_steps": steps}

    def start(self, form: Any) -> Run:
        acts = form.cleaned_data.get("act_outside", False)
        return run_services.test(self.workflow.pk, form.data_for_run(), act_outside=acts)

    @property
    def said(self) -> str:
        return _("The test of %(name)s is started.") % {"name": self.workflow.name}
