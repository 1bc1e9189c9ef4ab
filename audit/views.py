"""The audit log's pages: the list, one event, the export. Nothing here edits or deletes."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from audit import changes, export, outside, queries, verify
from audit.filters import EventFilter
from audit.models import AuditEvent, AuditVerification
from audit.queries import Events
from audit.tables import EventTable
from config.clock import stamp
from config.web import addresses, dialogs, numbers, policy
from config.web.origins import previous_page
from config.web.pages import CursorPage

_SIBLINGS = 20
_RECENT = 20


class EventList(CursorPage):
    """Every event that the person may see, newest first. Never polls: the past does not change."""

    filterset_class, table_class = EventFilter, EventTable
    template_name = "audit/list.html"
    keyset = ("-id",)

    def get_queryset(self) -> Events:
        return queries.visible_to(self.request.user)

    def get_empty(self) -> dict[str, Any]:
        return {"title": _("No events yet"), "text": _("Whatever somebody does here leaves an event.")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, verification = self.request.user, verify.last()
        return {
            **super().get_context_data(**kwargs),
            "verification": verification,
            "verdict": _verdict(verification, policy.may(user, "view", AuditEvent(scope_id=None))),
            "may_export": policy.may(user, "export_audit"),
            "export_query": addresses.query(self.request.GET, {"cursor": None}, order=self.filterset.order),
        }


@require_GET
def event_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One event with its values, its place in the chain, the rows of history, and what happened along with it."""
    visible = queries.visible_to(request.user)
    event = get_object_or_404(visible, pk=pk)
    siblings = visible.none()
    if event.correlation:
        siblings = visible.filter(correlation=event.correlation).exclude(pk=pk).order_by("id")[:_SIBLINGS]
    context = {
        "event": event,
        "siblings": siblings,
        "rows": [_history_row(row, request) for row in queries.history_rows(event)],
    }
    return render(request, "audit/event.html", context)


@require_GET
def recent_actions(request: HttpRequest) -> HttpResponse:
    """The person's own last 20 acts, as a dialog or as a page."""
    dialog = dialogs.Dialog(title=_("Recent actions"), back=previous_page(request), wide=True)
    events = list(queries.recent_of(request.user)[:_RECENT])
    everything = f"{reverse('audit:list')}?{urlencode({'person': request.user.get_username()})}"
    context = {"events": events, "everything": everything}
    return dialogs.render_dialog(request, dialog, template="audit/recent.html", context=context)


@require_GET
def export_file(request: HttpRequest) -> StreamingHttpResponse:
    """`?format=csv|jsonl` and the filters of the list; for managers, and itself audited."""
    if not policy.may(request.user, "export_audit"):
        raise PermissionDenied(_("Exporting the audit log needs the role Manager."))
    form = request.GET.get("format", "csv")
    if form not in export.FORMATS:
        raise Http404
    filters = EventFilter(request.GET, queryset=queries.visible_to(request.user))
    given = [name for name in filters.filters if request.GET.get(name)]
    number = export.begin(form, filters=given)
    return StreamingHttpResponse(
        export.lines(filters.qs.filter(id__lte=number), form),
        content_type=export.FORMATS[form],
        headers={"Content-Disposition": f'attachment; filename="audit-{stamp():%Y-%m-%d}.{form}"'},
    )


def _verdict(verification: AuditVerification | None, sees_everything: bool) -> str:
    """Counts and details only for who sees the whole workspace: a count would tell of foreign scopes."""
    if verification is None:
        return ""
    if not verification.ok:
        vague = _("the chain is broken. Tell a manager of the workspace.")
        return verification.problem if sees_everything else vague
    if not sees_everything:
        return _("chain whole")
    sentence = ngettext("%(n)s event, chain whole", "%(n)s events, chain whole", verification.events)
    return sentence % {"n": numbers.grouped(verification.events)}


def _history_row(row: Any, request: HttpRequest) -> dict[str, Any]:
    before, after = outside.differences(row)
    return {
        "kind": row.instance_type._meta.verbose_name,
        "number": row.pk,
        "changes": changes.field_changes(before, after),
        "address": _admin_address(row) if getattr(request.user, "is_staff", False) else "",
    }


def _admin_address(row: Any) -> str:
    """The admin's page of the history row; "" where the admin does not show the model."""
    model = row.instance_type._meta
    try:
        return reverse(f"admin:{model.app_label}_{model.model_name}_simple_history", args=[row.id, row.pk])
    except NoReverseMatch:
        return ""
