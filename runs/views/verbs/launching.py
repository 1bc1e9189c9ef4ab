"""Widen launch: what came, what is held, and how much more is let through."""

from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from runs.launches import Progress, progress
from runs.views.verbs.frame import Outcome, VerbDialog
from workflows import services
from workflows.forms import WidenForm


class WidenDialog(VerbDialog):
    """A watched launch takes in more of its triggers, or all."""

    verb = "widen"
    title = gettext_lazy("Widen launch")
    form_class = WidenForm
    template = "workflows/verbs/widen.html"

    @cached_property
    def progress(self) -> Progress | None:
        return progress(self.workflow)

    def nothing_to_do(self) -> str:
        if self.workflow.status in self.transition.sources and not self.workflow.launch:
            return _("Nothing to do: all triggers become runs already.")
        return ""

    def form_options(self) -> dict[str, Any]:
        return {"limit": self.workflow.limit, "held": self.progress.held if self.progress else 0}

    def context(self) -> dict[str, Any]:
        return {"launch": self.progress}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        launch = services.launch_of(**form.cleaned_data["limit"])
        done = services.widen(self.workflow.pk, launch, revision=revision)
        text = (
            _("All triggers of %(name)s become runs.")
            if launch is None
            else _("Watched launch of %(name)s: now %(limit)s.")
        )
        said = text % {"name": done.workflow.name, "limit": launch.words if launch else ""}
        if n := done.figures.get("released"):
            said += " " + ngettext("%(n)d is being released.", "%(n)d are being released.", n) % {"n": n}
        return self.result(done, said)
