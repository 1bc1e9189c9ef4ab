"""Workflows, their versions and triggers in the admin."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from workflows.admin.reading import ReadingAdmin, ReadingHistoryAdmin
from workflows.models import Receipt, Trigger, Version, Workflow
from workflows.views.connections import WORKFLOW_PAGE


@admin.register(Workflow)
class WorkflowAdmin(ReadingHistoryAdmin):
    """All workflows, the deleted ones too. Verbs are on the workflow's own page."""

    list_display = (
        "name",
        "status",
        "cause",
        "scope",
        "owner",
        "published",
        "draft",
        "last_run_at",
        "is_deleted",
    )
    list_filter = ("status", "cause", "category", "scope", ("deleted_at", admin.EmptyFieldListFilter))
    list_select_related = ("scope", "owner", "published__workflow", "draft__workflow")
    search_fields = ("name", "description", "tag_line", "=id", "status_by", "reason")
    search_help_text = _("Name, description, tag, reason, who changed the status, or the id")
    readonly_fields = ("page", "shown_tags", "published", "draft", "last_run_at")
    exclude = ("name_key",)
    ordering = ("name_key", "pk")

    @admin.display(description=_("Deleted"), boolean=True)
    def is_deleted(self, workflow: Workflow) -> bool:
        return workflow.deleted_at is not None

    @admin.display(description=_("Tags"))
    def shown_tags(self, workflow: Workflow) -> str:
        return ", ".join(workflow.tags)

    @admin.display(description=_("Page"))
    def page(self, workflow: Workflow) -> SafeString:
        return format_html('<a href="{}">{}</a>', WORKFLOW_PAGE % workflow.pk, workflow.name)


@admin.register(Version)
class VersionAdmin(ReadingHistoryAdmin):
    """Every definition that was ever stored, as it was given."""

    list_display = ("workflow", "number", "state", "author", "created_at", "published_at", "note")
    list_filter = ("state", "created_at", "published_at")
    list_select_related = ("workflow",)
    search_fields = ("workflow__name", "=workflow__id", "author", "note", "=content_hash")
    search_help_text = _("Workflow, author, note or content hash")
    fields = (
        "workflow", "number", "state", "author", "note", "created_at", "published_at",
        "content_hash", "tested_at", "test_outcome", "content",
    )  # fmt: skip
    readonly_fields = ("content_hash", "tested_at", "test_outcome", "content")
    ordering = ("-created_at", "-pk")

    @admin.display(description=_("Definition"))
    def content(self, version: Version) -> SafeString:
        return format_html("<pre>{}</pre>", version.definition)


@admin.register(Trigger)
class TriggerAdmin(ReadingAdmin):
    """Standing triggers with their addresses. Of secrets only whether one is set."""

    list_display = ("workflow", "trigger_id", "kind", "event", "is_live", "secret_set")
    list_filter = ("kind", "is_live")
    list_select_related = ("workflow",)
    search_fields = ("workflow__name", "=workflow__id", "trigger_id", "event", "=address")
    search_help_text = _("Workflow, trigger id, event name or webhook address")
    fields = ("workflow", "trigger_id", "kind", "event", "is_live", "address", "secret_set", "previous_until")
    readonly_fields = ("secret_set", "previous_until")
    ordering = ("workflow__name_key", "trigger_id")

    @admin.display(description=_("Secret set"), boolean=True)
    def secret_set(self, trigger: Trigger) -> bool:
        return bool(trigger.secret)


@admin.register(Receipt)
class ReceiptAdmin(ReadingAdmin):
    """Answers kept for repeated calls."""

    list_display = ("verb", "actor", "created_at")
    list_filter = ("created_at",)
    search_fields = ("verb", "actor", "=key")
    ordering = ("-created_at",)
