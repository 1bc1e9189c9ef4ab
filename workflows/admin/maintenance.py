"""Maintenance windows in the admin."""

from django.contrib import admin

from workflows.admin.reading import ReadingAdmin
from workflows.models import MaintenanceWindow, WindowPause


@admin.register(MaintenanceWindow)
class MaintenanceWindowAdmin(ReadingAdmin):
    """Deleted ones too. They are planned and changed on their own pages."""

    list_display = (
        "title",
        "starts_at",
        "ends_at",
        "zone",
        "scope",
        "connection_name",
        "created_by",
        "ended_at",
        "deleted_at",
    )
    list_filter = ("scope", "starts_at", "deleted_at")
    list_select_related = ("scope",)
    search_fields = ("title", "connection_name", "created_by")
    fields = (
        "title", "starts_at", "ends_at", "zone", "scope", "scopes", "tag_line", "connection_name", "in_flight", "triggers",
        "created_by", "created_at", "bound_at", "applied_at", "ended_at", "deleted_at", "revision",
    )  # fmt: skip
    ordering = ("-starts_at",)


@admin.register(WindowPause)
class WindowPauseAdmin(ReadingAdmin):
    """What windows did to workflows."""

    list_display = ("window", "workflow", "outcome", "why", "paused_at", "until", "closed_at")
    list_filter = ("outcome", "closed_at")
    list_select_related = ("window", "workflow")
    search_fields = ("window__title", "workflow__name", "why")
    ordering = ("-paused_at",)
