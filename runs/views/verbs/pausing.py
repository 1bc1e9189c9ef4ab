"""Pause and Change pause."""

from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs.verb_texts import paused_text
from runs.views.verbs.frame import Outcome, VerbDialog
from workflows import effects, services
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.forms import ChangePauseForm, PauseForm
from workflows.models import Workflow


class PauseDialog(VerbDialog):
    """The numbers of what a pause meets, and what happens to it. Works with a broken definition too."""

    verb = "pause"
    title = gettext_lazy("Pause workflow")
    form_class = PauseForm
    template = "workflows/verbs/pause.html"

    def form_options(self) -> dict[str, Any]:
        return {"while_paused": while_paused(self.workflow)}

    @cached_property
    def counts(self) -> dict[str, Any]:
        return effects.perform("counts", self.workflow)

    def context(self) -> dict[str, Any]:
        counts = self.counts
        return {"counts": counts, "waiting_short": counts["waiting"] - counts["waiting_long"]}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        done = services.pause(self.workflow.pk, revision=revision, **form.cleaned_data)
        return self.result(done, paused_text(done) if done.changed else "")


def while_paused(workflow: Workflow) -> tuple[str, str]:
    """What the published definition says about webhooks and events; both are held where it cannot be read."""
    try:
        definition = compile_definition(workflow.published.definition) if workflow.published else None
    except DefinitionRefused:
        definition = None
    if definition is None:
        return "hold", "hold"
    return definition.settings.while_paused.webhook, definition.settings.while_paused.event


class ChangePauseDialog(VerbDialog):
    """What was said when pausing, to be said anew."""

    verb = "change-pause"
    title = gettext_lazy("Change pause")
    form_class = ChangePauseForm
    template = "workflows/verbs/change_pause.html"

    def form_options(self) -> dict[str, Any]:
        return {"initial": ChangePauseForm.values_of(self.workflow)}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        values = form.cleaned_data
        done = services.change_pause(
            self.workflow.pk,
            reason=values["reason"],
            category=values["category"],
            until=form.chosen_until(self.workflow.resume_expected_at),  # type: ignore[attr-defined]
            auto_resume=values["auto_resume"],
            revision=revision,
        )
        return self.result(done, _("The pause of %(name)s is changed.") % {"name": done.workflow.name})
