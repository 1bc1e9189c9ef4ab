"""Findings: the list with its history, one finding's page, and acknowledging it."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from config.web import policy
from config.web.dialogs import Dialog
from config.web.filters import Choice
from config.web.pages import CursorPage
from runs.finding_filters import ALL, FindingFilter, FindingTable
from runs.models import Finding
from runs.models.finding import KINDS, FindingQuerySet
from runs.monitoring.findings import queries, wording
from runs.services.acknowledging import NOTE_LENGTH, FindingGone, acknowledge
from workflows import access
from workflows.views.asking import Family, ask_or_do

EARLIER_SHOWN = 10
FAMILY = Family("finding_list", "finding-changed", FindingGone, "ui/_dialog.html")


class FindingList(CursorPage):
    """All findings of workflows in the person's scopes, newest first."""

    model = Finding
    filterset_class, table_class = FindingFilter, FindingTable
    template_name = "runs/findings/list.html"
    refresh_on = "finding-changed"
    mark_fields = ("state", "last_seen")

    def get_queryset(self) -> FindingQuerySet:
        return queries.listed(self.request.user)

    def get_choices(self) -> list[Choice]:
        kinds = [kind.value for kind in KINDS]
        return [self.filterset.choice("state", default=ALL), self.filterset.choice("kind", default=kinds)]

    def get_empty(self) -> dict[str, Any]:
        return {
            "title": _("Nothing unusual was found yet"),
            "text": _(
                "Each Active workflow is looked at every quarter of an hour. Its weekly rhythm is known after three "
                "weeks; failures above the rule are found from the first hour on."
            ),
        }


@require_GET
def finding_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding: what was seen, what to do, which runs show it, and what there was before."""
    finding = access.visible_or_404(request.user, queries.listed(request.user), pk=pk)
    earlier = queries.listed(request.user).filter(workflow=finding.workflow, kind=finding.kind)
    context = {
        "finding": finding,
        "sentence": wording.sentence(finding),
        "advice": wording.advice(finding),
        "closing": wording.closing(finding),
        "runs_address": queries.runs_address(finding),
        "earlier": earlier.exclude(pk=finding.pk).order_by("-pk")[:EARLIER_SHOWN],
        "may_acknowledge": queries.may_acknowledge(request.user, finding),
    }
    return render(request, "runs/findings/page.html", context)


class NoteForm(forms.Form):
    """What a person says who knows of it."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For whoever comes next: what is known, who looks after it."),
    )


@require_http_methods(["GET", "POST"])
def finding_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that it is known; it stays until its condition is gone."""
    finding = access.visible_or_404(request.user, queries.listed(request.user), pk=pk)
    if not policy.may(request.user, "acknowledge", finding):
        scope = finding.workflow.scope.name
        raise PermissionDenied(
            _("Acknowledging findings needs the role Operator in %(scope)s.") % {"scope": scope}
        )
    form = NoteForm(request.POST if request.method == "POST" else None)

    def act() -> str:
        changed, now = acknowledge(pk, note=form.cleaned_data["note"])
        if not changed:
            return _("Nothing to do: %(who)s has acknowledged it already.") % {"who": now.acknowledged_by}
        return _("Acknowledged: %(finding)s.") % {"finding": now}

    dialog = Dialog(
        title=_("Acknowledge finding"),
        subject=finding.workflow.name,
        sentence=wording.sentence(finding),
        confirm=_("Acknowledge"),
        back=reverse("finding_page", args=[pk]),
    )
    return ask_or_do(request, FAMILY, dialog, act, form=form)
