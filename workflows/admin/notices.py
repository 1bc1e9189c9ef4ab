"""Notices in the admin: what was told, to whom, and what became of each delivery."""

from django.contrib import admin

from workflows.admin.reading import ReadingAdmin
from workflows.models import Notice, NoticeDelivery, NoticeRecipient


class DeliveryInline(admin.TabularInline):
    """The deliveries of one notice."""

    model = NoticeDelivery
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "named", "channel", "recipient", "in_digest", "state", "attempts", "due_at", "sent_at", "error",
    )  # fmt: skip


@admin.register(Notice)
class NoticeAdmin(ReadingAdmin):
    """Raised by what happens; nothing is changed here."""

    list_display = ("raised_at", "kind", "title", "workflow", "scope", "incident", "closed_at")
    list_filter = ("kind", "raised_at", "closed_at")
    list_select_related = ("workflow", "scope")
    search_fields = ("title", "incident", "workflow__name")
    inlines = (DeliveryInline,)


@admin.register(NoticeDelivery)
class NoticeDeliveryAdmin(ReadingAdmin):
    """Every delivery. Failed ones are sent again on the page of notifications."""

    list_display = ("notice", "named", "channel", "state", "attempts", "due_at", "sent_at", "error")
    list_filter = ("state", "channel", "in_digest")
    list_select_related = ("notice",)
    search_fields = ("named", "recipient", "notice__title", "=parcel")
    ordering = ("-pk",)


@admin.register(NoticeRecipient)
class NoticeRecipientAdmin(ReadingAdmin):
    """Who is told about the workflows of a scope. Changed on the page of notifications."""

    list_display = ("recipient", "scope", "kind_line", "in_digest", "created_by", "created_at")
    list_filter = ("scope", "in_digest")
    list_select_related = ("scope",)
    search_fields = ("recipient",)
