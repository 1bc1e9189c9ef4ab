"""Who has which role where, and the first manager of a new database.

Services give `(changed, membership)`; sent twice, the second answers `changed=False` and records nothing.
"""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from audit.services import Subject, change, history_id, record
from audit.verbs import AuditWord
from workflows import access
from workflows.models import Membership, Role, Scope
from workflows.models.scope import WORKSPACE
from workflows.queries import NotFound
from workflows.services.scopes import ensure_workspace
from workflows.services.twins import once_more
from workflows.services.values import refuse


def find_person(username: str) -> AbstractBaseUser:
    """The account of that name; raises NotFound."""
    found = get_user_model().objects.filter(username=username).first()
    if found is None:
        raise NotFound(
            _(
                "There is no account “%(name)s”. Create it in the admin under Users, or with members add --create."
            )
            % {"name": username}
        )
    return found


def create_account(username: str, password: str) -> AbstractBaseUser:
    """A new account that may sign in but has no role yet; raises ValueRefused for its name or password."""
    user = get_user_model()(username=username.strip())
    try:
        user.full_clean(exclude=["password"])
        validate_password(password, user)
    except ValidationError as wrong:
        field = "user" if hasattr(wrong, "error_dict") else "password"
        raise refuse(field, f"{field}_refused", " ".join(wrong.messages)) from wrong
    user.set_password(password)
    user.save()
    return user


def admit(username: str, password: str, role: str, *, scope: Scope) -> tuple[bool, Membership]:
    """A new account with a role, both or neither; raises ValueRefused."""
    with change():
        return set_member(create_account(username, password), role, scope=scope)


def set_member(user: AbstractBaseUser, role: str, *, scope: Scope) -> tuple[bool, Membership]:
    """Give a person a role in a scope and below it: Member added, or Member changed if there was another.

    Raises ValueRefused when the workspace would be left without a manager.
    """
    given = _clean_role(role)
    result = once_more(lambda: _set(user, given, scope))
    access.forget(user)
    return result


def _set(user: AbstractBaseUser, role: Role, scope: Scope) -> tuple[bool, Membership]:
    with change():
        _lock_members(scope)
        membership = _membership(user, scope)
        before = membership.role if membership else None
        if membership is not None and before == role:
            return False, membership
        if membership is None:
            membership = Membership(user_id=user.pk, scope=scope)
        else:
            _require_other_manager(membership)
        membership.role = role
        membership.save()
        word = AuditWord.MEMBER_CHANGED if before else AuditWord.MEMBER_ADDED
        links = {"membership": history_id(membership) or 0}
        before_it, after_it = {"role": before, "scope": scope.ref}, {"role": role, "scope": scope.ref}
        record(word, subject_of(membership), before=before_it, after=after_it, history=links)
    return True, membership


def remove_member(user: AbstractBaseUser, *, scope: Scope) -> bool:
    """Take away a person's role in exactly this scope; False when there is none.

    Raises ValueRefused when the workspace would be left without a manager.
    """
    with change():
        _lock_members(scope)
        membership = _membership(user, scope)
        if membership is None:
            return False
        _require_other_manager(membership)
        subject, before, pk = subject_of(membership), membership.role, membership.pk
        membership.delete()
        newest = Membership.history.filter(id=pk).order_by("-history_id").first()
        record(
            AuditWord.MEMBER_REMOVED,
            subject,
            before={"role": before, "scope": scope.ref},
            after={"role": None, "scope": scope.ref},
            history={"membership": newest.history_id if newest else 0},
        )
    access.forget(user)
    return True


def ensure_first_manager(name: str, password: str) -> bool:
    """Make sure that somebody manages the workspace; True when the account `name` was made for it.

    Does nothing while any active person is a manager of the workspace. The account may use the admin too.
    """
    return once_more(lambda: _ensure_first_manager(name, password))


def _ensure_first_manager(name: str, password: str) -> bool:
    with change():
        workspace = ensure_workspace()
        _lock_members(workspace)
        if has_manager():
            return False
        people = get_user_model().objects
        found = people.filter(username=name).first()
        user = found or people.create_user(name, password=password, is_staff=True, is_superuser=True)
        _set(user, Role.MANAGER, workspace)
    return found is None


def has_manager(*, besides: Membership | None = None) -> bool:
    """Whether an active person is a manager of the whole workspace, other than by the membership given."""
    managers = Membership.objects.filter(scope__ref=WORKSPACE, role=Role.MANAGER, user__is_active=True)
    return (managers.exclude(pk=besides.pk) if besides else managers).exists()


def subject_of(membership: Membership) -> Subject:
    """The member as the subject of an audit event: the person; what changed names the scope."""
    return Subject("member", str(membership.user_id), membership.user.get_username(), membership.scope_id)


def _membership(user: AbstractBaseUser, scope: Scope) -> Membership | None:
    rows = Membership.objects.select_related("user", "scope")
    return rows.filter(user_id=user.pk, scope=scope).first()


def _lock_members(scope: Scope) -> None:
    """Two managers who remove each other at once must meet: all changes of a scope's members wait here."""
    Scope.objects.select_for_update().get(pk=scope.pk)


def _require_other_manager(membership: Membership) -> None:
    is_last = membership.role == Role.MANAGER and membership.scope.ref == WORKSPACE
    if is_last and not has_manager(besides=membership):
        raise refuse(
            "user",
            "last_manager",
            _("%(name)s is the last manager of the workspace.") % {"name": membership.user.get_username()},
            _("Make somebody else a manager of the workspace first."),
        )


def _clean_role(role: str) -> Role:
    if role not in Role.values:
        options = ", ".join(Role.values)
        raise refuse("role", "unknown_role", _("A role is one of %(options)s.") % {"options": options})
    return Role(role)
