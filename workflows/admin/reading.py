"""Admin pages that are there to be read."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin

Obj = Model | None


class ReadingAdmin(admin.ModelAdmin):
    """Search, filters and details; no adding, changing or deleting. Needs Django's view permission."""

    list_per_page = 50
    show_full_result_count = False
    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Obj = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Obj = None) -> bool:
        return False


class NoReverting(SimpleHistoryAdmin):
    """History can be looked at; going back to it would pass the services by."""

    def revert_disabled(self, request: HttpRequest, obj: Obj = None) -> bool:
        return True


class ReadingHistoryAdmin(NoReverting, ReadingAdmin):
    """`ReadingAdmin` for models that keep history."""
