"""What the rows of a list must point at beside their figures: things to complete, and what is degraded.

In a constant number of queries for any number of rows.
"""

from collections.abc import Collection, Mapping, Sequence

from django.utils import timezone

from runs.summaries import Summary
from workflows.connections.usage import names_in
from workflows.definition.check import check
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.definition.surroundings import ConnectionState, Surroundings
from workflows.models import Connection, Scope, Status, Version, Workflow

BROKEN = (Connection.Health.FAILING, Connection.Health.DOWN)


class Attention:
    """Answers about the workflows of one page. One query, when any of them uses a connection."""

    def __init__(self, workflows: Sequence[Workflow]) -> None:
        names = {
            name for workflow in workflows for version in _versions(workflow) for name in _names(version)
        }
        self.connections = _connections(names) if names else {}

    def degraded(self, workflow: Workflow, summary: Summary) -> bool:
        """Whether a connection it uses is failing, or one of its schedules was set aside, while it may run."""
        if workflow.status not in (Status.ACTIVE, Status.PAUSED):
            return False
        used = [self.connections.get(name) for name in _names(workflow.published)]
        return summary.has_broken_schedule or any(c is not None and c.health in BROKEN for c in used)

    def to_complete(self, workflow: Workflow, summary: Summary) -> int:
        """How many errors stand in the way of a Draft's first start; 0 for any other status."""
        if workflow.status != Status.DRAFT or workflow.draft is None:
            return 0
        return self.errors(workflow, summary)

    def errors(self, workflow: Workflow, summary: Summary) -> int:
        """How many errors the checks before a start would find, in the draft or else in the published version."""
        version = workflow.draft or workflow.published
        if version is None:
            return 1
        try:
            definition = compile_definition(version.definition)
        except DefinitionRefused as refusal:
            return len(refusal.findings)
        around = Surroundings(
            now=timezone.now(),
            connections=self._states(workflow.scope, _names(version)),
            secret_set=set(summary.secret_triggers),
        )
        return len(check(definition, around).errors)

    def _states(self, scope: Scope, names: Collection[str]) -> Mapping[str, ConnectionState]:
        """Those of the scope and above it: the tree is three levels deep, with the workspace at its root."""
        found = [self.connections[name] for name in names if name in self.connections]
        return {
            connection.name: ConnectionState(bool(connection.secret), connection.needs_secret)
            for connection in found
            if connection.scope_id in (scope.pk, scope.parent_id)
            or connection.scope.kind == Scope.Kind.WORKSPACE
        }


def _connections(names: Collection[str]) -> dict[str, Connection]:
    rows = Connection.objects.filter(name__in=names).select_related("scope")
    return {connection.name: connection for connection in rows}


def _versions(workflow: Workflow) -> tuple[Version | None, ...]:
    return (workflow.draft,) if workflow.status == Status.DRAFT else (workflow.published, workflow.draft)


def _names(version: Version | None) -> frozenset[str]:
    return names_in(version.definition) if version else frozenset()
