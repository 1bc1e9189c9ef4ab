"""Clone, Rename, Describe, Move, Delete."""

from functools import cached_property
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs.views.verbs.frame import UNDO, Outcome, VerbDialog, undo_address
from workflows import access, effects, queries, services
from workflows.forms import CloneForm, DeleteForm, DescribeForm, MoveForm, NameForm
from workflows.models import Workflow
from workflows.services import receipts

# An Undo travels in a header, which cannot hold a text of any length.
LONGEST_UNDO: Final = 1_000


class CloneDialog(VerbDialog):
    """A new Draft with the newest definition. Sent twice with one key, it makes one."""

    verb = "clone"
    title = gettext_lazy("Clone workflow")
    form_class = CloneForm
    template = "workflows/verbs/clone.html"

    def form_options(self) -> dict[str, Any]:
        initial = {"name": services.suggested_name(self.workflow), "scope": self.workflow.scope_id}
        scopes = access.scopes_where(self.request.user, "create").order_by("ref")
        return {"initial": initial, "scopes": scopes}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        values = form.cleaned_data

        def make() -> str:
            made = services.clone(
                self.workflow.pk, name=values["name"], scope=values["scope"], revision=revision
            )
            return made.workflow.name

        name = receipts.once(self.request.POST.get("idempotency_key", ""), f"clone {self.workflow.pk}", make)
        return Outcome(_("Cloned as %(name)s, a new Draft.") % {"name": name})


class RenameDialog(VerbDialog):
    """Another name; addresses and triggers stay."""

    verb = "rename"
    title = gettext_lazy("Rename workflow")
    form_class = NameForm
    template = "workflows/verbs/name.html"

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"name": self.workflow.name}}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        before = self.workflow.name
        done = services.rename(self.workflow.pk, name=form.cleaned_data["name"], revision=revision)
        text = _("%(before)s is now %(name)s.") % {"before": before, "name": done.workflow.name}
        return self.result(done, text, undo=undo_address(done.workflow, "rename", name=before))


class DescribeDialog(VerbDialog):
    """Description, tags and owner."""

    verb = "describe"
    title = gettext_lazy("Describe workflow")
    form_class = DescribeForm

    @property
    def button(self) -> str:
        return _("Save")

    def form_options(self) -> dict[str, Any]:
        workflow = self.workflow
        initial = {
            "description": workflow.description,
            "tags": ", ".join(workflow.tags),
            "owner": workflow.owner_id,
        }
        return {"workflow": workflow, "initial": initial}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        given = form.cleaned_data
        if UNDO in self.request.GET:
            given = {name: value for name, value in given.items() if name in self.request.GET}
        done = services.describe(self.workflow.pk, revision=revision, **given)
        said = _("The description of %(name)s is saved.") % {"name": done.workflow.name}
        return self.result(done, said, undo=undo_of_describing(self.workflow, done.workflow))


def undo_of_describing(before: Workflow, after: Workflow) -> str:
    """Where to POST what takes changed tags, owner and description back; "" where the old text is too long for it."""
    values: dict[str, str] = {}
    if before.tags != after.tags:
        values["tags"] = ",".join(before.tags)
    if before.owner_id != after.owner_id:
        values["owner"] = str(before.owner_id or "")
    if before.description != after.description:
        values["description"] = before.description
    is_small = len(values.get("description", "")) <= LONGEST_UNDO
    return undo_address(after, "describe", **values) if values and is_small else ""


class MoveDialog(VerbDialog):
    """Into another scope, where the person needs the right as well."""

    verb = "move"
    title = gettext_lazy("Move workflow")
    form_class = MoveForm
    template = "workflows/verbs/move.html"

    def form_options(self) -> dict[str, Any]:
        scopes = access.scopes_where(self.request.user, self.verb).order_by("ref")
        return {"scopes": scopes, "initial": {"scope": self.workflow.scope_id}}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        scope = form.cleaned_data["scope"]
        done = services.move(self.workflow.pk, scope=scope, revision=revision)
        return self.result(
            done, _("%(name)s is in %(scope)s now.") % {"name": done.workflow.name, "scope": scope.name}
        )


class DeleteDialog(VerbDialog):
    """For good; its name has to be typed."""

    verb = "delete"
    title = gettext_lazy("Delete workflow")
    form_class = DeleteForm
    template = "workflows/verbs/delete.html"

    @cached_property
    def counts(self) -> dict[str, Any]:
        return effects.perform("counts", self.workflow)

    def context(self) -> dict[str, Any]:
        return {"counts": self.counts, "addresses": queries.count_addresses(self.workflow)}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        name = self.workflow.name
        done = services.delete(self.workflow.pk, confirm=form.cleaned_data["confirm"], revision=revision)
        return self.result(done, _("%(name)s is deleted.") % {"name": name}, is_gone=True)
