"""Marking a connection as down pauses every Active workflow that uses it; marking it up resumes exactly those."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from audit.chain import instant
from audit.services import change, record
from audit.verbs import AuditWord
from workflows.connections import used_by
from workflows.connections.health import find, locked, store_health, subject_of
from workflows.lifecycle import Refusal, Status
from workflows.models import Connection, Workflow
from workflows.services.acting import WorkflowGone
from workflows.services.pausing import pause
from workflows.services.resuming import resume


@dataclass(frozen=True)
class Left:
    """A workflow that stayed as it was, and why."""

    workflow: Workflow
    why: str


@dataclass
class Marked:
    """What marking did. `workflows` were paused or resumed by it; `left` could not be."""

    changed: bool
    connection: Connection
    workflows: list[Workflow] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


@dataclass(frozen=True)
class OutagePause:
    """A pause that an outage made: resumed only while the workflow still stands in this very pause."""

    workflow_id: int
    paused_at: str
    reason: str


def reason_for(connection: Connection) -> str:
    """The reason under which workflows are paused. One wording for all, since it is compared later."""
    return f"connection {connection.name} is down"


def to_pause(connection: Connection) -> list[Workflow]:
    """The workflows that marking it as down pauses now."""
    return [workflow for workflow in used_by(connection) if workflow.status == Status.ACTIVE]


def to_resume(connection: Connection) -> list[Workflow]:
    """The workflows that marking it as up resumes: those still in the pause that its outage made."""
    kept = {memory.workflow_id: memory for memory in _remembered(connection)}
    paused = Workflow.objects.standing().filter(pk__in=kept, status=Status.PAUSED).select_related("scope")
    return [
        workflow for workflow in paused.order_by("name_key") if _is_that_pause(workflow, kept[workflow.pk])
    ]


def mark_down(pk: int) -> Marked:
    """Mark as down: Connection marked down, then each Active workflow that uses it is paused, runs held.

    Each pause is a transaction of its own, so a death in between leaves whole pauses; marking again pauses
    what is left. `changed` is False when it was down and nothing was left. Raises ConnectionGone.
    """
    with change():
        connection = locked(pk)
        waiting = to_pause(connection)
        is_new = connection.health != Connection.Health.DOWN
        if is_new:
            _set_health(connection, Connection.Health.DOWN, AuditWord.CONNECTION_MARKED_DOWN, waiting)
    marked = Marked(is_new, connection)
    for workflow in waiting:
        _pause_one(marked, workflow)
    return marked


def _pause_one(marked: Marked, workflow: Workflow) -> None:
    """Pause and remember it in one transaction; the connection's row first, as everywhere."""
    try:
        with change():
            connection = locked(marked.connection.pk)
            if connection.health != Connection.Health.DOWN:
                return
            result = pause(workflow.pk, reason=reason_for(connection), category="outage", in_flight="hold")
            if result.changed:
                _remember(connection, result.workflow)
    except (Refusal, WorkflowGone) as refused:
        marked.left.append(Left(workflow, str(refused)))
        return
    if result.changed:
        marked.changed = True
        marked.workflows.append(result.workflow)


def mark_up(pk: int) -> Marked:
    """Mark as up: Connection marked up, then the workflows that its outage paused are resumed.

    Only those still in that pause; held triggers and runs are released at the workflow's pace, warnings count
    as accepted. One whose checks fail stays Paused and is named in `left`. Raises ConnectionGone.
    """
    with change():
        connection = locked(pk)
        waiting = to_resume(connection)
        is_new = connection.health == Connection.Health.DOWN
        if is_new:
            connection.tested_at = None
            _set_health(connection, Connection.Health.UNKNOWN, AuditWord.CONNECTION_MARKED_UP, waiting)
    marked = Marked(is_new, connection)
    for workflow in waiting:
        _resume_one(marked, workflow)
    _forget(marked)
    marked.connection = find(pk)
    return marked


def _resume_one(marked: Marked, workflow: Workflow) -> None:
    try:
        result = resume(workflow.pk, held="release", accept_warnings=True, revision=workflow.revision)
    except (Refusal, WorkflowGone) as refused:
        findings = getattr(refused, "findings", [])
        marked.left.append(Left(workflow, " ".join([str(refused), *(f["message"] for f in findings)])))
        return
    if result.changed:
        marked.changed = True
        marked.workflows.append(result.workflow)


def _set_health(connection: Connection, health: str, word: AuditWord, workflows: Sequence[Workflow]) -> None:
    before, connection.health, connection.health_message = connection.health, health, ""
    store_health(connection)
    after = {"health": health, "workflows": [workflow.name for workflow in workflows]}
    record(word, subject_of(connection), before={"health": before}, after=after)


def _is_that_pause(workflow: Workflow, memory: OutagePause) -> bool:
    same_moment = workflow.paused_at is not None and instant(workflow.paused_at) == memory.paused_at
    return same_moment and workflow.reason == memory.reason


def _remembered(connection: Connection) -> list[OutagePause]:
    kept = json.loads(connection.paused_for_outage)
    return [OutagePause(int(pk), moment, reason) for pk, (moment, reason) in kept.items()]


def _remember(connection: Connection, workflow: Workflow) -> None:
    if workflow.paused_at is None:
        return
    kept = json.loads(connection.paused_for_outage)
    kept[str(workflow.pk)] = [instant(workflow.paused_at), workflow.reason]
    connection.paused_for_outage = json.dumps(kept)
    store_health(connection)


def _forget(marked: Marked) -> None:
    """Drop what was resumed; what stayed paused may be resumed by marking up once more."""
    staying = {str(left.workflow.pk) for left in marked.left}
    with change():
        connection = locked(marked.connection.pk)
        kept = json.loads(connection.paused_for_outage)
        connection.paused_for_outage = json.dumps({pk: kept[pk] for pk in kept if pk in staying})
        store_health(connection)
