"""Runs for support staff: everything found, nothing changed. Verbs are on the run's own page."""

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.web.paging import COUNT_CAP, capped_count
from runs.models import (
    BulkItem,
    BulkJob,
    Delivery,
    Finding,
    Heartbeat,
    Release,
    Report,
    ReportSubscription,
    RetentionRules,
    Run,
    SavedView,
    Schedule,
    StepAttempt,
    Tally,
    TallyEntry,
)
from runs.run_menus import page_url
from workflows.admin.reading import ReadingAdmin


class CappedPages(Paginator):
    """Pages that never count or reach beyond 10,000 rows: these tables are large."""

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        return min(capped_count(self.object_list), COUNT_CAP)


class LargeTableAdmin(ReadingAdmin):
    """Newest first by the key, which is indexed. `heavy` are columns that lists do without."""

    paginator = CappedPages
    ordering = ("-pk",)
    heavy: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the heavy columns, which a row's own page loads by itself."""
        return super().get_queryset(request).defer(*self.heavy)


@admin.register(Run)
class RunAdmin(LargeTableAdmin):
    list_display = (
        "id",
        "workflow",
        "number",
        "status",
        "reason",
        "trigger_kind",
        "is_test",
        "received_at",
        "started_at",
        "ended_at",
        "error_code",
    )
    list_filter = ("status", "trigger_kind", "is_test", "reason")
    list_select_related = ("workflow", "version")
    search_fields = ("=id", "=delivery_id", "=correlation", "workflow__name", "=workflow__id", "=error_code")
    search_help_text = _("Id, delivery id, correlation id, workflow, or error code")
    readonly_fields = ("page", "number")
    raw_id_fields = ("replay_of", "parent")
    exclude = ("version",)
    heavy = ("input", "output", "version__definition")

    @admin.display(description=_("Version"))
    def number(self, run: Run) -> int | None:
        return run.version.number if run.version else None

    @admin.display(description=_("Page"))
    def page(self, run: Run) -> SafeString:
        return format_html('<a href="{}">{}</a>', page_url(run), run)


@admin.register(StepAttempt)
class StepAttemptAdmin(LargeTableAdmin):
    list_display = (
        "run",
        "step_id",
        "item",
        "number",
        "kind",
        "status",
        "started_at",
        "ended_at",
        "error_code",
    )
    list_filter = ("status", "kind", "is_simulated")
    list_select_related = ("run",)
    search_fields = ("=run__id", "=run__correlation", "run__workflow__name", "=step_id", "=error_code")
    search_help_text = _("Run id, correlation id, workflow, step, or error code")
    heavy = ("input", "output", "run__input", "run__output")


@admin.register(Delivery)
class DeliveryAdmin(LargeTableAdmin):
    list_display = ("delivery_id", "trigger", "run_id", "answer_status", "received_at")
    list_filter = ("answer_status",)
    list_select_related = ("trigger__workflow",)
    search_fields = ("=delivery_id", "=run_id", "trigger__workflow__name", "=trigger__trigger_id")
    search_help_text = _("Delivery id, run id, workflow, or trigger id")


@admin.register(Schedule)
class ScheduleAdmin(ReadingAdmin):
    list_display = ("workflow", "trigger", "next_at", "anchor", "is_armed", "failures", "set_aside")
    list_filter = ("is_armed",)
    list_select_related = ("trigger__workflow",)
    search_fields = ("trigger__workflow__name", "=trigger__workflow__id", "=trigger__trigger_id")
    search_help_text = _("Workflow, or trigger id")
    ordering = ("next_at", "pk")

    @admin.display(description=_("Workflow"))
    def workflow(self, schedule: Schedule) -> str:
        return schedule.trigger.workflow.name


@admin.register(Release)
class ReleaseAdmin(ReadingAdmin):
    list_display = (
        "workflow",
        "released",
        "total",
        "pace",
        "started_at",
        "started_by",
        "ended_at",
        "ended_how",
    )
    list_filter = ("ended_how",)
    list_select_related = ("workflow",)
    search_fields = ("workflow__name", "=workflow__id", "started_by")
    search_help_text = _("Workflow, or who began it")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadingAdmin):
    list_display = ("name", "kind", "host", "pid", "started_at", "beat_at")
    list_filter = ("kind",)
    search_fields = ("name", "host")
    search_help_text = _("Name, or host")
    ordering = ("-beat_at",)


@admin.register(BulkJob)
class BulkJobAdmin(LargeTableAdmin):
    list_display = ("id", "kind", "verb", "total", "actor_label", "created_at", "ended_at", "ended_how")
    list_filter = ("kind", "verb", "ended_how")
    heavy = ("options",)


@admin.register(BulkItem)
class BulkItemAdmin(LargeTableAdmin):
    list_display = ("id", "job", "place", "label", "state", "message", "ended_at")
    list_filter = ("state",)
    list_select_related = ("job",)
    search_fields = ("=job__id", "=target", "label")
    search_help_text = _("The job's id, or what the item was about")


@admin.register(SavedView)
class SavedViewAdmin(ReadingAdmin):
    list_display = ("name", "place", "owner", "scope", "query", "columns", "density", "deleted_at")
    list_filter = ("place",)
    list_select_related = ("owner", "scope")
    search_fields = ("name", "owner__username")


@admin.register(Tally)
class TallyAdmin(LargeTableAdmin):
    """What charts read; `manage.py metrics rebuild` mends it."""

    list_display = ("workflow", "level", "start", "version", "trigger_kind", "success", "failed", "removed")
    list_filter = ("level", "removed")
    list_select_related = ("workflow",)
    search_fields = ("workflow__name", "=workflow__id")
    search_help_text = _("Workflow")


@admin.register(TallyEntry)
class TallyEntryAdmin(LargeTableAdmin):
    """What closed in the last seconds and is not folded into tallies yet."""

    list_display = ("workflow", "at", "version", "trigger_kind", "status", "runs")
    list_filter = ("status",)
    list_select_related = ("workflow",)
    search_fields = ("workflow__name", "=workflow__id")
    search_help_text = _("Workflow")


@admin.register(Report)
class ReportAdmin(LargeTableAdmin):
    """Frozen ones; their own page shows them."""

    list_display = ("kind", "period", "scope", "made_at", "made_by")
    list_filter = ("kind", "scope")
    list_select_related = ("scope",)
    search_fields = ("=period", "scope__ref", "scope__name")
    heavy = ("document",)


@admin.register(ReportSubscription)
class ReportSubscriptionAdmin(ReadingAdmin):
    """Who gets reports. Changed on the page of reports."""

    list_display = ("recipient", "kind", "scope", "created_by", "created_at")
    list_filter = ("kind", "scope")
    list_select_related = ("scope",)
    search_fields = ("recipient",)


@admin.register(Finding)
class FindingAdmin(LargeTableAdmin):
    """Acknowledging is done on the finding's own page."""

    list_display = ("workflow", "kind", "state", "since", "found_at", "closed_at", "acknowledged_by", "score")
    list_filter = ("state", "kind")
    list_select_related = ("workflow",)
    search_fields = ("workflow__name", "=workflow__id")


@admin.register(RetentionRules)
class RetentionRulesAdmin(ReadingAdmin):
    """What a manager has chosen. Changed on the page of retention."""

    list_display = ("success_days", "other_days", "runs", "changed_at", "changed_by")
