"""The door for reads: which workflows there are, by whom they are seen, and finding one by name."""

from collections.abc import Collection
from typing import Any, cast

from django.db.models import Q
from django.utils.translation import gettext as _

from workflows import access, paging
from workflows.lifecycle import Refusal, Status
from workflows.models import Scope, Workflow
from workflows.models.workflow import WorkflowQuerySet, name_key, normal_name
from workflows.texts import is_storable


class NotFound(Refusal):
    """What was named does not exist, or lies outside what the caller sees."""

    code = "not_found"
    http_status = 404


class AmbiguousName(Refusal):
    """Several workflows have the name; the message says how to choose."""

    code = "ambiguous_name"


def everything() -> WorkflowQuerySet:
    """All workflows but the deleted, with what their rows and documents show; no query per row follows."""
    return Workflow.objects.standing().select_related("scope", "owner", "published", "draft")


def listed(user: Any) -> WorkflowQuerySet:
    """The workflows in the scopes that a person or token sees."""
    return cast(WorkflowQuerySet, access.visible_to(user, everything()))


def filtered(
    workflows: WorkflowQuerySet,
    *,
    statuses: Collection[str] = (),
    search: str = "",
    scope: Scope | None = None,
    tag: str = "",
    owner: str = "",
) -> WorkflowQuerySet:
    """Narrow a list. Without statuses: all but Archived. A scope means it and everything inside it."""
    workflows = (
        workflows.filter(status__in=statuses) if statuses else workflows.exclude(status=Status.ARCHIVED)
    )
    if scope is not None:
        workflows = workflows.filter(scope__in=Scope.objects.inside([scope.pk]))
    if tag:
        workflows = workflows.tagged(tag)
    if owner:
        workflows = workflows.filter(owner__username=owner)
    return searched(workflows, search)


def page(workflows: WorkflowQuerySet, *, limit: int, cursor: str = "") -> tuple[list[Workflow], str | None]:
    """At most `limit` workflows (0: all) by name, and the cursor of the next page if there is one.

    Raises CursorRefused.
    """
    workflows = workflows.order_by("name_key", "pk")
    if cursor:
        key, pk = paging.unpack(cursor, str, int)
        workflows = workflows.filter(Q(name_key__gt=key) | Q(name_key=key, pk__gt=pk))
    rows = list(workflows[: limit + 1] if limit else workflows)
    if not limit or len(rows) <= limit:
        return rows, None
    return rows[:limit], paging.pack(rows[limit - 1].name_key, rows[limit - 1].pk)


def searched(workflows: WorkflowQuerySet, text: str) -> WorkflowQuerySet:
    """The workflows in whose name, description or tags each word of the text occurs, whatever its case."""
    if not is_storable(text):
        return workflows.none()
    for word in text.split():
        workflows = workflows.filter(
            Q(name_key__contains=name_key(word))
            | Q(description__icontains=word)
            | Q(tag_line__icontains=word)
        )
    return workflows


def by_name_or_id(
    text: str,
    *,
    scope: Scope | None = None,
    workflows: WorkflowQuerySet | None = None,
    archived_first: bool = False,
) -> Workflow:
    """The one workflow with this id or exact name, the name within the scope where one is given.

    Where an archived workflow shares the name with another, the other is meant, unless `archived_first`.
    Raises NotFound and AmbiguousName.
    """
    rows = everything() if workflows is None else workflows
    if text.isascii() and text.isdigit() and len(text) < 19:
        found = rows.filter(pk=int(text)).first()
        if found is not None:
            return found
    return _by_name(text, rows if scope is None else rows.filter(scope=scope), archived_first)


def _by_name(text: str, rows: WorkflowQuerySet, archived_first: bool) -> Workflow:
    name, key = normal_name(text), name_key(text)
    named = [row for row in rows.filter(name_key=key) if row.name == name] if is_storable(text) else []
    wanted = [row for row in named if (row.status == Status.ARCHIVED) is archived_first] or named
    if not wanted:
        raise NotFound(_("There is no workflow “%(name)s”.") % {"name": text})
    if len(wanted) > 1:
        places = ", ".join(f"{row.pk} ({row.scope.ref})" for row in wanted)
        raise AmbiguousName(
            _("Several workflows are named “%(name)s”: %(places)s. Name the scope (--scope), or give the id.")
            % {"name": name, "places": places}
        )
    return wanted[0]


def scope_by_ref(ref: str) -> Scope:
    """The scope that is named workspace, hub:… or card:…; raises NotFound."""
    scope = Scope.objects.filter(ref=ref).first() if is_storable(ref) else None
    if scope is None:
        raise NotFound(_("There is no scope “%(scope)s”.") % {"scope": ref})
    return scope


def deleted_by_name_or_id(text: str) -> Workflow | None:
    """The newest tombstone with this id or exact name, if there is one."""
    if not is_storable(text):
        return None
    gone = Workflow.objects.exclude(deleted_at=None).select_related("scope", "owner", "published", "draft")
    wanted = Q(name=normal_name(text))
    if text.isascii() and text.isdigit() and len(text) < 19:
        wanted |= Q(pk=int(text))
    return gone.filter(wanted).order_by("-deleted_at").first()


def is_name_free(name: str, scope: Scope) -> bool:
    """Whether no unarchived workflow of the scope has the name; the services ask again under their lock."""
    return not Workflow.objects.unarchived().filter(scope=scope, name_key=name_key(name)).exists()


def count_addresses(workflow: Workflow) -> int:
    """How many webhook addresses a workflow has."""
    return workflow.triggers.filter(kind="webhook").count()
