"""Which workflows use which connections: read from the definitions, since nothing else says it."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from workflows.definition.surroundings import ConnectionState, Health
from workflows.models import Connection, Scope, Version, Workflow
from workflows.steps.base import kinds

# A check need not tell a failing connection from one that somebody marked as down.
_HEALTH: Mapping[str, Health] = {"ok": "ok", "failing": "failing", "down": "failing", "unknown": "unknown"}


def usable_in(scope: Scope) -> QuerySet[Connection]:
    """The connections that a workflow in this scope may use: those of the scope and of the scopes above."""
    return Connection.objects.filter(scope__in=[above.pk for above in scope.ancestors_and_self()])


def states_for(scope: Scope, names: Collection[str]) -> Mapping[str, ConnectionState]:
    """What the checks of a definition must know about the connections it names; absent ones are left out."""
    return {
        connection.name: ConnectionState(
            has_secret=bool(connection.secret),
            needs_secret=connection.needs_secret,
            health=_HEALTH[connection.health],
            tested_at=connection.tested_at,
        )
        for connection in usable_in(scope).filter(name__in=names)
    }


def of_workflow(workflow: Workflow) -> list[Connection]:
    """The connections that a workflow's published definition uses (its draft's, when nothing is published)."""
    return used_in(workflow, workflow.published or workflow.draft)


def used_in(workflow: Workflow, version: Version | None) -> list[Connection]:
    """The connections that one version of a workflow uses."""
    names = names_in(version.definition) if version else frozenset()
    return list(usable_in(workflow.scope).filter(name__in=names).order_by("name")) if names else []


def used_by(connection: Connection) -> list[Workflow]:
    """The workflows, archived ones too, whose published or draft definition uses the connection; by name."""
    return used_by_each([connection])[connection.pk]


def used_by_each(connections: Iterable[Connection]) -> Mapping[int, list[Workflow]]:
    """`used_by` for many connections, by their keys, in three queries."""
    asked = {connection.name: connection for connection in connections}
    named = _named(asked.keys())
    rows = Scope.objects.values_list("pk", "parent_id", "parent__parent_id")
    lines = {row[0]: frozenset(row) for row in rows}
    users: dict[int, list[Workflow]] = defaultdict(list)
    for workflow in Workflow.objects.filter(pk__in=named).select_related("scope").order_by("name_key", "pk"):
        for name in named[workflow.pk]:
            if asked[name].scope_id in lines[workflow.scope_id]:
                users[asked[name].pk].append(workflow)
    return users


def _named(names: Set[str]) -> Mapping[int, frozenset[str]]:
    """The standing workflows, by key, that name one of these connections, and which."""
    named: dict[int, frozenset[str]] = {}
    states = [Version.State.PUBLISHED, Version.State.DRAFT]
    current = Version.objects.filter(workflow__deleted_at=None, state__in=states).order_by()
    for pk, definition in current.values_list("workflow_id", "definition").iterator():
        found = names_in(definition) & names
        if found:
            named[pk] = named.get(pk, frozenset()) | found
    return named


@lru_cache(maxsize=4096)
def names_in(definition: str) -> frozenset[str]:
    """The connections that a stored definition names, whether or not its steps are complete."""
    return frozenset(name for part in _parts(json.loads(definition).get("steps")) for name in _name_of(part))


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside the steps, however deep: a step may stand in a branch, a loop or a failure path."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield here
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)


def _name_of(part: dict[str, Any]) -> Iterator[str]:
    # Through the kind, since a kind may have a connection by default that the file does not spell out.
    kind = kinds().get(part["kind"]) if isinstance(part.get("kind"), str) else None
    if kind is None or not isinstance(part.get("id"), str):
        return
    name = kind.connection_name(kind.model.model_construct(**part))
    if isinstance(name, str) and name:
        yield name
