"""Who may do what where: one table of permissions by role, and the way from each model to its scope.

A role on a scope holds for everything below it; several roles add up to the highest. Whatever lies outside
a principal's scopes is not there for them: lists leave it out and addresses answer 404. A right that is
missing inside them is a 403.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404

from config.web import policy
from workflows.lifecycle import TRANSITIONS
from workflows.models import Membership, Role, Scope, Token

M = TypeVar("M", bound=Model)

_FURTHER: dict[str, Role] = {
    "view": Role.VIEWER,
    "cancel": Role.OPERATOR,
    "kill": Role.OPERATOR,
    "replay": Role.OPERATOR,
    "release": Role.OPERATOR,
    "discard": Role.OPERATOR,
    "decide": Role.OPERATOR,
    "share_view": Role.OPERATOR,
    "send_events": Role.OPERATOR,
    "test_connection": Role.OPERATOR,
    "mark_connection": Role.OPERATOR,
    "maintenance": Role.OPERATOR,
    "acknowledge": Role.OPERATOR,
    "create": Role.EDITOR,
    "import": Role.EDITOR,
    "edit": Role.EDITOR,
    "run_while_paused": Role.EDITOR,
    "stop_and_archive": Role.MANAGER,
    "manage_connections": Role.MANAGER,
    "secrets": Role.MANAGER,
    "members": Role.MANAGER,
    "tokens": Role.MANAGER,
    "scopes": Role.MANAGER,
    "retention": Role.MANAGER,
    "recipients": Role.MANAGER,
    "export_audit": Role.MANAGER,
}

# The policy: the least role for each verb of the table of transitions and each further permission.
PERMISSIONS: Mapping[str, Role] = {verb: t.role for verb, t in TRANSITIONS.items()} | _FURTHER

# From a model to the id of its scope. By label, so that models of apps to the right need no import.
_REACHES: dict[str, str] = {
    "workflows.scope": "pk",
    "workflows.workflow": "scope_id",
    "workflows.version": "workflow__scope_id",
    "workflows.trigger": "workflow__scope_id",
    "workflows.connection": "scope_id",
    "workflows.maintenancewindow": "scope_id",
    "workflows.membership": "scope_id",
    "workflows.notice": "scope_id",
    "workflows.noticedelivery": "notice__scope_id",
    "workflows.noticerecipient": "scope_id",
    "workflows.token": "scope_id",
    "audit.auditevent": "scope_id",
    "runs.run": "workflow__scope_id",
    "runs.stepattempt": "run__workflow__scope_id",
    "runs.schedule": "trigger__workflow__scope_id",
    "runs.release": "workflow__scope_id",
    "runs.report": "scope_id",
    "runs.reportsubscription": "scope_id",
    "runs.finding": "workflow__scope_id",
}


class UnknownPermission(LookupError):
    """Code asked for a permission that the table does not have, or about a model without a way to its scope."""


@dataclass
class TokenPrincipal:
    """A bearer token as somebody who acts: wherever a user is taken, this is taken too."""

    token: Token
    is_authenticated: bool = field(default=True, init=False)
    is_active: bool = field(default=True, init=False)

    def get_username(self) -> str:
        return self.token.name


Principal = AbstractBaseUser | AnonymousUser | TokenPrincipal


@dataclass(frozen=True)
class Grants:
    """What a principal holds: a role in the whole workspace, roles in single scopes (inner ones included)."""

    everywhere: Role | None
    by_scope: Mapping[int, Role]

    def role_in(self, scope_id: int | None) -> Role | None:
        """The highest role there. None as the scope means the workspace as a whole."""
        held = [role for role in (self.everywhere, self.by_scope.get(scope_id or 0)) if role]
        return max(held, key=lambda role: role.rank, default=None)

    def highest(self) -> Role | None:
        """The highest role anywhere."""
        held = [*self.by_scope.values(), *([self.everywhere] if self.everywhere else [])]
        return max(held, key=lambda role: role.rank, default=None)


def register() -> None:
    """Fill the page kit's policy register; called once, when the app is ready."""
    policy.register(policy.Policy(visible_to=visible_to, may=may))


def reach(label: str, path: str) -> None:
    """Say how a further model (`app.model`) reaches the id of its scope: an ORM path of attributes."""
    _REACHES[label.lower()] = path


def grants_of(principal: Principal) -> Grants:
    """What the principal holds: two queries at most, then remembered on the object until `forget()`.

    A request's user object lives as long as the request, so a changed role acts from the next one on.
    """
    known = getattr(principal, "_signalbox_grants", None)
    if known is None:
        known = _load(principal)
        principal._signalbox_grants = known  # type: ignore[union-attr]
    return known


def forget(principal: Principal) -> None:
    """Drop what is remembered on the object: its roles were just changed."""
    if getattr(principal, "_signalbox_grants", None) is not None:
        principal._signalbox_grants = None  # type: ignore[union-attr]


def role_in(principal: Principal, scope: Scope | int | None) -> Role | None:
    """The principal's role in a scope, None when it lies outside. Superusers are managers everywhere."""
    return grants_of(principal).role_in(scope.pk if isinstance(scope, Scope) else scope)


def scope_ids(principal: Principal) -> set[int] | None:
    """The scopes a principal sees, inner ones included; None means all of them."""
    grants = grants_of(principal)
    return None if grants.everywhere else set(grants.by_scope)


def visible_to(principal: Principal, queryset: QuerySet[M]) -> QuerySet[M]:
    """The rows that lie in the principal's scopes. Raises UnknownPermission for an unregistered model."""
    path = _path(queryset.model)
    seen = scope_ids(principal)
    return queryset if seen is None else queryset.filter(**{f"{path}__in": sorted(seen)})


def visible_or_404(principal: Principal, queryset: QuerySet[M], **lookup: Any) -> M:
    """The one visible row; Http404 alike for what is not there and for what lies outside."""
    return get_object_or_404(visible_to(principal, queryset), **lookup)


def may(principal: Principal, verb: str, obj: Model | None = None) -> bool:
    """Whether the principal's role where the object lies allows the verb; without object: anywhere at all.

    Moving needs "move" in both scopes: ask `may_in(principal, "move", target)` too. Raises UnknownPermission.
    """
    if obj is None:
        return _covers(grants_of(principal).highest(), verb)
    return _covers(grants_of(principal).role_in(scope_id_of(obj)), verb)


def may_in(principal: Principal, permission: str, scope: Scope | int | None) -> bool:
    """Whether the principal's role in a scope allows it; None asks about the workspace as a whole."""
    return _covers(role_in(principal, scope), permission)


def scopes_where(principal: Principal, permission: str) -> QuerySet[Scope]:
    """The scopes in which the principal has a permission, for the choices of forms."""
    grants = grants_of(principal)
    if _covers(grants.everywhere, permission):
        return Scope.objects.all()
    allowed = [scope_id for scope_id, role in grants.by_scope.items() if _covers(role, permission)]
    return Scope.objects.filter(pk__in=allowed)


def scope_id_of(obj: Model) -> int | None:
    """The id of the scope in which an object lies; None for what belongs to no scope (a sign-in, say)."""
    value: Any = obj
    for name in _path(type(obj)).split("__"):
        value = getattr(value, name)
    return value


def _covers(role: Role | None, permission: str) -> bool:
    if permission not in PERMISSIONS:
        raise UnknownPermission(f"No permission is named {permission!r}.")
    return role is not None and role.covers(PERMISSIONS[permission])


def _path(model: type[Model]) -> str:
    path = _REACHES.get(model._meta.label_lower)
    if path is None:
        raise UnknownPermission(f"{model._meta.label} has no registered way to its scope.")
    return path


def _load(principal: Principal) -> Grants:
    if not (principal.is_authenticated and principal.is_active):
        return Grants(None, {})
    if isinstance(principal, TokenPrincipal):
        token = principal.token
        return _expand([(token.scope_id, token.scope.kind, Role(token.role))])
    if getattr(principal, "is_superuser", False):
        return Grants(Role.MANAGER, {})
    held = Membership.objects.filter(user_id=principal.pk).values_list("scope_id", "scope__kind", "role")
    return _expand([(scope_id, kind, Role(role)) for scope_id, kind, role in held])


def _expand(held: Iterable[tuple[int, str, Role]]) -> Grants:
    """Carry each role down the tree; the tree is three levels deep, so one query finds all inner scopes."""
    given = {scope_id: role for scope_id, kind, role in held if kind != Scope.Kind.WORKSPACE}
    everywhere = next((role for _id, kind, role in held if kind == Scope.Kind.WORKSPACE), None)
    if not given:
        return Grants(everywhere, {})
    rows = Scope.objects.inside(list(given)).values_list("pk", "parent_id", "parent__parent_id")
    return Grants(everywhere, {row[0]: _highest(given[pk] for pk in row if pk in given) for row in rows})


def _highest(roles: Iterable[Role]) -> Role:
    return max(roles, key=lambda role: role.rank)
