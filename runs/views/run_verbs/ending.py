"""Cancel and Kill."""

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs import services
from runs.models import RunStatus
from runs.run_menus import short_id
from runs.views.run_verbs.frame import Outcome, RunDialog


class CancelDialog(RunDialog):
    """At the next step boundary; at once where no worker executes it."""

    verb = "cancel"
    title = gettext_lazy("Cancel run")

    @property
    def button(self) -> str:
        return _("Cancel run")

    @property
    def sentence(self) -> str | Promise:
        if self.run.status == RunStatus.RUNNING:
            return _("It ends at its next step boundary. The step that is executing finishes first.")
        if self.run.started_at is None:
            return _("It has not begun, so none of its steps will run.")
        return _("It ends now. What its steps did so far stays done.")

    def act(self, form: forms.Form) -> Outcome:
        done = services.cancel(self.run.pk)
        name = {"id": short_id(done.run)}
        if not done.changed:
            return Outcome(done.message)
        if done.run.is_open:
            return Outcome(_("Run %(id)s ends at its next step boundary.") % name)
        return Outcome(_("Run %(id)s is cancelled.") % name)


class KillDialog(RunDialog):
    """Now, whatever it does."""

    verb = "kill"
    title = gettext_lazy("Kill run")
    is_danger = True

    @property
    def button(self) -> str:
        return _("Kill")

    @property
    def sentence(self) -> str | Promise:
        if self.run.status == RunStatus.RUNNING:
            return _(
                "It is closed at once. The step that is executing may still act outside, but nothing of it is "
                "recorded. Cancel waits for the step; kill only what does not end."
            )
        return _("It is closed at once. What its steps did so far stays done.")

    def act(self, form: forms.Form) -> Outcome:
        done = services.kill(self.run.pk)
        if not done.changed:
            return Outcome(done.message)
        return Outcome(_("Run %(id)s is killed.") % {"id": short_id(done.run)})
