"""The log for support staff: to be read, never to be touched."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(admin.ModelAdmin):
    """Search and filters; no adding, changing or deleting."""

    list_display = ("id", "time", "actor_label", "event", "subject_label", "phrase", "reason", "origin")
    list_filter = ("event", "origin", "actor_kind", "subject_kind", "time")
    search_fields = ("=id", "actor_label", "subject_label", "=subject_id", "reason", "=correlation")
    search_help_text = _("Number, actor, subject, reason or correlation id")
    list_per_page = 50
    show_full_result_count = False
    actions = None
    readonly_fields = ("page",)
    exclude = ("actor_salt", "subject_salt", "signature")

    @admin.display(description=_("Page"))
    def page(self, event: AuditEvent) -> SafeString:
        """A link to the page that shows values and history rows."""
        return format_html('<a href="{}">{}</a>', reverse("audit:event", args=[event.pk]), event)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False
