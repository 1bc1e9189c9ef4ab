"""A small site that uses every piece of the kit, for the tests: groups stand in for workflows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import django_filters
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import include, path, reverse

from config.web import badges, charts, filters, navigation, pages, tables
from config.web.menus import Menu, MenuItem
from tests.config.web import demo_dialogs as dialogs

STATUSES = [("active", "Active"), ("paused", "Paused"), ("draft", "Draft"), ("not_running", "Not Running")]
NOW = datetime(2026, 11, 23, 8, 14, 3, 120_000, tzinfo=UTC)
RUNS = [
    "pending",
    "running",
    "waiting",
    "held",
    "needs_decision",
    "success",
    "failed",
    "cancelled",
    "skipped",
]

LOOKS = {
    "active": badges.Badge("Active", "play", "green", "filled"),
    "paused": badges.Badge("Paused", "pause", "amber"),
    "draft": badges.Badge("Draft", "pencil", "grey", "dashed"),
    "not_running": badges.Badge("Not Running", "square", "grey"),
    "archived": badges.Badge("Archived", "archive", "muted"),
    "pending": badges.Badge("Pending", "clock", "grey"),
    "running": badges.Badge("Running", "half-ring", "blue", turns=True),
    "waiting": badges.Badge("Waiting", "hourglass", "blue"),
    "held": badges.Badge("Held", "hand", "amber"),
    "needs_decision": badges.Badge("Needs decision", "diamond-question", "amber"),
    "success": badges.Badge("Success", "check", "green"),
    "failed": badges.Badge("Failed", "octagon-x", "red"),
    "cancelled": badges.Badge("Cancelled", "ban", "grey"),
    "skipped": badges.Badge("Skipped", "chevrons-right", "grey", "dashed"),
}


def status_of(group: Group) -> str:
    return STATUSES[group.pk % len(STATUSES)][0]


def menu_of(group: Group, request: HttpRequest) -> Menu:
    items = [
        MenuItem("Pause", reverse("demo:rename", args=[group.pk]), dialog=True, verb="pause"),
        MenuItem("Edit", reverse("demo:page", args=[group.pk]), verb="edit"),
        MenuItem("Rename", reverse("demo:rename", args=[group.pk]), dialog=True),
        MenuItem("Clone", reverse("demo:rename", args=[group.pk]), dialog=True),
        MenuItem("Delete", reverse("demo:delete", args=[group.pk]), dialog=True, danger=True, separated=True),
    ]
    return Menu(f"menu-{group.pk}", group.name, items)


class GroupFilter(filters.FilterSet):
    status = filters.ChoicesFilter(label="Status", choices=STATUSES, method="with_status")
    name = django_filters.CharFilter(label="Name", lookup_expr="icontains")
    q = django_filters.CharFilter(label="Search workflows", field_name="name", lookup_expr="icontains")
    sentence = ("status",)

    class Meta:
        model = Group
        fields: list[str] = []

    def with_status(self, queryset: QuerySet[Group], name: str, value: list[str]) -> QuerySet[Group]:
        if not value:
            return queryset
        return queryset.filter(
            pk__in=[group.pk for group in Group.objects.all() if status_of(group) in value]
        )


class GroupTable(tables.Table):
    caption = "Workflows"
    row_header = "name"
    select = tables.SelectColumn(naming=lambda group: group.name)
    name = tables.tables.Column("Name", linkify=lambda record: reverse("demo:page", args=[record.pk]))
    status = tables.BadgeColumn("Status", accessor="pk", orderable=False)
    strip = tables.FragmentColumn("ui/_strip.html", "Last 30 runs", accessor="pk", orderable=False)
    success = tables.NumberColumn("Success 24 h", accessor="pk")
    last_run = tables.MomentColumn("Last run", accessor="pk", orderable=False)
    took = tables.DurationColumn("Duration", accessor="pk", orderable=False)
    menu = tables.MenuColumn(menu_of)

    class Meta(tables.Table.Meta):
        order_by = ("name",)

    def render_status(self, record: Group) -> str:
        return self.base_columns["status"].render(value=status_of(record))

    def render_strip(self, record: Group) -> str:
        marks = [
            ("ok", "ok", "failed", "ok", "open", "other")[(record.pk + index) % 6] for index in range(28)
        ]
        return tables.render_to_string("ui/_strip.html", {"strip": charts.strip(marks), "href": "#"})

    def render_last_run(self, record: Group) -> str:
        return tables.time.element(NOW - timedelta(minutes=record.pk * 7))

    def render_took(self, record: Group) -> str:
        return tables.time.duration(timedelta(seconds=record.pk * 3.7))


class GroupList(pages.ListPage):
    filterset_class, table_class = GroupFilter, GroupTable
    template_name = "demo/list.html"
    refresh_on = "workflow-changed"
    mark_fields = ("name",)
    bulk_template = "demo/_bulk.html"

    def get_queryset(self) -> QuerySet[Group]:
        return Group.objects.order_by("name", "pk")

    def get_choices(self) -> list[filters.Choice]:
        path, default = self.request.path, [word for word, _ in STATUSES]
        shortcuts = [
            filters.Shortcut("All statuses", path, note="+ 3 archived"),
            filters.Shortcut("Active only", f"{path}?status=active"),
        ]
        counts = {"active": 12, "paused": 3, "draft": 2, "not_running": 1}
        return [self.filterset.choice("status", default=default, counts=counts, shortcuts=shortcuts)]

    def poll_seconds(self) -> int:
        return 10

    def get_empty(self) -> dict[str, Any]:
        return {
            "title": "No workflows yet",
            "text": "A workflow is a named automation.",
            "action": "Create workflow",
        }


class CursorTable(tables.Table):
    caption = "Events"
    row_header = "name"
    name = tables.tables.Column("Name")

    class Meta(tables.Table.Meta):
        pass


class CursorList(pages.CursorPage):
    filterset_class, table_class = GroupFilter, CursorTable
    template_name = "demo/list.html"
    keyset = ("-name", "-pk")
    per_page = 5

    def get_queryset(self) -> QuerySet[Group]:
        return Group.objects.all()


def page(request: HttpRequest, pk: int) -> HttpResponse:
    group = get_object_or_404(Group, pk=pk)
    return render(
        request, "demo/page.html", {"group": group, "menu": menu_of(group, request), "runs": RUNS, "now": NOW}
    )


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


navigation_entries = [
    navigation.Destination("demo:list", "Workflows", "workflow", 10, "w"),
    navigation.Destination("demo:cursor", "Workflow Runs", "activity", 20, "r"),
]

demo = [
    path("workflows/", GroupList.as_view(), name="list"),
    path("workflows/<int:pk>/", page, name="page"),
    path("workflows/<int:pk>/rename/", dialogs.rename, name="rename"),
    path("workflows/<int:pk>/delete/", dialogs.delete, name="delete"),
    path("workflows/<int:pk>/undo/", dialogs.undo, name="undo"),
    path("runs/", CursorList.as_view(), name="cursor"),
    path("broken/", broken, name="broken"),
]

urlpatterns = [
    path("", include("config.web.urls")),
    path("demo/", include((demo, "demo"))),
]

handler400 = "config.web.errors.bad_request"
handler403 = "config.web.errors.forbidden"
handler404 = "config.web.errors.not_found"
handler500 = "config.web.errors.server_error"
