"""A verb on many things: how many will change, how many are refused and why; then the job."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from config.web import htmx, policy
from config.web.dialogs import Dialog, render_dialog
from runs.bulk import jobs, working
from runs.bulk.preview import Preview, preview
from runs.bulk.selection import Selection
from runs.bulk.verbs import BulkVerb, nothing_first, things_of, verb_of
from runs.models import BulkKind
from workflows import access
from workflows.lifecycle import ValueRefused
from workflows.services import receipts

TEMPLATE: Final = "runs/bulk/preview.html"
# So long the answer waits for the first results.
SECONDS: Final = 1.0


@require_http_methods(["GET", "POST"])
def bulk_act(request: HttpRequest, kind: BulkKind, verb: str) -> HttpResponse:
    """The selection comes with the request; without `go` it asks, with it the job begins.

    409 when more match than were seen, 422 for bad input, 403 without the right anywhere.
    """
    offered = verb_of(kind, verb)
    if offered is None:
        raise Http404
    _require_right(request, offered)
    is_confirmed = request.method == "POST" and request.POST.get("go") == "1"
    data = request.POST if request.method == "POST" else request.GET
    selection = Selection.of(kind, data)
    try:
        found = preview(offered, selection, request)
    except ValueRefused as refusal:
        return _refuse(request, offered, f"{refusal.message} {refusal.findings[0]['fix']}")
    form = offered.form(data if is_confirmed else None, found.changing, request.user)
    if not is_confirmed:
        return _show(request, found, selection, form)
    return _begin(request, found, selection, form)


def _require_right(request: HttpRequest, verb: BulkVerb) -> None:
    if not policy.may(request.user, verb.permission):
        role = access.PERMISSIONS[verb.permission].label
        raise PermissionDenied(_("“%(verb)s” needs the role %(role)s.") % {"verb": verb.label, "role": role})


def _begin(request: HttpRequest, found: Preview, selection: Selection, form: forms.Form) -> HttpResponse:
    if found.grown:
        more = _("%(now)d match now; when you looked there were %(seen)d. Look at the numbers again.")
        said = more % {"now": found.total, "seen": selection.seen}
        return _show(request, found, selection, form, status=409, refusal=said)
    if not found.changing:
        return _show(request, found, selection, form, status=409, refusal=_("None of them would change."))
    if not form.is_valid():
        return _show(request, found, selection, form, status=422)
    try:
        job_id = _once(request, found, form)
    except ValueRefused as refusal:
        for finding in refusal.findings:
            field = finding["path"] if finding["path"] in form.fields else None
            form.add_error(field, f"{finding['message']} {finding['fix']}".strip())
        return _show(request, found, selection, form, status=422)
    return _lead_to(request, reverse("bulk_job", args=[job_id]))


def _once(request: HttpRequest, found: Preview, form: forms.Form) -> str:
    """Begin the job; sent twice with one key, it begins once. Its first second is worked here."""
    verb = found.verb

    def begin() -> str:
        return str(jobs.begin(verb, found.rows, form.cleaned_data, request.user).pk)

    key = request.POST.get("idempotency_key", "")
    job_id = receipts.once(key, f"bulk {verb.kind} {verb.verb}", begin)
    if verb.prepare is nothing_first:
        working.work_on(UUID(job_id), seconds=SECONDS)
    return job_id


def _lead_to(request: HttpRequest, address: str) -> HttpResponse:
    return htmx.go_to(address) if htmx.is_htmx(request) else HttpResponseRedirect(address)


def _title(verb: BulkVerb) -> str:
    many = _("%(verb)s workflows") if verb.kind == BulkKind.WORKFLOWS else _("%(verb)s runs")
    return many % {"verb": verb.label}


def _show(
    request: HttpRequest,
    found: Preview,
    selection: Selection,
    form: forms.Form,
    *,
    status: int = 200,
    refusal: str = "",
) -> HttpResponse:
    verb, changing = found.verb, len(found.changing)
    dialog = Dialog(
        title=_title(verb),
        sentence=_sentence(found),
        confirm=f"{verb.label} {changing}",
        back=reverse(things_of(verb.kind).list_url),
        action=request.path,
        danger=verb.is_lasting,
        blocked=not changing,
    )
    context = {"preview": found, "selection": selection, "refusal": refusal}
    return render_dialog(request, dialog, form=form, status=status, template=TEMPLATE, context=context)


def _sentence(found: Preview) -> str:
    values: dict[str, Any] = {"n": len(found.changing), "total": found.total}
    if found.verb.kind == BulkKind.WORKFLOWS:
        of = ngettext(
            "%(n)d of %(total)d selected workflow will change.",
            "%(n)d of %(total)d selected workflows will change.",
            found.total,
        )
    else:
        of = ngettext(
            "%(n)d of %(total)d selected run will change.",
            "%(n)d of %(total)d selected runs will change.",
            found.total,
        )
    return of % values


def _refuse(request: HttpRequest, verb: BulkVerb, text: str) -> HttpResponse:
    dialog = Dialog(title=_title(verb), back=reverse(things_of(verb.kind).list_url))
    return render_dialog(request, dialog, status=422, context={"refusal": text})
