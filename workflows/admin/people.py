"""Accounts and memberships in the admin: the two things that may be changed here, through the services."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from workflows.admin.reading import NoReverting, Obj
from workflows.models import Membership, Role
from workflows.services.accounts import account_change, account_facts, is_last_manager
from workflows.services.members import remove_member, set_member

LAST_MANAGER = _("This is the last manager of the workspace. Make somebody else a manager first.")


class MembershipForm(forms.ModelForm):
    """A role; who has it where is chosen only once."""

    class Meta:
        model = Membership
        fields = ("user", "scope", "role")

    def clean_role(self) -> str:
        """The workspace keeps a manager."""
        role = self.cleaned_data["role"]
        if self.instance.pk and role != Role.MANAGER and _is_last(self.instance):
            raise ValidationError(LAST_MANAGER)
        return role


@admin.register(Membership)
class MembershipAdmin(NoReverting):
    """Who has which role where; given and taken through the services."""

    form = MembershipForm
    list_display = ("user", "role", "scope")
    list_filter = ("role", "scope")
    list_select_related = ("user", "scope")
    search_fields = ("user__username", "user__first_name", "user__last_name", "scope__ref", "scope__name")
    autocomplete_fields = ("user", "scope")
    ordering = ("user__username", "scope__ref")
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Obj = None) -> tuple[str, ...]:
        return ("user", "scope") if obj else ()

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        _changed, stored = set_member(obj.user, obj.role, scope=obj.scope)
        obj.pk = stored.pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        remove_member(obj.user, scope=obj.scope)

    def has_delete_permission(self, request: HttpRequest, obj: Obj = None) -> bool:
        is_last = isinstance(obj, Membership) and _is_last(obj)
        return super().has_delete_permission(request, obj) and not is_last


class PersonForm(UserChangeForm):
    """An account; the last manager's cannot be switched off."""

    def clean_is_active(self) -> bool:
        """The workspace keeps an active manager."""
        is_active = self.cleaned_data["is_active"]
        if not is_active and is_last_manager(self.instance):
            raise ValidationError(LAST_MANAGER)
        return is_active


admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Accounts, changed by superusers only; switched off rather than deleted, since the audit names them."""

    form = PersonForm
    list_display = (
        "username",
        "email",
        "first_name",
        "last_name",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_login",
    )
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Obj = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Obj = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        form.known_facts = account_facts(obj) if change else {}
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Groups and permissions are stored here, so only now the whole change can be told."""
        with account_change(form.instance, known=form.known_facts):
            super().save_related(request, form, formsets, change)


def _is_last(membership: Membership) -> bool:
    return (
        membership.pk is not None
        and Membership.objects.filter(pk=membership.pk, role=Role.MANAGER, scope__kind="workspace").exists()
        and is_last_manager(membership.user)
    )
