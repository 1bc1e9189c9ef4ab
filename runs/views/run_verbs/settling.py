"""Release, Discard and Decide."""

from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs import services
from runs.models import RunStatus
from runs.run_forms import Choices, DecideForm, DiscardForm
from runs.run_menus import short_id
from runs.services.acting import RunRefused
from runs.views.run_verbs.frame import Outcome, RunDialog
from workflows.lifecycle import Status, TransitionRefused


class HeldDialog(RunDialog):
    """A dialog for runs that are Held."""

    def nothing_to_do(self) -> str:
        if self.run.is_open and self.run.status != RunStatus.HELD:
            return _("Nothing to do: the run is %(status)s, not Held.") % {
                "status": self.run.get_status_display()
            }
        return super().nothing_to_do()


class ReleaseDialog(HeldDialog):
    """Lets one held run go."""

    verb = "release"
    title = gettext_lazy("Release run")

    @property
    def sentence(self) -> str | Promise:
        if self.run.started_at is None:
            number = self.run.workflow.published.number if self.run.workflow.published else 0
            return _("It starts now, on version %(number)d.") % {"number": number}
        return _("It goes on now with its own version, from the step boundary where it was held.")

    def require_possible(self) -> None:
        workflow = self.run.workflow
        if workflow.status != Status.ACTIVE:
            raise TransitionRefused(
                _("The workflow is %(status)s. Resume it to let held runs go.")
                % {"status": workflow.get_status_display()}
            )

    def act(self, form: forms.Form) -> Outcome:
        done = services.release(self.run.pk)
        if not done.changed:
            return Outcome(done.message)
        return Outcome(_("Run %(id)s is released.") % {"id": short_id(done.run)})


class DiscardDialog(HeldDialog):
    """Ends one held run without executing it."""

    verb = "discard"
    title = gettext_lazy("Discard run")
    form_class = DiscardForm
    is_danger = True

    @property
    def sentence(self) -> str | Promise:
        if self.run.started_at is None:
            return _("It ends as Skipped: what the trigger brought is never processed.")
        return _("It ends as Cancelled: its remaining steps never run.")

    def act(self, form: forms.Form) -> Outcome:
        done = services.discard(self.run.pk)
        if not done.changed:
            return Outcome(done.message)
        return Outcome(_("Run %(id)s is discarded.") % {"id": short_id(done.run)})


CHOICES: Final[Choices] = [
    ("done", gettext_lazy("Mark done: the target acted, go on after the step")),
    ("repeat", gettext_lazy("Repeat: the target did not act, send again")),
    ("fail", gettext_lazy("Fail: take the step as failed")),
]
BUTTONS: Final = {
    "done": gettext_lazy("Mark done"),
    "repeat": gettext_lazy("Repeat"),
    "fail": gettext_lazy("Fail"),
}
SENTENCES: Final = {
    "done": gettext_lazy("The step counts as done, without an output, and the run goes on after it."),
    "repeat": gettext_lazy("The step is sent again. If the target had acted after all, it acts twice."),
    "fail": gettext_lazy("The step counts as failed, and the run does what the workflow says for that."),
}


class DecideDialog(RunDialog):
    """What became of a step. The address may name the answer (`?as=done`), which then is only confirmed."""

    verb = "decide"
    title = gettext_lazy("Decide about a run")

    @property
    def chosen(self) -> str:
        """The answer that the address names, or nothing."""
        given = self.request.GET.get("as", "")
        return given if given in BUTTONS else ""

    @property
    def button(self) -> str | Promise:
        return BUTTONS.get(self.request.POST.get("as", self.chosen), _("Decide"))

    @property
    def sentence(self) -> str:
        unknown = _("The worker died after sending; whether the target acted is unknown.")
        return f"{unknown} {SENTENCES[self.chosen] if self.chosen else ''}".strip()

    def form(self, data: QueryDict | None = None) -> forms.Form:
        return DecideForm(data, choices=CHOICES, chosen=self.chosen)

    def context(self) -> dict[str, Any]:
        return {"step": self.run.error_step}

    def require_possible(self) -> None:
        if self.run.status != RunStatus.NEEDS_DECISION:
            raise RunRefused(
                _("The run is %(status)s and needs no decision.") % {"status": self.run.get_status_display()}
            )

    def act(self, form: forms.Form) -> Outcome:
        how = form.cleaned_data["as"]
        done = services.decide(self.run.pk, how)
        if not done.changed:
            return Outcome(done.message)
        said = {
            "done": _("Run %(id)s goes on: the step is marked done."),
            "repeat": _("Run %(id)s goes on: the step is sent again."),
            "fail": _("Run %(id)s goes on: the step is taken as failed."),
        }
        return Outcome(said[how] % {"id": short_id(done.run)})
