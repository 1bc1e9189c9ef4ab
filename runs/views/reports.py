"""Reports: the list with its subscribers, one frozen page each, its files, and the dialogs of subscribers."""

import json
from typing import Any, Final

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from config.web import policy
from config.web.dialogs import Dialog
from runs.models import Report, ReportKind, ReportSubscription
from runs.reports import export, freezing
from runs.reports.sheet import Sheet
from runs.services.subscribing import subscribe as add_subscription
from runs.services.subscribing import unsubscribe as drop_subscription
from workflows import access
from workflows.models import Scope
from workflows.models.notice import RECIPIENT_LENGTH
from workflows.services.recipients import RecipientGone
from workflows.views.asking import Family, ask_or_do

SHOWN: Final = 25
FAMILY = Family("report_list", "reports-changed", RecipientGone, "workflows/maintenance/_act.html")
KNOWN: Final = ("kind", "scope", "page")
asks_and_does = require_http_methods(["GET", "POST"])


@require_GET
def report_list(request: HttpRequest) -> HttpResponse:
    """The reports that the person sees, newest first; `?kind=&scope=` narrow. A constant number of queries."""
    kind, ref = request.GET.get("kind", ""), request.GET.get("scope", "")
    found, unknown = _seen(request), [name for name in request.GET if name not in KNOWN]
    if kind in ReportKind.values:
        found = found.filter(kind=kind)
    elif kind:
        unknown.append("kind")
    scopes = list(access.visible_to(request.user, Scope.objects.order_by("ref")))
    if ref in {scope.ref for scope in scopes}:
        found = found.filter(scope__ref=ref)
    elif ref:
        unknown.append("scope")
    page = Paginator(found, SHOWN).get_page(request.GET.get("page"))
    subscriptions = access.visible_to(request.user, ReportSubscription.objects.select_related("scope"))
    context = {
        "rows": [(report, Sheet.of(json.loads(report.document))) for report in page],
        "page": page,
        "kind": kind if kind in ReportKind.values else "",
        "ref": ref,
        "kinds": ReportKind.choices,
        "scopes": scopes,
        "is_filtered": bool(kind or ref),
        "not_understood": unknown,
        "subscriptions": [
            (one, policy.may(request.user, "recipients", one))
            for one in subscriptions.order_by("scope__ref", "kind", "recipient")
        ],
        "may_subscribe": policy.may(request.user, "recipients"),
        "next_weekly": freezing.next_due(ReportKind.WEEKLY),
        "next_monthly": freezing.next_due(ReportKind.MONTHLY),
    }
    return render(request, "runs/reports/list.html", context)


@require_GET
def report_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One report as it was frozen."""
    report = _report(request, pk)
    document = json.loads(report.document)
    sheet = Sheet.of(document)
    context = {"report": report, "sheet": sheet, "doc": document}
    return render(request, "runs/reports/page.html", context)


@require_GET
def report_file(request: HttpRequest, pk: int, format_: str) -> HttpResponse:
    """Its numbers as CSV, or its document as JSON."""
    report = _report(request, pk)
    if format_ == "json":
        answer = HttpResponse(report.document, content_type="application/json")
    else:
        answer = HttpResponse(
            export.csv_of(json.loads(report.document)), content_type="text/csv; charset=utf-8"
        )
    name = f"{report.kind}-{report.period}-{report.scope.ref.replace(':', '-')}.{format_}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


class SubscribeForm(forms.Form):
    """To whom, and what."""

    recipient = forms.CharField(
        label=gettext_lazy("Recipient"),
        max_length=RECIPIENT_LENGTH,
        help_text=gettext_lazy("An e-mail address, a person's user name, or a chat connection's name."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Report"), choices=ReportKind.choices, widget=forms.RadioSelect
    )
    scope = forms.ModelChoiceField(
        label=gettext_lazy("Scope"),
        queryset=Scope.objects.none(),
        help_text=gettext_lazy("The report covers it and the scopes inside it."),
    )

    def __init__(self, principal: access.Principal, data: Any = None) -> None:
        super().__init__(data, initial={"kind": ReportKind.WEEKLY})
        field = self.fields["scope"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = access.scopes_where(principal, "recipients")
        field.initial = field.queryset.first()


@asks_and_does
def subscribe(request: HttpRequest) -> HttpResponse:
    """Send a report to somebody as soon as it is made."""
    if not policy.may(request.user, "recipients"):
        raise PermissionDenied(_("Sending reports to people needs the role Manager."))
    form = SubscribeForm(request.user, request.POST or None)

    def act() -> str:
        given = form.cleaned_data
        changed, row = add_subscription(given["recipient"], ReportKind(given["kind"]), scope=given["scope"])
        line = _("%(name)s gets the next one.") if changed else _("Nothing to do: %(name)s gets it already.")
        return line % {"name": row.recipient}

    dialog = Dialog(_("Send a report regularly"), confirm=_("Send it"), back=reverse("report_list"))
    return ask_or_do(request, FAMILY, dialog, act, form=form)


@asks_and_does
def unsubscribe(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it no more."""
    rows = ReportSubscription.objects.select_related("scope")
    row = access.visible_or_404(request.user, rows, pk=pk)
    if not policy.may(request.user, "recipients", row):
        raise PermissionDenied(_("This needs the role Manager in the scope of the report."))
    dialog = Dialog(
        _("Stop sending a report"),
        subject=row.recipient,
        sentence=_("The %(kind)s report of %(scope)s is sent to them no more.")
        % {"kind": row.get_kind_display().lower(), "scope": row.scope.name},
        confirm=_("Stop sending"),
        back=reverse("report_list"),
    )

    def act() -> str:
        drop_subscription(pk)
        return _("%(name)s gets it no more.") % {"name": row.recipient}

    return ask_or_do(request, FAMILY, dialog, act)


def _seen(request: HttpRequest) -> QuerySet[Report]:
    rows = Report.objects.select_related("scope").order_by("-ends_at", "kind", "scope__ref", "pk")
    return access.visible_to(request.user, rows)


def _report(request: HttpRequest, pk: int) -> Report:
    report = _seen(request).filter(pk=pk).first()
    if report is None:
        raise Http404
    return report
