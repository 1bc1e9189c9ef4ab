"""The frame of every verb's dialog: who may, what it shows, and what an act or a refusal answers."""

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from config.web import htmx, policy
from config.web.dialogs import Dialog, render_dialog
from config.web.origins import current_page
from runs.menus import verb_url
from workflows import access, queries
from workflows.forms import NoFields
from workflows.lifecycle import TRANSITIONS, Refusal, Transition, ValueRefused
from workflows.models import Workflow
from workflows.services.acting import VerbResult, already, require_source

CHANGED = "workflow-changed"
UNDO = "undo"


@dataclass(frozen=True)
class Outcome:
    """What an act says: the sentence for the status region, where to undo it, and a page to go to at once.

    `to` is for acts whose answer is a page of its own, for htmx too. `is_gone`: the workflow's page is no more.
    """

    text: str
    undo: str = ""
    to: str = ""
    is_gone: bool = False


class VerbDialog:
    """One verb on one workflow. Subclasses say what is shown and asked, and perform it through the services."""

    verb: ClassVar[str] = ""
    title: ClassVar[str | Promise] = ""
    form_class: ClassVar[type[forms.Form]] = NoFields
    template: ClassVar[str] = "ui/_dialog.html"
    is_wide: ClassVar[bool] = False

    def __init__(self, request: HttpRequest, workflow: Workflow) -> None:
        self.request, self.workflow = request, workflow

    @property
    def transition(self) -> Transition:
        return TRANSITIONS[self.verb]

    @property
    def button(self) -> str | Promise:
        """The word on the button: the verb."""
        return self.transition.button or self.transition.label

    @property
    def is_danger(self) -> bool:
        return self.transition.is_final

    @property
    def sentence(self) -> str:
        """The question, in one or two sentences."""
        return ""

    @property
    def is_blocked(self) -> bool:
        """Whether something must be mended first, so that there is no button."""
        return False

    def permitted(self) -> bool:
        """Whether the person may do it here."""
        return policy.may(self.request.user, self.verb, self.workflow)

    def form_options(self) -> dict[str, Any]:
        """Keyword arguments of the form besides its data."""
        return {}

    def form(self, data: QueryDict | None = None) -> forms.Form:
        """The form, bound if there is data."""
        return self.form_class(data, **self.form_options())

    def context(self) -> dict[str, Any]:
        """What the template shows besides the form: numbers, findings."""
        return {}

    def act(self, form: forms.Form, revision: int | None) -> Outcome:
        """Do it; raises the services' refusals."""
        raise NotImplementedError

    def nothing_to_do(self) -> str:
        """The sentence that the target holds already, which leaves nothing to ask."""
        return already(self.workflow) if self.workflow.status in self.transition.settled else ""

    def require_possible(self) -> None:
        """Raises TransitionRefused where the verb does not start from the present status."""
        require_source(self.workflow, self.transition)

    def result(self, done: VerbResult, text: str, *, undo: str = "", is_gone: bool = False) -> Outcome:
        """The outcome of a service: its own sentence when nothing had to be done."""
        if not done.changed:
            return Outcome(done.message, is_gone=is_gone)
        return Outcome(text, undo=undo, is_gone=is_gone)


def visible(request: HttpRequest, pk: int) -> Workflow:
    """The workflow; Http404 alike for what is not there and for what lies outside the person's scopes."""
    return get_object_or_404(policy.visible_to(request.user, queries.everything()), pk=pk)


def undo_address(workflow: Workflow, verb: str, **values: str) -> str:
    """Where to POST what takes an act back; refused if the workflow changed since."""
    query = {UNDO: "1", "revision": str(workflow.revision), **values}
    return f"{verb_url(workflow, verb)}?{urlencode(query)}"


def page_of(workflow: Workflow) -> str:
    return reverse("workflow_page", args=[workflow.pk])


def list_page() -> str:
    return reverse("workflow_list")


def ask(dialog: VerbDialog) -> HttpResponse:
    """GET: the question, or why there is none."""
    nothing = dialog.nothing_to_do()
    if nothing:
        return show(dialog, form=None, closing=nothing)
    try:
        dialog.require_possible()
    except Refusal as refusal:
        return show(dialog, form=None, status=409, refusal=refusal.message)
    return show(dialog, form=dialog.form())


def perform(dialog: VerbDialog) -> HttpResponse:
    """POST: the act, or the dialog again with what stands in the way."""
    nothing = dialog.nothing_to_do()
    if nothing:
        return _finish(dialog, Outcome(nothing))
    data = _sent(dialog.request)
    try:
        dialog.require_possible()
    except Refusal as refusal:
        return _refuse(dialog, data, refusal)
    form = dialog.form(data)
    if not form.is_valid():
        return show(dialog, form=form, status=422)
    try:
        outcome = dialog.act(form, _number(data.get("revision", "")))
    except ValueRefused as refusal:
        return _refuse_values(dialog, form, refusal)
    except Refusal as refusal:
        return _refuse(dialog, data, refusal)
    return _finish(dialog, outcome)


def show(
    dialog: VerbDialog,
    *,
    form: forms.Form | None,
    status: int = 200,
    refusal: str = "",
    closing: str = "",
) -> HttpResponse:
    """The dialog. Without form it only says something and closes."""
    workflow = dialog.workflow
    drawn = Dialog(
        title=dialog.title,
        subject=workflow.name,
        sentence=closing or (dialog.sentence if form is not None else ""),
        confirm=dialog.button if form is not None else "",
        action=verb_url(workflow, dialog.verb),
        back=page_of(workflow),
        revision=workflow.revision,
        danger=dialog.is_danger,
        blocked=form is not None and dialog.is_blocked,
        wide=dialog.is_wide and form is not None,
    )
    context = {"workflow": workflow, "refusal": refusal, **(dialog.context() if form is not None else {})}
    template = dialog.template if form is not None else VerbDialog.template
    return render_dialog(dialog.request, drawn, form=form, status=status, template=template, context=context)


def forbid(dialog: VerbDialog) -> None:
    """Raises PermissionDenied, saying what is missing."""
    role = access.PERMISSIONS[dialog.verb]
    raise PermissionDenied(
        _("“%(verb)s” needs the role %(role)s in %(scope)s.")
        % {
            "verb": str(dialog.transition.label).rstrip("…"),
            "role": role.label,
            "scope": dialog.workflow.scope.name,
        }
    )


def _sent(request: HttpRequest) -> QueryDict:
    # An Undo is a bare button: what it sends stands in its address.
    return request.GET if UNDO in request.GET else request.POST


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _refuse_values(dialog: VerbDialog, form: forms.Form, refusal: ValueRefused) -> HttpResponse:
    if UNDO in dialog.request.GET:
        return _refuse(dialog, dialog.request.GET, refusal)
    for finding in refusal.findings:
        field = finding["path"] if finding["path"] in form.fields else None
        form.add_error(field, f"{finding['message']} {finding['fix']}".strip())
    return show(dialog, form=form, status=422)


def _refuse(dialog: VerbDialog, data: QueryDict, refusal: Refusal) -> HttpResponse:
    """409: the dialog again, read afresh, with the input and what changed."""
    if UNDO in dialog.request.GET and htmx.wants_partial(dialog.request):
        return htmx.problem(refusal.message, status=409)
    fresh = access.visible_or_404(
        dialog.request.user, type(dialog.workflow).objects.all(), pk=dialog.workflow.pk
    )
    again = type(dialog)(dialog.request, fresh)
    try:
        again.require_possible()
    except Refusal:
        return show(again, form=None, status=409, refusal=refusal.message)
    form = again.form(data)
    form.is_valid()
    return show(again, form=form, status=409, refusal=refusal.message)


def _finish(dialog: VerbDialog, outcome: Outcome) -> HttpResponse:
    request, page = dialog.request, page_of(dialog.workflow)
    notice = htmx.notice(outcome.text, undo_url=outcome.undo)
    stands_on_it = current_page(request).startswith(page)
    to = outcome.to or (list_page() if outcome.is_gone else "")
    if htmx.is_htmx(request) and to and (outcome.to or stands_on_it):
        htmx.tell(request, notice)
        return htmx.go_to(to)
    return htmx.finish(request, CHANGED, to=to or page, notice=notice)
