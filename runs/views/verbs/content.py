"""Discard draft and Roll back."""

from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs.views.verbs.checks import changes, check_context
from runs.views.verbs.frame import Outcome, VerbDialog
from workflows import checking, effects, services
from workflows.definition.check import CheckResult
from workflows.forms import RollBackForm
from workflows.models import Version, Workflow


class DiscardDraftDialog(VerbDialog):
    """The draft beside the published version goes."""

    verb = "discard-draft"
    title = gettext_lazy("Discard draft")
    template = "workflows/verbs/discard_draft.html"
    is_danger = True
    is_wide = True

    @property
    def sentence(self) -> str:
        draft = self.workflow.draft
        number = {"number": draft.number if draft else 0}
        return _("Version %(number)d is deleted. The published version stays as it is.") % number

    def nothing_to_do(self) -> str:
        possible = self.workflow.status in self.transition.sources
        return _("Nothing to do: there is no draft.") if possible and not self.workflow.draft else ""

    def context(self) -> dict[str, Any]:
        return {"diff": changes(self.workflow.published, self.workflow.draft)}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        done = services.discard_draft(self.workflow.pk, revision=revision)
        number = done.figures.get("version")
        return self.result(done, _("The draft, version %(number)s, is discarded.") % {"number": number})


class RollBackDialog(VerbDialog):
    """An older version's content again; `?to=N` chooses which."""

    verb = "roll-back"
    title = gettext_lazy("Roll back workflow")
    form_class = RollBackForm
    template = "workflows/verbs/roll_back.html"
    is_wide = True

    def __init__(self, request: HttpRequest, workflow: Workflow) -> None:
        super().__init__(request, workflow)
        sent = request.POST.get("to") or request.GET.get("to", "")
        self.wanted = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 8 else 0

    @cached_property
    def older(self) -> list[Version]:
        """The published versions before the present one, newest first."""
        numbered = self.workflow.versions.filter(state=Version.State.SUPERSEDED)
        return list(numbered.order_by("-number")[:200])

    @cached_property
    def chosen(self) -> Version | None:
        return next((version for version in self.older if version.number == self.wanted), None)

    @cached_property
    def checks(self) -> CheckResult:
        """The findings about the chosen version as it would run today."""
        if self.chosen is None:
            return CheckResult([], [])
        return checking.check_workflow(self.workflow, version=self.chosen)

    def nothing_to_do(self) -> str:
        possible = self.workflow.status in self.transition.sources
        return _("Nothing to do: there is no older version.") if possible and not self.older else ""

    def form_options(self) -> dict[str, Any]:
        draft = self.workflow.draft
        return {
            "numbers": [(version.number, _label(version)) for version in self.older],
            "draft": draft.number if draft else None,
            "warnings": len(self.checks.warnings) if self.checks.ok else 0,
            "initial": {"to": self.wanted or None, "publish": ""},
        }

    def context(self) -> dict[str, Any]:
        return {
            **check_context(self.request, self.workflow, self.checks),
            "chosen": self.chosen,
            "diff": changes(self.workflow.published, self.chosen),
            "counts": effects.perform("counts", self.workflow),
        }

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        values = form.cleaned_data
        done = services.roll_back(
            self.workflow.pk,
            to=values["to"],
            publish=bool(values["publish"]),
            replace_draft=values.get("replace_draft", False),
            revision=revision,
        )
        numbers = {"number": done.figures.get("version"), "to": values["to"]}
        text = (
            _("Version %(number)s, with the content of version %(to)d, is published.")
            if values["publish"]
            else _("Version %(number)s, with the content of version %(to)d, is the draft.")
        )
        return self.result(done, text % numbers)


def _label(version: Version) -> str:
    return _("Version %(number)d, by %(author)s") % {
        "number": version.number,
        "author": version.author or "—",
    }
