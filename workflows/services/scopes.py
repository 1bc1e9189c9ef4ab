"""The tree of scopes: the workspace, hubs in it, cards in a hub.

Every service gives `(changed, scope)`; sent twice, the second answers `changed=False` and records nothing.
"""

import re

from django.utils.translation import gettext as _

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from workflows.models import Scope
from workflows.models.scope import WORKSPACE
from workflows.queries import NotFound
from workflows.services.twins import once_more
from workflows.services.values import refuse

NAME_LENGTH = 80
_REF = re.compile(r"(hub|card):([a-z0-9][a-z0-9_-]{0,39})")


def ensure_workspace() -> Scope:
    """The root of the tree; made, with its event, when the database is new."""
    return once_more(_ensure_workspace)


def _ensure_workspace() -> Scope:
    with change():
        found = Scope.objects.filter(ref=WORKSPACE).first()
        return found or _add(Scope(kind=Scope.Kind.WORKSPACE, ref=WORKSPACE, name="Workspace"))


def find_scope(ref: str) -> Scope:
    """The scope of that name (`workspace`, `hub:x`, `card:y`); raises NotFound.

    The workspace, which an empty name means too, always exists: it is made when the database is new.
    """
    if ref.strip() in ("", WORKSPACE):
        return ensure_workspace()
    found = Scope.objects.select_related("parent__parent").filter(ref=ref.strip()).first()
    if found is None:
        raise NotFound(_("There is no scope “%(ref)s”.") % {"ref": ref})
    return found


def create_scope(ref: str, *, name: str = "", inside: str = "") -> tuple[bool, Scope]:
    """Create `hub:x` in the workspace, or `card:y` inside a hub. Without a name, one is made from the ref.

    Raises ValueRefused for a ref of another form, a card without hub, or a ref that stands elsewhere, and
    NotFound for an unknown hub.
    """
    parsed = _REF.fullmatch(ref.strip())
    if not parsed:
        raise refuse(
            "ref",
            "scope_form",
            _("A scope is named hub:name or card:name, in small letters, digits, - and _."),
            _("Write it like hub:sydney or card:spring."),
        )
    parent = _parent(parsed[1], inside)
    title = _clean_name(name) if name else parsed[2].replace("-", " ").replace("_", " ").capitalize()
    scope = Scope(kind=parsed[1], ref=ref.strip(), name=title, parent=parent)
    return once_more(lambda: _create(scope, is_named=bool(name)))


def _parent(kind: str, inside: str) -> Scope:
    if kind == Scope.Kind.HUB and not inside:
        return ensure_workspace()
    wanted = Scope.Kind.WORKSPACE if kind == Scope.Kind.HUB else Scope.Kind.HUB
    parent = find_scope(inside) if inside else None
    if parent is None or parent.kind != wanted:
        raise refuse(
            "in",
            "scope_place",
            _("A card lies in a hub, and a hub in the workspace."),
            _("For a card, name its hub, such as hub:sydney."),
        )
    return parent


def _create(scope: Scope, *, is_named: bool) -> tuple[bool, Scope]:
    with change():
        found = Scope.objects.filter(ref=scope.ref).select_related("parent").first()
        if found is None:
            return True, _add(Scope(kind=scope.kind, ref=scope.ref, name=scope.name, parent=scope.parent))
    if found.parent_id != scope.parent_id or (is_named and found.name != scope.name):
        raise refuse(
            "ref",
            "scope_taken",
            _("%(ref)s exists already, in %(place)s and named %(name)s.")
            % {"ref": found.ref, "place": found.parent and found.parent.ref, "name": found.name},
            _("Choose another name, or rename the one that exists."),
        )
    return False, found


def rename_scope(ref: str, *, name: str) -> tuple[bool, Scope]:
    """Give a scope another title; its ref, which files and commands use, stays. Raises ValueRefused."""
    title = _clean_name(name)
    with change():
        scope = Scope.objects.select_for_update().get(pk=find_scope(ref).pk)
        before = scope.name
        if before == title:
            return False, scope
        scope.name = title
        scope.save()
        record(AuditWord.SCOPE_CHANGED, subject_of(scope), before={"name": before}, after={"name": title})
    return True, scope


def subject_of(scope: Scope) -> Subject:
    """The scope as the subject of an audit event."""
    return Subject("scope", str(scope.pk), scope.ref, scope.pk)


def _add(scope: Scope) -> Scope:
    scope.save()
    after = {"ref": scope.ref, "name": scope.name, "in": scope.parent.ref if scope.parent else None}
    record(AuditWord.SCOPE_CREATED, subject_of(scope), after=after)
    return scope


def _clean_name(name: str) -> str:
    title = " ".join(name.split())
    if not 1 <= len(title) <= NAME_LENGTH or not title.isprintable():
        raise refuse(
            "name",
            "name_length",
            _("A scope's title has 1 to %(most)d characters.") % {"most": NAME_LENGTH},
            _("Choose a short one that people recognise."),
        )
    return title
