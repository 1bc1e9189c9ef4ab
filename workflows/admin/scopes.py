"""The tree of scopes in the admin."""

from django.contrib import admin

from workflows.admin.reading import ReadingAdmin
from workflows.models import Scope


@admin.register(Scope)
class ScopeAdmin(ReadingAdmin):
    """Scopes are created and renamed by `manage.py scopes`."""

    list_display = ("ref", "name", "kind", "parent")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("ref", "name")
    ordering = ("ref",)
