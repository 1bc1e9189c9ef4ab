"""New: a workflow with a name and a scope, blank or begun from a sample."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from config.web import htmx, policy
from config.web.dialogs import idempotency_key
from runs.samples.starts import beginning, sample_documents
from workflows import access, services
from workflows.forms import name_field
from workflows.lifecycle import ValueRefused
from workflows.models import Scope
from workflows.services import receipts


class NewForm(forms.Form):
    """A name, a scope, and what to begin with."""

    name = name_field()
    scope = forms.ModelChoiceField(
        label=gettext_lazy("Scope"), queryset=Scope.objects.none(), empty_label=None, to_field_name="ref"
    )
    start = forms.ChoiceField(
        label=gettext_lazy("Begin with"), required=False, widget=forms.RadioSelect, initial=""
    )

    def __init__(self, *args: Any, scopes: QuerySet[Scope], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope, start = self.fields["scope"], self.fields["start"]
        assert isinstance(scope, forms.ModelChoiceField)
        assert isinstance(start, forms.ChoiceField)
        scope.queryset = scopes
        samples = [(key, f"{one['name']}: {one['description']}") for key, one in sample_documents().items()]
        start.choices = [("", _("Nothing: an empty draft")), *samples]


@require_http_methods(["GET", "POST"])
def workflow_new(request: HttpRequest) -> HttpResponse:
    """GET asks, POST creates the draft and leads to its page. Sent twice with one key, it creates one."""
    if not policy.may(request.user, "create"):
        raise PermissionDenied(_("Creating a workflow needs the role Editor in some scope."))
    scopes = access.scopes_where(request.user, "create").order_by("kind", "name")
    if request.method == "GET":
        initial = {"scope": request.GET.get("scope") or _workspace(scopes)}
        return _show(request, NewForm(initial=initial, scopes=scopes))
    form = NewForm(request.POST, scopes=scopes)
    return _create(request, form) if form.is_valid() else _show(request, form, status=422)


def _create(request: HttpRequest, form: NewForm) -> HttpResponse:
    given = form.cleaned_data
    document = beginning(given["start"]) if given["start"] else {}

    def act() -> str:
        made = services.create(
            name=given["name"],
            scope=given["scope"],
            description=document.get("description", ""),
            tags=document.get("tags", ()),
            document=document,
        )
        return str(made.workflow.pk)

    try:
        pk = receipts.once(request.POST.get("idempotency_key", ""), "create", act)
    except ValueRefused as refusal:
        for finding in refusal.findings:
            field = finding["path"] if finding["path"] in form.fields else None
            form.add_error(field, f"{finding['message']} {finding['fix']}".strip())
        return _show(request, form, status=422)
    htmx.tell(request, _("%(name)s is created as a Draft.") % {"name": given["name"]})
    return HttpResponseRedirect(reverse("workflow_page", args=[pk]))


def _workspace(scopes: QuerySet[Scope]) -> str:
    first = scopes.filter(kind=Scope.Kind.WORKSPACE).first() or scopes.first()
    return first.ref if first else ""


def _show(request: HttpRequest, form: NewForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "idempotency_key": idempotency_key(request, status=status),
        "may_import": policy.may(request.user, "import"),
    }
    return render(request, "workflows/new.html", context, status=status)
