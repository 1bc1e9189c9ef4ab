"""Connections: the list, one connection's page, and its test."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_tables2 import RequestConfig

from audit.models import AuditEvent
from audit.verbs import AuditWord
from config.web import htmx
from config.web.filters import Choice, Shortcut
from config.web.pages import ListPage
from workflows import access, connections
from workflows.connections.appearance import badge_word
from workflows.models import Connection
from workflows.views.connection_tables import ConnectionFilter, ConnectionTable, menu_of

CHECKS_SHOWN = 10
# The page belongs to the runs app, whose address names are not this app's to use; the address is a contract.
WORKFLOW_PAGE = "/automations/workflows/%d/"


class ConnectionList(ListPage):
    """All connections in the person's scopes."""

    model = Connection
    filterset_class = ConnectionFilter
    table_class = ConnectionTable
    template_name = "workflows/connections/list.html"
    refresh_on = "connection-changed"

    def get_queryset(self) -> QuerySet[Connection]:
        return visible(self.request).order_by("name")

    def get_choices(self) -> list[Choice]:
        counts = dict(visible(self.request).order_by().values_list("health").annotate(n=Count("pk")))
        ticked = self.request.GET.get("health", "")
        everything = Shortcut(_("Any health"), self.address(health=None, page=None), is_current=not ticked)
        health = list(Connection.Health.values)
        return [self.filterset.choice("health", default=health, counts=counts, shortcuts=[everything])]

    def get_empty(self) -> dict[str, Any]:
        empty = {
            "title": _("No connections yet"),
            "text": _("A connection keeps the address and the secret of a system that your steps talk to."),
        }
        if not access.may(self.request.user, "manage_connections"):
            return empty
        return empty | {"action": _("Create connection"), "href": reverse("connections:create")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_create = access.may(self.request.user, "manage_connections")
        return super().get_context_data(may_create=may_create, **kwargs)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One connection: what it is, its last checks, the workflows that use it."""
    connection = access.visible_or_404(request.user, visible(request), pk=pk)
    context = {
        "connection": connection,
        "word": badge_word(connection),
        "menu": menu_of(connection, request),
        "workflows": [
            (workflow, WORKFLOW_PAGE % workflow.pk) for workflow in connections.used_by(connection)
        ],
        "checks": _last_checks(connection),
        "may_test": access.may(request.user, "test_connection", connection),
    }
    return render(request, "workflows/connections/detail.html", context)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the external system now. htmx gets the connection's own row anew; others the page they came from."""
    connection = access.visible_or_404(request.user, visible(request), pk=pk)
    if not access.may(request.user, "test_connection", connection):
        raise PermissionDenied(_("Testing a connection needs the role Operator in its scope."))
    tested = connections.test(connection.pk)
    said = f"{tested.name}: {tested.get_health_display()}. {tested.health_message}"
    if htmx.wants_partial(request):
        table = ConnectionTable([visible(request).get(pk=pk)])
        RequestConfig(request, paginate=False).configure(table)
        answer = render(request, "workflows/connections/_row.html", {"table": table})
        return htmx.vary_on_htmx(htmx.with_events(answer, {"notice": htmx.notice(said)}))
    htmx.tell(request, said)
    is_list = request.POST.get("back") == "list"
    back = reverse("connections:list") if is_list else reverse("connections:detail", args=[pk])
    return HttpResponseRedirect(back)


def visible(request: HttpRequest) -> QuerySet[Connection]:
    """The connections that the person sees, with their scopes."""
    return access.visible_to(request.user, Connection.objects.select_related("scope"))


def _last_checks(connection: Connection) -> list[dict[str, Any]]:
    """The newest tests, from the audit log, which is where they are kept."""
    events = AuditEvent.objects.filter(
        event=AuditWord.CONNECTION_TESTED, subject_kind="connection", subject_id=str(connection.pk)
    )
    return [
        {"time": event.time, "actor": event.actor_label, "answer": json.loads(event.after).get("answer", "")}
        for event in events.order_by("-id")[:CHECKS_SHOWN]
    ]
