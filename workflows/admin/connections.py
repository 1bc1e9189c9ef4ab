"""Connections in the admin."""

from django.contrib import admin, messages
from django.db.models import QuerySet, URLField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from workflows import access, connections
from workflows.admin.reading import ReadingHistoryAdmin
from workflows.models import Connection


@admin.register(Connection)
class ConnectionAdmin(ReadingHistoryAdmin):
    """Everything but the secret. Changes are made on the connection's own page."""

    list_display = ("name", "kind", "scope", "base_url", "auth", "secret_set", "health", "tested_at")
    list_filter = ("kind", "auth", "health", "scope")
    list_select_related = ("scope",)
    search_fields = ("name", "base_url", "username", "health_message")
    fields = (
        "page", "kind", "scope", "base_url", "auth", "username", "header_name", "secret_set", "secret_set_at",
        "health", "health_message", "tested_at", "created_at", "revision",
    )  # fmt: skip
    readonly_fields = ("page", "secret_set", "secret_set_at")
    ordering = ("name",)
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    actions = ("test_selected",)

    @admin.display(description=_("Secret set"), boolean=True)
    def secret_set(self, connection: Connection) -> bool:
        return bool(connection.secret)

    @admin.display(description=_("Page"))
    def page(self, connection: Connection) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("connections:detail", args=[connection.pk]), connection.name
        )

    @admin.action(description=_("Test the selected connections"), permissions=["view"])
    def test_selected(self, request: HttpRequest, chosen: QuerySet[Connection]) -> None:
        """Through the service, and only where the person's role allows it."""
        allowed = [one for one in chosen if access.may(request.user, "test_connection", one)]
        for tested in connections.test_all(allowed):
            level = messages.SUCCESS if tested.health == Connection.Health.OK else messages.WARNING
            self.message_user(request, f"{tested.name}: {tested.health_message}", level)
        if len(allowed) < len(chosen):
            self.message_user(
                request, _("Some were left: testing needs the role Operator in their scope."), messages.ERROR
            )
