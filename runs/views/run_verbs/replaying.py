"""Replay: which version, from where, with what input, and which steps will act again."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.web import policy
from runs import services
from runs.intake.json_text import from_text, readable, to_text
from runs.models import Run
from runs.run_forms import Choices, ReplayForm
from runs.run_menus import page_url
from runs.services.acting import RunRefused
from runs.services.replaying import REUSED
from runs.views.run_verbs.frame import Outcome, RunDialog
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.definition.walk import places
from workflows.lifecycle import Status, TransitionRefused
from workflows.models import Version
from workflows.services import receipts
from workflows.steps.base import BaseStep, StepKind, kind_of

BEGINNING, FAILED_STEP = "beginning", "failed"
SAME, PUBLISHED = "same", "published"


@dataclass(frozen=True)
class ActingStep:
    """A step that acts outside. `is_reused`: it acts again only when the run is replayed from its beginning."""

    step: BaseStep
    kind: StepKind
    is_reused: bool

    @property
    def words(self) -> str:
        return self.kind.describe(self.step)


class ReplayDialog(RunDialog):
    """A new run linked to this one. Sent twice with one key, it starts one."""

    verb = "replay"
    title = gettext_lazy("Replay run")
    template = "runs/run_verbs/replay.html"
    dismiss = gettext_lazy("Cancel")
    is_wide = True

    @property
    def sentence(self) -> str:
        if self.run.is_test:
            return _("A new test run starts, linked to this one.")
        return _("A new run starts, linked to this one. It counts in all figures, and its steps act outside.")

    @property
    def is_paused(self) -> bool:
        return self.run.workflow.status == Status.PAUSED and not self.run.is_test

    def nothing_to_do(self) -> str:
        return ""

    def require_possible(self) -> None:
        run, workflow = self.run, self.run.workflow
        if run.is_open:
            raise RunRefused(
                _("The run is still %(status)s. Cancel it first, or wait.")
                % {"status": run.get_status_display()}
            )
        if self.is_paused and not policy.may(self.request.user, "run_while_paused", workflow):
            raise TransitionRefused(
                _("The workflow is paused: %(reason)s. Starting a run meanwhile needs the role Editor.")
                % {"reason": workflow.reason}
            )
        if workflow.status not in (Status.ACTIVE, Status.PAUSED) and not run.is_test:
            raise TransitionRefused(
                _("A replay starts a run, which is not possible while the workflow is %(status)s.")
                % {"status": workflow.get_status_display()}
            )

    @cached_property
    def given(self) -> dict[str, Any]:
        """The old run's input as it was stored."""
        stored = Run.objects.values_list("input", flat=True).get(pk=self.run.pk)
        return from_text(stored)  # type: ignore[return-value]

    @property
    def payload(self) -> Any:
        return self.given.get("data", self.given.get("body"))

    @property
    def versions(self) -> Choices:
        """The run's own version, and the published one where it is another."""
        own, published = self.run.version, self.run.workflow.published
        if own is None or published is None or own.pk == published.pk:
            return [(SAME, "")] if own else [(PUBLISHED, "")]
        return [
            (SAME, _("Version %(number)d, as before") % {"number": own.number}),
            (PUBLISHED, _("Version %(number)d, published now") % {"number": published.number}),
        ]

    @property
    def starts(self) -> Choices:
        """From the beginning, or from the step that failed."""
        beginning = (BEGINNING, _("From the beginning"))
        if not self.run.error_step:
            return [beginning]
        from_failed = _("From the failed step “%(step)s”; what finished before is reused")
        return [(FAILED_STEP, from_failed % {"step": self.run.error_step}), beginning]

    def form(self, data: QueryDict | None = None) -> forms.Form:
        text = "" if self.payload is None else readable(self.payload)
        return ReplayForm(data, starts=self.starts, versions=self.versions, payload=text)

    def context(self) -> dict[str, Any]:
        return {
            "is_paused": self.is_paused,
            "acting": self._acting(),
            "can_reuse": bool(self.run.error_step),
            "version": self._version,
            "other": self.run.workflow.published if len(self.versions) > 1 else None,
        }

    @property
    def _version(self) -> Version | None:
        return self.run.version or self.run.workflow.published

    def _acting(self) -> list[ActingStep]:
        """The steps of the run's version that act outside, wherever they are nested."""
        try:
            steps = compile_definition(self._version.definition).steps if self._version else []
        except DefinitionRefused:
            return []
        finished = self.run.step_attempts.filter(status__in=REUSED).order_by()
        reused = set(finished.values_list("step_id", flat=True)) - {self.run.error_step}
        found = [place.step for place in places(steps) if place.step.enabled]
        return [
            ActingStep(step, kind_of(step), bool(self.run.error_step) and step.id in reused)
            for step in found
            if kind_of(step).acts_outside or kind_of(step).workflow_reference(step)
        ]

    def act(self, form: forms.Form) -> Outcome:
        values = form.cleaned_data
        before = {} if self.payload is None else self.payload
        # As texts, since Python takes 1 and true for equal.
        payload = None if to_text(values["payload"]) == to_text(before) else values["payload"]
        key = self.request.POST.get("idempotency_key", "")

        def start() -> str:
            done = services.replay(
                self.run.pk,
                version=values.get("version") or self.versions[0][0],
                payload=payload,
                from_failed=(values.get("start") or self.starts[0][0]) == FAILED_STEP,
                while_paused=self.is_paused,
            )
            return page_url(done.run)

        page = receipts.once(key, f"replay {self.run.pk}", start)
        return Outcome(_("The replay is started."), to=page)
