"""Accounts of people: what about them is audited beside their roles."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, Permission

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from workflows.models import Membership, Role
from workflows.models.scope import WORKSPACE
from workflows.services.acting import differences
from workflows.services.members import has_manager

Facts = dict[str, Any]


def account_facts(user: AbstractBaseUser) -> Facts:
    """Whether an account may sign in, use the admin, do everything, and what it may see in the admin."""
    stored = get_user_model().objects.filter(pk=user.pk).first()
    if stored is None:
        return {}
    groups = list(stored.groups.order_by("name").values_list("name", flat=True))
    granted = Permission.objects.filter(user=stored).order_by("content_type__app_label", "codename")
    return {
        "active": stored.is_active,
        "staff": stored.is_staff,
        "superuser": stored.is_superuser,
        "groups": groups,
        "permissions": [
            f"{one.content_type.app_label}.{one.codename}" for one in granted.select_related("content_type")
        ],
    }


@contextmanager
def account_change(user: AbstractBaseUser, *, known: Facts) -> Iterator[None]:
    """A transaction around saving an account: Member added for a new one, Member changed where facts differ.

    `known` are the facts before, {} for an account that is being made.
    """
    with change():
        yield
        before, after = differences(known, account_facts(user))
        if not after:
            return
        word = AuditWord.MEMBER_CHANGED if known else AuditWord.MEMBER_ADDED
        record(word, Subject("person", str(user.pk), user.get_username()), before=before, after=after)


def is_last_manager(user: AbstractBaseUser) -> bool:
    """Whether the workspace would be without an active manager if this person went."""
    own = Membership.objects.filter(user_id=user.pk, scope__ref=WORKSPACE, role=Role.MANAGER).first()
    return own is not None and not has_manager(besides=own)
