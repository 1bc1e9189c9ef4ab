"""What a verb's dialog answers: the question, the act, or what stands in the way of it."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from config.web import htmx
from config.web.dialogs import Dialog, render_dialog
from config.web.origins import current_page
from runs.menus import verb_url
from runs.views.verbs.frame import UNDO, Outcome, VerbDialog, list_page, page_of
from workflows import access
from workflows.lifecycle import Refusal, ValueRefused

CHANGED = "workflow-changed"


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
        return _refuse_form(dialog, form)
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
    return request.GET if _is_undo(request) else request.POST


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _is_undo(request: HttpRequest) -> bool:
    return UNDO in request.GET


def _refuse_form(dialog: VerbDialog, form: forms.Form) -> HttpResponse:
    # An Undo has no dialog that could show what is missing, so its refusal is a sentence.
    if _is_undo(dialog.request) and htmx.wants_partial(dialog.request):
        return htmx.problem(dialog.sentence or _("This cannot be undone any more."), status=409)
    return show(dialog, form=form, status=422)


def _refuse_values(dialog: VerbDialog, form: forms.Form, refusal: ValueRefused) -> HttpResponse:
    if _is_undo(dialog.request):
        return _refuse(dialog, dialog.request.GET, refusal)
    for finding in refusal.findings:
        field = finding["path"] if finding["path"] in form.fields else None
        form.add_error(field, f"{finding['message']} {finding['fix']}".strip())
    return show(dialog, form=form, status=422)


def _refuse(dialog: VerbDialog, data: QueryDict, refusal: Refusal) -> HttpResponse:
    """409: the dialog again, read afresh, with the input and what changed."""
    if _is_undo(dialog.request) and htmx.wants_partial(dialog.request):
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
