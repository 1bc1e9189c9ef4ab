"""Stop, Archive, Unarchive."""

from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.web import policy
from runs.menus import verb_url
from runs.verb_texts import stopped_text
from runs.views.verbs.frame import Outcome, VerbDialog, undo_address
from workflows import effects, queries, services
from workflows.forms import NameForm, NoFields, ReasonForm, StopForm
from workflows.lifecycle import Status

RUNNING = (Status.ACTIVE, Status.PAUSED)


class StoppingDialog(VerbDialog):
    """What a stop ends, and Pause as the gentler way."""

    @cached_property
    def counts(self) -> dict[str, Any]:
        return effects.perform("counts", self.workflow)

    def context(self) -> dict[str, Any]:
        counts = self.counts
        ends = counts["pending"] + counts["waiting"] + counts["held"] + counts["needs_decision"]
        is_active = self.workflow.status == Status.ACTIVE
        may_pause = is_active and policy.may(self.request.user, "pause", self.workflow)
        return {
            "counts": counts,
            "ends": ends,
            "pause_url": verb_url(self.workflow, "pause") if may_pause else "",
        }


class StopDialog(StoppingDialog):
    """Deactivate. Works with a broken definition too."""

    verb = "stop"
    title = gettext_lazy("Stop workflow")
    form_class = StopForm
    template = "workflows/verbs/stop.html"
    is_danger = True

    def form_options(self) -> dict[str, Any]:
        return {"may_archive": policy.may(self.request.user, "stop_and_archive", self.workflow)}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        archive = form.cleaned_data.get("archive", False)
        done = services.stop(
            self.workflow.pk, reason=form.cleaned_data["reason"], archive=archive, revision=revision
        )
        return self.result(done, stopped_text(done))


class ArchiveDialog(StoppingDialog):
    """Onto the shelf. From Active or Paused it offers to stop first, which needs a reason."""

    verb = "archive"
    title = gettext_lazy("Archive workflow")
    template = "workflows/verbs/archive.html"

    @property
    def stops_first(self) -> bool:
        return self.workflow.status in RUNNING

    @property
    def is_danger(self) -> bool:
        return self.stops_first

    @property
    def sentence(self) -> str:
        if self.stops_first:
            return _("It is %(status)s, so it is stopped first, and then archived.") % {
                "status": self.workflow.get_status_display()
            }
        return _("It leaves the list and becomes read-only. Its history stays; Unarchive brings it back.")

    def permitted(self) -> bool:
        verb = "stop_and_archive" if self.stops_first else self.verb
        return policy.may(self.request.user, verb, self.workflow)

    def require_possible(self) -> None:
        if not self.stops_first:
            super().require_possible()

    def form(self, data: QueryDict | None = None) -> forms.Form:
        return ReasonForm(data) if self.stops_first else NoFields(data)

    def context(self) -> dict[str, Any]:
        return {**super().context(), "stops_first": True} if self.stops_first else {}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        pk = self.workflow.pk
        if self.stops_first:
            done = services.stop(pk, reason=form.cleaned_data["reason"], archive=True, revision=revision)
            return self.result(done, stopped_text(done))
        done = services.archive(pk, revision=revision)
        text = _("%(name)s is archived.") % {"name": done.workflow.name}
        return self.result(done, text, undo=undo_address(done.workflow, "unarchive"))


class UnarchiveDialog(VerbDialog):
    """Off the shelf again; asks for a name only where its own is taken meanwhile."""

    verb = "unarchive"
    title = gettext_lazy("Unarchive workflow")
    template = "workflows/verbs/name.html"

    @cached_property
    def is_name_taken(self) -> bool:
        return not queries.is_name_free(self.workflow.name, self.workflow.scope)

    @property
    def sentence(self) -> str:
        status = Status.NOT_RUNNING if self.workflow.was_published else Status.DRAFT
        back: str | Promise = _("It comes back to the list as %(status)s.") % {"status": status.label}
        if not self.is_name_taken:
            return str(back)
        return f"{back} " + _("Its name was given to another workflow meanwhile, so it needs a new one.")

    def form(self, data: QueryDict | None = None) -> forms.Form:
        if not self.is_name_taken:
            return NoFields(data)
        return NameForm(data, initial={"name": services.suggested_name(self.workflow)})

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        name = form.cleaned_data.get("name")
        done = services.unarchive(self.workflow.pk, name=name, revision=revision)
        text = _("%(name)s is back as %(status)s.") % {
            "name": done.workflow.name,
            "status": done.workflow.get_status_display(),
        }
        return self.result(done, text, undo=undo_address(done.workflow, "archive"))
