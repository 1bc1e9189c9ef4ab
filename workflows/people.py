"""Scopes, members and tokens as lists and JSON documents; their changes are in workflows/services/."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from audit.chain import instant
from workflows.models import Membership, Scope, Token
from workflows.paging import pack, unpack

Document = dict[str, Any]
M = TypeVar("M", bound=Model)


def page(rows: QuerySet[M], key: str, *, limit: int, cursor: str) -> tuple[list[M], str | None]:
    """The rows behind the cursor in the order of a unique column, and the next cursor or None.

    `limit` 0 means all. Raises CursorRefused.
    """
    kind = int if key == "pk" else str
    if cursor:
        rows = rows.filter(**{f"{key}__gt": unpack(cursor, kind)[0]})
    ordered = rows.order_by(key)
    found = list(ordered[: limit + 1] if limit else ordered)
    if not limit or len(found) <= limit:
        return found, None
    return found[:limit], pack(getattr(found[limit - 1], key))


def scopes() -> QuerySet[Scope]:
    """All scopes, with the one above."""
    return Scope.objects.select_related("parent")


def memberships() -> QuerySet[Membership]:
    """All memberships, with person and scope."""
    return Membership.objects.select_related("user", "scope")


def tokens() -> QuerySet[Token]:
    """All tokens, revoked and expired ones too."""
    return Token.objects.select_related("scope")


def scope_document(scope: Scope) -> Document:
    """`in` is the ref of the scope above, null for the workspace."""
    return {
        "id": scope.pk,
        "ref": scope.ref,
        "kind": scope.kind,
        "name": scope.name,
        "in": scope.parent.ref if scope.parent else None,
    }


def member_document(membership: Membership) -> Document:
    """Who has which role where; `active` says whether the account may sign in."""
    return {
        "user": membership.user.get_username(),
        "role": membership.role,
        "scope": membership.scope.ref,
        "active": membership.user.is_active,
    }


def token_document(token: Token) -> Document:
    """A token without its text, which nobody knows any more; `valid`: neither revoked nor expired."""
    moments = {
        name: instant(moment) if (moment := getattr(token, name)) else None
        for name in ("created_at", "expires_at", "revoked_at", "last_used_at")
    }
    return {
        "id": token.pk,
        "name": token.name,
        "role": token.role,
        "scope": token.scope.ref,
        "created_by": token.created_by,
        **moments,
        "valid": token.is_valid,
    }
