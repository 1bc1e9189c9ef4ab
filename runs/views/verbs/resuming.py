"""Resume: what a pause left behind, checks made now, and a choice for each class of what was held."""

from functools import cached_property
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from runs.verb_texts import resumed_text
from runs.views.verbs.checking import arrives_later, check_urls
from runs.views.verbs.checks import changes, check_context
from runs.views.verbs.frame import Outcome, VerbDialog
from workflows import connections, effects, services
from workflows.definition.check import CheckResult
from workflows.definition.findings import Finding
from workflows.forms import ResumeForm
from workflows.models import Version
from workflows.services.resuming import definition_errors, pre_resume_findings


class ResumeDialog(VerbDialog):
    """Asking tests the connections now."""

    verb = "resume"
    title = gettext_lazy("Resume workflow")
    form_class = ResumeForm
    template = "workflows/verbs/resume.html"
    is_wide = True

    @cached_property
    def preview(self) -> dict[str, Any]:
        """Numbers and findings. Connections are tested for the question only: the act tests them itself.

        Opened by script, the dialog is there at once: each connection's check arrives by itself and says what it found.
        """
        if arrives_later(self.request):
            errors = definition_errors(self.workflow)
            return {
                "findings": [finding.as_dict() for finding in errors],
                **effects.perform("resume_preview", self.workflow),
            }
        if self.request.method == "GET":
            return services.resume_preview(self.workflow.pk)
        findings = [finding.as_dict() for finding in pre_resume_findings(self.workflow)]
        return {"findings": findings, **effects.perform("resume_preview", self.workflow)}

    @property
    def is_blocked(self) -> bool:
        return any(finding["level"] == "error" for finding in self.preview["findings"])

    def form_options(self) -> dict[str, Any]:
        numbers = self.preview
        return {
            "held_triggers": numbers["held_triggers"],
            "held_runs": numbers["held_runs"],
            "ticks": numbers["skipped_ticks"],
            "pace": numbers["pace"],
        }

    def context(self) -> dict[str, Any]:
        workflow, preview = self.workflow, self.preview
        findings = [Finding(**finding) for finding in preview["findings"]]
        return {
            **check_context(self.request, workflow, CheckResult(findings, [])),
            "preview": preview,
            "paused_for": timezone.now() - workflow.paused_at if workflow.paused_at else None,
            "connections": check_urls(self.verb, workflow.pk, connections.of_workflow(workflow)),
            "is_later": arrives_later(self.request),
            "before": self._version_when_paused,
            "diff": changes(self._version_when_paused, workflow.published),
        }

    @cached_property
    def _version_when_paused(self) -> Version | None:
        now, paused_at = self.workflow.published, self.workflow.paused_at
        if now is None or paused_at is None or (now.published_at and now.published_at <= paused_at):
            return now
        published = self.workflow.versions.filter(published_at__lte=self.workflow.paused_at)
        return published.order_by("-published_at", "-number").first()

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        values = form.cleaned_data
        done = services.resume(
            self.workflow.pk,
            held=values.get("held") or "release",
            held_runs=values.get("held_runs") or "release",
            missed_ticks=values.get("missed_ticks") or "none",
            pace=values.get("pace"),
            accept_warnings=values.get("accept_warnings", False),
            revision=revision,
        )
        return self.result(done, resumed_text(done) if done.changed else "")
