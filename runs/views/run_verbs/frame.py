"""The frame of every dialog of a run: who may, what it shows, and what an act or a refusal answers."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.web import htmx, policy
from config.web.dialogs import Dialog, render_dialog
from runs import queries
from runs.models import Run
from runs.run_forms import NoFields
from runs.run_menus import RUN_VERBS, RunVerb, page_url, short_id, verb_url
from runs.services.acting import already
from workflows import access
from workflows.lifecycle import Refusal, ValueRefused

CHANGED = "run-changed"


@dataclass(frozen=True)
class Outcome:
    """What an act says; `to` is a page of its own that it leads to, for htmx too."""

    text: str
    to: str = ""


class RunDialog:
    """One verb on one run. Subclasses say what is shown and asked, and perform it through the services."""

    verb: ClassVar[str] = ""
    title: ClassVar[str | Promise] = ""
    form_class: ClassVar[type[forms.Form]] = NoFields
    template: ClassVar[str] = "runs/run_verbs/dialog.html"
    dismiss: ClassVar[str | Promise] = gettext_lazy("Go back")
    is_danger: ClassVar[bool] = False
    is_wide: ClassVar[bool] = False

    def __init__(self, request: HttpRequest, run: Run) -> None:
        self.request, self.run = request, run

    @property
    def offer(self) -> RunVerb:
        return RUN_VERBS[self.verb]

    @property
    def button(self) -> str | Promise:
        """The verb on the button."""
        return self.offer.label

    @property
    def sentence(self) -> str | Promise:
        """The consequence, in one or two sentences."""
        return ""

    def permitted(self) -> bool:
        """Whether the person may do it here."""
        return policy.may(self.request.user, self.verb, self.run)

    def form(self, data: QueryDict | None = None) -> forms.Form:
        """The form, bound if there is data."""
        return self.form_class(data)

    def context(self) -> dict[str, Any]:
        """What the template shows besides the form."""
        return {}

    def nothing_to_do(self) -> str:
        """The sentence that there is nothing to ask."""
        return "" if self.run.is_open else already(self.run)

    def require_possible(self) -> None:
        """Raises a Refusal where the run or its workflow stands in the way."""

    def act(self, form: forms.Form) -> Outcome:
        """Do it; raises the services' refusals."""
        raise NotImplementedError


def visible_run(request: HttpRequest, pk: UUID) -> Run:
    """The run; Http404 alike for what is not there and for what lies outside the person's scopes."""
    rows = queries.listed(request.user).select_related("workflow__scope", "workflow__published")
    return get_object_or_404(rows, pk=pk)


def ask(dialog: RunDialog) -> HttpResponse:
    """GET: the question, or why there is none."""
    nothing = dialog.nothing_to_do()
    if nothing:
        return show(dialog, form=None, closing=nothing)
    try:
        dialog.require_possible()
    except Refusal as refusal:
        return show(dialog, form=None, status=409, refusal=refusal.message)
    return show(dialog, form=dialog.form())


def perform(dialog: RunDialog) -> HttpResponse:
    """POST: the act, or the dialog again with what stands in the way."""
    nothing = dialog.nothing_to_do()
    if nothing:
        return _finish(dialog, Outcome(nothing))
    form = dialog.form(dialog.request.POST)
    try:
        dialog.require_possible()
        if not form.is_valid():
            return show(dialog, form=form, status=422)
        return _finish(dialog, dialog.act(form))
    except ValueRefused as refusal:
        for finding in refusal.findings:
            field = finding["path"] if finding["path"] in form.fields else None
            form.add_error(field, f"{finding['message']} {finding['fix']}".strip())
        return show(dialog, form=form, status=422)
    except Refusal as refusal:
        return _refuse(dialog, refusal)


def show(
    dialog: RunDialog,
    *,
    form: forms.Form | None,
    status: int = 200,
    refusal: str = "",
    closing: str = "",
) -> HttpResponse:
    """The dialog. Without form it only says something and closes."""
    run = dialog.run
    drawn = Dialog(
        title=dialog.title,
        subject=f"{run.workflow.name} · {short_id(run)}",
        sentence=closing or (dialog.sentence if form is not None else ""),
        confirm=dialog.button if form is not None else "",
        action=verb_url(run, dialog.verb),
        back=page_url(run),
        danger=dialog.is_danger,
        wide=dialog.is_wide and form is not None,
    )
    context = {"run": run, "refusal": refusal, "dismiss": dialog.dismiss}
    if form is not None:
        context |= dialog.context()
    template = dialog.template if form is not None else "ui/_dialog.html"
    return render_dialog(dialog.request, drawn, form=form, status=status, template=template, context=context)


def forbid(dialog: RunDialog) -> None:
    """Raises PermissionDenied, saying what is missing."""
    raise PermissionDenied(
        _("“%(verb)s” needs the role %(role)s in %(scope)s.")
        % {
            "verb": str(dialog.offer.label).rstrip("…"),
            "role": access.PERMISSIONS[dialog.verb].label,
            "scope": dialog.run.workflow.scope.name,
        }
    )


def _refuse(dialog: RunDialog, refusal: Refusal) -> HttpResponse:
    """409: the dialog again, read afresh, with the input if the verb is still possible."""
    again = type(dialog)(dialog.request, visible_run(dialog.request, dialog.run.pk))
    try:
        again.require_possible()
    except Refusal:
        return show(again, form=None, status=409, refusal=refusal.message)
    if again.nothing_to_do():
        return show(again, form=None, status=409, refusal=refusal.message)
    form = again.form(dialog.request.POST)
    form.is_valid()
    return show(again, form=form, status=409, refusal=refusal.message)


def _finish(dialog: RunDialog, outcome: Outcome) -> HttpResponse:
    request, notice = dialog.request, htmx.notice(outcome.text)
    if htmx.is_htmx(request) and outcome.to:
        htmx.tell(request, notice)
        return htmx.go_to(outcome.to)
    return htmx.finish(request, CHANGED, to=outcome.to or page_url(dialog.run), notice=notice)
