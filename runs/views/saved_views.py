"""Save as, Save, Delete and their Undo for views of the lists of workflows and of runs."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from config.web import htmx
from config.web.dialogs import Dialog, render_dialog
from runs import saved_views
from runs.models import Place, SavedView
from runs.saved_views import Look, address_of
from workflows import access
from workflows.forms.fields import offer
from workflows.lifecycle import Refusal, ValueRefused
from workflows.models import Scope
from workflows.services import receipts


class ViewForm(forms.Form):
    """Under what name, and for whom."""

    name = forms.CharField(label=gettext_lazy("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    scope = forms.ModelChoiceField(
        label=gettext_lazy("Shared with"),
        required=False,
        queryset=Scope.objects.none(),
        empty_label=gettext_lazy("Nobody: only you see it"),
        help_text=gettext_lazy("Everybody who sees the scope sees the view."),
    )

    def __init__(self, data: QueryDict | None, *, user: Any) -> None:
        super().__init__(data)
        offer(self, "scope", access.scopes_where(user, "share_view").order_by("ref"))


@require_http_methods(["GET", "POST"])
def view_new(request: HttpRequest) -> HttpResponse:
    """Save as: the look comes as the list's own parameters in this address, `place` says of which list."""
    place = _place(request)
    form = ViewForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "GET" or not form.is_valid():
        return _ask(request, form, place)
    values, look = form.cleaned_data, Look.of(request.GET, place)

    def create() -> str:
        made = saved_views.create(
            request.user, name=values["name"], scope=values["scope"], look=look, place=place
        )
        return str(made.pk)

    try:
        made = receipts.once(request.POST.get("idempotency_key", ""), "view", create)
    except ValueRefused as refusal:
        for finding in refusal.findings:
            form.add_error(finding["path"], f"{finding['message']} {finding['fix']}".strip())
        return _ask(request, form, place)
    view = SavedView.objects.get(pk=made)
    text = _("The view “%(name)s” is saved.") % {"name": view.name}
    htmx.tell(request, htmx.notice(text, undo_url=_undo(view, "delete")))
    to = address_of(view)
    return htmx.go_to(to) if htmx.is_htmx(request) else HttpResponseRedirect(to)


def _place(request: HttpRequest) -> str:
    given = request.GET.get("place", Place.WORKFLOWS.value)
    if given not in Place.values:
        raise Http404
    return given


def _ask(request: HttpRequest, form: forms.Form, place: str) -> HttpResponse:
    dialog = Dialog(
        title=_("Save view"),
        sentence=_("Filters, order, columns and density are kept under a name.")
        if place == Place.WORKFLOWS
        else _("Filters and what is listed are kept under a name."),
        confirm=_("Save"),
        action=request.get_full_path(),
        back=saved_views.list_of(place),
    )
    return render_dialog(request, dialog, form=form)


def _changeable(request: HttpRequest, pk: int, *, deleted: bool = False) -> SavedView:
    """The view; Http404 for what is foreign, PermissionDenied for what only its owner may change."""
    rows = SavedView.objects.all() if deleted else saved_views.visible_to(request.user)
    view = get_object_or_404(rows, pk=pk)
    if not saved_views.may_change(request.user, view):
        if deleted:
            raise Http404
        raise PermissionDenied(_("Only its owner, or a Manager of its scope, may change this view."))
    return view


@require_POST
def view_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the view the look of this address."""
    view = _changeable(request, pk)
    before = Look.of_view(view)
    done = saved_views.keep(view, Look.of(request.GET, view.place))
    text = _("The view “%(name)s” is changed.") % {"name": done.name}
    undo = _undo(done, "save", before.parameters)
    return _back(request, address_of(done), htmx.notice(text, undo_url=undo))


@require_POST
def view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the view away; the list stays as it is."""
    done = saved_views.delete(_changeable(request, pk))
    text = _("The view “%(name)s” is deleted.") % {"name": done.name}
    parameters = Look.of_view(done).parameters
    to = saved_views.list_of(done.place) + (f"?{parameters}" if parameters else "")
    return _back(request, to, htmx.notice(text, undo_url=_undo(done, "restore")))


@require_POST
def view_undo(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Take the last act on a view back: `save` (the former look), `delete` or `restore`."""
    is_restoring = act == "restore"
    view = _changeable(request, pk, deleted=is_restoring)
    revision = request.GET.get("revision", "")
    number = int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 9 else 0
    try:
        done = _act(act, view, Look.of(request.GET, view.place), number)
    except Refusal as refusal:
        if htmx.wants_partial(request):
            return htmx.problem(refusal.message, status=409)
        return _back(request, saved_views.list_of(view.place), htmx.notice(refusal.message))
    to = saved_views.list_of(view.place) if act == "delete" else address_of(done)
    return _back(request, to, htmx.notice(_("Undone.")))


def _act(act: str, view: SavedView, look: Look, revision: int) -> SavedView:
    if act == "restore":
        return saved_views.restore(view, revision=revision)
    if act == "delete":
        return saved_views.delete(view, revision=revision)
    return saved_views.keep(view, look, revision=revision)


def _undo(view: SavedView, act: str, parameters: str = "") -> str:
    query = "&".join(part for part in (parameters, urlencode({"revision": view.revision})) if part)
    return f"{reverse('view_undo', args=[view.pk, act])}?{query}"


def _back(request: HttpRequest, to: str, notice: htmx.Notice) -> HttpResponse:
    htmx.tell(request, notice)
    return htmx.go_to(to) if htmx.is_htmx(request) else HttpResponseRedirect(to)
