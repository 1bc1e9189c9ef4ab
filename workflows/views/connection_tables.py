"""The list of connections: its filters, columns, and each row's menu."""

from functools import cached_property
from typing import Any

import django_filters
import django_tables2
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.web.filters import ChoicesFilter, FilterSet
from config.web.menus import Menu, MenuItem
from config.web.tables import BadgeColumn, MenuColumn, Table
from workflows import access
from workflows.connections import used_by_each
from workflows.connections.appearance import badge_word
from workflows.models import Connection, Scope, Workflow

ONE_LINE = {"td": {"class": "nowrap"}}


class ConnectionFilter(FilterSet):
    """Health, scope (with what lies inside it), and a search in name and address."""

    q = django_filters.CharFilter(method="search", label=_("Search names and addresses"))
    health = ChoicesFilter(choices=Connection.Health.choices, label=_("Health"))
    scope = django_filters.ModelChoiceFilter(
        queryset=Scope.objects.none(), method="inside", to_field_name="ref", label=_("Scope")
    )
    sentence = ("health",)

    class Meta:
        model = Connection
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["scope"].queryset = access.visible_to(self.request.user, Scope.objects.all())

    def search(self, rows: QuerySet[Connection], name: str, text: str) -> QuerySet[Connection]:
        """Each word in the name or the address."""
        for word in text.replace("\0", " ").split():
            rows = rows.filter(Q(name__icontains=word) | Q(base_url__icontains=word))
        return rows

    def inside(self, rows: QuerySet[Connection], name: str, scope: Scope) -> QuerySet[Connection]:
        """In the scope or further in."""
        return rows.filter(scope__in=Scope.objects.inside([scope.pk]))


class HealthColumn(BadgeColumn):
    """The badge, with when and how the last test ended."""

    def render(self, record: Connection) -> str:
        context = {"connection": record, "word": badge_word(record)}
        return render_to_string("workflows/connections/_health.html", context)


class TestColumn(django_tables2.Column):
    """The button that tests a connection, in a form that also works without script."""

    def render(self, record: Connection, table: "ConnectionTable") -> str:
        if not access.may(table.request.user, "test_connection", record):
            return ""
        return render_to_string("workflows/connections/_test_button.html", {"record": record}, table.request)


class ConnectionTable(Table):
    """Connections by name."""

    caption = _("Connections")
    row_header = "name"
    row_prefix = "connection"

    name = django_tables2.Column(verbose_name=_("Name"))
    kind = django_tables2.Column(verbose_name=_("Kind"), attrs=ONE_LINE)
    scope = django_tables2.Column(accessor="scope__name", verbose_name=_("Scope"), attrs=ONE_LINE)
    base_url = django_tables2.Column(verbose_name=_("Address"))
    health = HealthColumn(verbose_name=_("Health"))
    used_by = django_tables2.Column(
        verbose_name=_("Used by"), empty_values=(), orderable=False, attrs=ONE_LINE
    )
    test = TestColumn(verbose_name=_("Test"), empty_values=(), orderable=False, attrs=ONE_LINE)
    actions = MenuColumn(lambda record, request: menu_of(record, request))

    class Meta(Table.Meta):
        model = Connection
        fields = ("name", "kind", "scope", "base_url", "health", "used_by", "test", "actions")
        order_by = "name"

    def before_render(self, request: HttpRequest) -> None:
        """Nobody sees a column of buttons that are not theirs to press."""
        if not access.may(request.user, "test_connection"):
            self.columns.hide("test")

    @cached_property
    def users(self) -> dict[int, list[Workflow]]:
        """The workflows of each shown connection, asked once."""
        return dict(used_by_each([row.record for row in self.paginated_rows]))

    def render_name(self, record: Connection) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("connections:detail", args=[record.pk]), record.name
        )

    def render_base_url(self, value: str) -> SafeString:
        return format_html('<span class="mono">{}</span>', value)

    def render_used_by(self, record: Connection) -> str:
        workflows = self.users.get(record.pk, [])
        return render_to_string(
            "workflows/connections/_used_by.html", {"workflows": workflows, "record": record}
        )


def menu_of(connection: Connection, request: HttpRequest) -> Menu:
    """What a person may do with a connection, in rows and on its page. Causes no query but for the roles."""

    def allowed(permission: str) -> bool:
        return access.may(request.user, permission, connection)

    is_down = connection.health == Connection.Health.DOWN
    mark = ("mark-up", _("Mark as up")) if is_down else ("mark-down", _("Mark as down"))
    possible = [
        ("manage_connections", "edit", _("Edit"), False),
        ("secrets", "secret", _("Rotate secret"), False),
        ("mark_connection", *mark, False),
        ("manage_connections", "delete", _("Delete"), True),
    ]
    items = [
        MenuItem(label, _url(word, connection), dialog=True, danger=last, separated=last, verb=word)
        for permission, word, label, last in possible
        if allowed(permission) and (word != "secret" or _has_secret(connection))
    ]
    return Menu(f"actions-{connection.pk}", connection.name, items)


def _url(word: str, connection: Connection) -> str:
    return reverse(f"connections:{word}", args=[connection.pk])


def _has_secret(connection: Connection) -> bool:
    return connection.needs_secret or connection.kind == Connection.Kind.CHAT
