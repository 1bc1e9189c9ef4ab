"""Run and Publish: the check list, what changes, and the tick for warnings."""

from functools import cached_property
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs.views.verbs.checking import arrives_later, check_urls
from runs.views.verbs.checks import changes, check_context, live_triggers
from runs.views.verbs.frame import Outcome, VerbDialog
from workflows import checking, connections, effects, services
from workflows.definition.check import CheckResult
from workflows.forms import RunForm, WarningsForm
from workflows.models import Version
from workflows.services import working
from workflows.services.launching import hears_events, scopes_inside

WIDE_START: Final = "workspace_wide_start"


class CheckedDialog(VerbDialog):
    """A dialog that shows the whole check list; errors leave the button away."""

    form_class = WarningsForm
    is_wide = True

    @cached_property
    def checks(self) -> CheckResult:
        return checking.check_workflow(self.workflow)

    @property
    def is_blocked(self) -> bool:
        return not self.checks.ok

    @property
    def version(self) -> Version | None:
        """The version that goes live."""
        return self.workflow.draft or self.workflow.published

    def form_options(self) -> dict[str, Any]:
        return {"warnings": 0 if self.is_blocked else len(self.checks.warnings)}

    def context(self) -> dict[str, Any]:
        workflow = self.workflow
        return {
            **check_context(self.request, workflow, self.checks),
            "diff": changes(workflow.published, workflow.draft),
            "triggers": live_triggers(workflow, self.version),
            "is_unsaved": working.working(workflow).is_kept,
        }


class RunDialog(CheckedDialog):
    """Start: publishes the draft, if there is one, and begins to process triggers."""

    verb = "run"
    title = gettext_lazy("Run workflow")
    form_class = RunForm
    template = "workflows/verbs/run.html"

    @property
    def sentence(self) -> str:
        asked = _("Are you sure you want to start %(name)s?") % {"name": self.workflow.name}
        then = (
            _("The draft will be published and the workflow will begin running.")
            if self.workflow.draft
            else _("It will begin running.")
        )
        return f"{asked} {then}"

    def form_options(self) -> dict[str, Any]:
        found = {finding.code for finding in self.checks.warnings}
        return {
            **super().form_options(),
            "is_wide": WIDE_START in found and not self.is_blocked,
            "scopes": scopes_inside(self.workflow) if hears_events(self.version) else [],
        }

    def context(self) -> dict[str, Any]:
        used = connections.used_in(self.workflow, self.version)
        return {
            **super().context(),
            "connections": check_urls(self.verb, self.workflow.pk, used),
            "is_later": arrives_later(self.request),
        }

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        accepted, limit = form.cleaned_data.get("accept_warnings", False), form.cleaned_data["limit"]
        launch = services.launch_of(**limit)
        done = services.run(self.workflow.pk, accept_warnings=accepted, launch=launch, revision=revision)
        text = _("%(name)s is Active.") % {"name": done.workflow.name}
        if launch is not None:
            text += " " + _("Watched launch: %(limit)s; the others are held.") % {"limit": launch.words}
        if done.figures.get("released"):
            text += " " + _("%(n)d held are being released.") % {"n": done.figures["released"]}
        return self.result(done, text)


class PublishDialog(CheckedDialog):
    """The draft becomes the published version; the status stays."""

    verb = "publish"
    title = gettext_lazy("Publish changes")
    template = "workflows/verbs/publish.html"

    @property
    def button(self) -> str:
        return _("Publish")

    @property
    def sentence(self) -> str:
        number = {"number": self.version.number if self.version else 0}
        return _("New runs use version %(number)d at once; runs that are open keep theirs.") % number

    def nothing_to_do(self) -> str:
        possible = self.workflow.status in self.transition.sources
        return _("Nothing to do: there is no draft.") if possible and not self.workflow.draft else ""

    def context(self) -> dict[str, Any]:
        return {**super().context(), "counts": effects.perform("counts", self.workflow)}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        accepted = form.cleaned_data.get("accept_warnings", False)
        done = services.publish(self.workflow.pk, accept_warnings=accepted, revision=revision)
        number = done.workflow.published.number if done.workflow.published else 0
        return self.result(done, _("Version %(number)d is published.") % {"number": number})
