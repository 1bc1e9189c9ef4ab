"""Which workflows a maintenance window concerns, and which windows a workflow is to know of."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone

from workflows import access, connections
from workflows.access import Principal
from workflows.connections.usage import names_in
from workflows.lifecycle import Status
from workflows.models import Connection, MaintenanceWindow, Scope, WindowPause, Workflow
from workflows.models.maintenance import MaintenanceQuerySet

ANNOUNCED_AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Touched:
    """How many workflows a window is bound to now, and how many of them are Active."""

    total: int
    active: int


def visible(principal: Principal) -> MaintenanceQuerySet:
    """The windows that a person sees, with all that a page says about them."""
    seen = access.visible_to(principal, MaintenanceWindow.objects.all())
    windows = MaintenanceWindow.objects.standing().filter(pk__in=seen.values("pk"))
    return windows.select_related("scope", "connection").prefetch_related("scopes")


def touched_by(window: MaintenanceWindow) -> list[Workflow]:
    """The workflows that a window is bound to now, archived ones left out, by name."""
    if window.connection_name and window.connection is None:
        return []
    return bound(window.scopes.all(), tags=window.tags, connection=window.connection)


def bound(scopes: Iterable[Scope], *, tags: Iterable[str], connection: Connection | None) -> list[Workflow]:
    """The workflows, by name, that a window of these scopes, with these tags or this connection, is bound to."""
    inside = Scope.objects.inside([scope.pk for scope in scopes])
    found = Workflow.objects.unarchived().filter(scope__in=inside).select_related("scope")
    if connection is not None:
        found = found.filter(pk__in=[workflow.pk for workflow in connections.used_by(connection)])
    tagged = reduce(or_, (Q(tag_line__contains=f"\n{tag}\n") for tag in tags), Q())
    return list(found.filter(tagged).order_by("name_key", "pk"))


def counts(windows: Collection[MaintenanceWindow]) -> Mapping[int, Touched]:
    """`touched_by` as numbers for many windows, by their keys, in a constant number of queries."""
    if not windows:
        return {}
    used = connections.used_by_each(w.connection for w in windows if w.connection)
    users = {key: frozenset(workflow.pk for workflow in found) for key, found in used.items()}
    tree = Scope.objects.values_list("pk", "parent_id", "parent__parent_id")
    lines = {row[0]: frozenset(row) for row in tree}
    rows = list(Workflow.objects.unarchived().values_list("pk", "scope_id", "tag_line", "status"))
    return {
        window.pk: _touched(
            status
            for pk, scope_id, tag_line, status in rows
            if lines[scope_id] & {scope.pk for scope in window.scopes.all()}
            and _is_bound(window, pk, tag_line, users.get(window.connection_id or 0, frozenset()))
        )
        for window in windows
    }


def _touched(statuses: Iterable[str]) -> Touched:
    counted = Counter(statuses)
    return Touched(counted.total(), counted[Status.ACTIVE])


def outcomes(windows: Collection[MaintenanceWindow]) -> Mapping[int, Counter[str]]:
    """How the pauses of each window stand, counted by outcome."""
    found: dict[int, Counter[str]] = {window.pk: Counter() for window in windows}
    for window_id, outcome in WindowPause.objects.filter(window__in=windows).values_list(
        "window_id", "outcome"
    ):
        found[window_id][outcome] += 1
    return found


def announced(workflow: Workflow) -> list[MaintenanceWindow]:
    """The windows in force, or within two weeks, that are bound to a workflow; soonest first. One query.

    A workflow's readers are told of them even where the window lies in a scope that they do not see.
    """
    if workflow.status == Status.ARCHIVED:
        return []
    line = Q(scopes=workflow.scope_id)
    line |= Q(scopes__children=workflow.scope_id) | Q(scopes__children__children=workflow.scope_id)
    windows = _near().filter(line).select_related("connection").order_by("starts_at", "pk").distinct()
    return [
        window
        for window in windows
        if _is_bound(window, workflow.pk, workflow.tag_line, _uses(_name_of(window.connection), workflow))
    ]


def _name_of(connection: Connection | None) -> str | None:
    return None if connection is None else connection.name


def _near() -> MaintenanceQuerySet:
    moment = timezone.now()
    return MaintenanceWindow.objects.standing().filter(
        ended_at=None, ends_at__gt=moment, starts_at__lte=moment + ANNOUNCED_AHEAD
    )


@dataclass(frozen=True)
class Near:
    """A window that is announced in a scope, as a row of a list holds it; `connection`: the name, once bound to one."""

    pk: int
    title: str
    starts_at: datetime
    ends_at: datetime
    scope_id: int
    tag_line: str
    connection_name: str
    connection: str | None
    is_current: bool

    @property
    def tags(self) -> list[str]:
        return [tag for tag in self.tag_line.split("\n") if tag]


class _Fields(JSONObject):
    """Without the question to each new connection to SQLite whether it knows JSON: three statements of a page's few."""

    def as_sql(self, *args: Any, **context: Any) -> tuple[str, Any]:
        return super(JSONObject, self).as_sql(*args, **context)


def near_words() -> "QuerySet[MaintenanceWindow, Any]":
    """For a subquery of workflows: the windows announced in each one's scope, soonest first, each as the text `word`."""
    inside = Scope.objects.filter(
        Q(pk=OuterRef("scopes")) | Q(parent=OuterRef("scopes")) | Q(parent__parent=OuterRef("scopes")),
        pk=OuterRef(OuterRef("scope_id")),
    )
    fields = {
        name: F(name)
        for name in ("pk", "title", "starts_at", "ends_at", "scope_id", "tag_line", "connection_name")
    }
    word = Cast(_Fields(**fields, connection=F("connection__name")), TextField())
    return (
        _near()
        .filter(Exists(inside))
        .order_by("starts_at", "pk")
        .annotate(word=word)
        .values("word")
        .distinct()
    )


def read_near(words: str) -> tuple[Near, ...]:
    """The windows of such texts with commas between, as of now."""
    now, found = timezone.now(), json.loads(f"[{words}]")
    for one in found:
        one |= {name: _moment(one[name]) for name in ("starts_at", "ends_at")}
    return tuple(Near(**one, is_current=one["starts_at"] <= now) for one in found)


def _moment(text: str) -> datetime:
    """SQLite keeps moments without their zone, which is UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Announcement:
    """A window as a workflow's page tells of it; linked only for who sees the window itself."""

    window: MaintenanceWindow | Near
    is_visible: bool


def announcements(workflow: Workflow, principal: Principal) -> list[Announcement]:
    """`announced`, as one person is told."""
    return _told(announced(workflow), principal)


def announcements_of(near: Iterable[Near], workflow: Workflow, principal: Principal) -> list[Announcement]:
    """The same from what is known to be near; no query."""
    if workflow.status == Status.ARCHIVED:
        return []
    bound_to = (
        one for one in near if _is_bound(one, workflow.pk, workflow.tag_line, _uses(one.connection, workflow))
    )
    return _told(bound_to, principal)


def _told(windows: Iterable[MaintenanceWindow | Near], principal: Principal) -> list[Announcement]:
    return [Announcement(one, access.role_in(principal, one.scope_id) is not None) for one in windows]


def _uses(connection: str | None, workflow: Workflow) -> frozenset[int]:
    """The workflow alone, if one of its definitions uses the connection of this name."""
    if connection is None:
        return frozenset()
    versions = [version for version in (workflow.published, workflow.draft) if version]
    is_user = any(connection in names_in(version.definition) for version in versions)
    return frozenset({workflow.pk}) if is_user else frozenset()


def _is_bound(window: MaintenanceWindow | Near, pk: int, tag_line: str, users: frozenset[int]) -> bool:
    """Whether a workflow of the window's scopes is meant. A connection that was deleted binds nothing."""
    if window.connection_name:
        return pk in users
    return not window.tags or any(f"\n{tag}\n" in tag_line for tag in window.tags)
