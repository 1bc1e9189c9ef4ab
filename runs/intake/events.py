"""Events sent to the API: each starts the workflows that listen for its name in its scope or above it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audit.chain import instant
from config.clock import stamp
from runs.intake.bodies import Json
from runs.intake.event_formats import Event, EventRefused, read_event
from runs.intake.occurrences import EVENT, Occurrence, UnknownTarget, trigger_names
from runs.intake.problems import Problem
from runs.intake.refusals import refused
from runs.intake.starting import start
from workflows.access import TokenPrincipal, may_in, role_in
from workflows.definition.compiled import compile_definition
from workflows.definition.conditions import holds
from workflows.definition.findings import DefinitionRefused
from workflows.models import Scope, Token, Trigger
from workflows.steps.errors import StepError
from workflows.triggers.event import EventTrigger

logger = logging.getLogger(__name__)

LARGEST_BATCH = 500


@dataclass(frozen=True)
class _Placed:
    """An event with the scopes in which it is heard: its own and those above it."""

    event: Event
    scope: Scope
    heard_in: frozenset[int]
    refs: frozenset[str]


def accept(events: Sequence[Json], principal: Token, *, depth: int = 0) -> list[dict[str, Any]]:
    """Start what listens for these events; one result per event, in their order.

    `depth`: how deep the runs lie that it starts. A result is `{"id", "runs": [{"id", "status"}]}`; the id is the
    sender's, or None. Shapes and scopes of all are looked at first, so a refused batch starts nothing: Problem 422,
    404 for a scope outside the token's, 403 without the operator's role. Each run is committed by itself; with ids
    a batch can be sent again.
    """
    moment = stamp()
    placed = _placed(_read(events), principal)
    listening = _listening({item.event.name for item in placed})
    return [_result(item, listening, moment, depth) for item in placed]


def _read(events: Sequence[Json]) -> list[Event]:
    if len(events) > LARGEST_BATCH:
        message = _("A batch has at most %(most)d events.") % {"most": LARGEST_BATCH}
        raise Problem(422, "batch_too_large", message)
    read, findings = [], []
    for place, document in enumerate(events):
        try:
            read.append(read_event(document))
        except EventRefused as wrong:
            path = ".".join(part for part in (str(place), wrong.path) if part)
            findings.append({"code": "invalid_event", "path": path, "message": str(wrong)})
    if findings:
        refused("event", "invalid")
        raise Problem(422, "invalid_event", findings[0]["message"], findings=findings)
    return read


def _placed(events: Sequence[Event], token: Token) -> list[_Placed]:
    principal = TokenPrincipal(token)
    scopes = _scopes({event.scope for event in events if event.scope})
    placed = []
    for event in events:
        scope = scopes.get(event.scope) if event.scope else token.scope
        if scope is None or role_in(principal, scope) is None:
            raise Problem(404, "unknown_scope", _("There is no such scope."))
        if not may_in(principal, "send_events", scope):
            raise Problem(403, "not_allowed", _("Sending events needs the role Operator."))
        nodes = scope.ancestors_and_self()
        heard_in, refs = frozenset(node.pk for node in nodes), frozenset(node.ref for node in nodes)
        placed.append(_Placed(event, scope, heard_in, refs))
    return placed


def _scopes(refs: set[str]) -> dict[str, Scope]:
    rows = Scope.objects.select_related("parent__parent").filter(ref__in=sorted(refs))
    return {scope.ref: scope for scope in rows} if refs else {}


def _listening(names: set[str]) -> dict[str, list[Trigger]]:
    rows = Trigger.objects.select_related("workflow__published")
    live = rows.filter(is_live=True, kind=EVENT, event__in=sorted(names), workflow__deleted_at=None)
    found: dict[str, list[Trigger]] = {}
    for trigger in live.order_by("pk"):
        found.setdefault(trigger.event, []).append(trigger)
    return found


def _result(
    item: _Placed, listening: dict[str, list[Trigger]], moment: datetime, depth: int
) -> dict[str, Any]:
    runs = []
    for trigger in listening.get(item.event.name, ()):
        if trigger.workflow.scope_id not in item.heard_in:
            continue
        occurrence = _occurrence(item, trigger, moment, depth)
        if not _is_wanted(trigger, occurrence):
            continue
        try:
            accepted = start(trigger, trigger.workflow_id, occurrence)
        except UnknownTarget:
            continue
        runs.append({"id": str(accepted.run_id), "status": accepted.status})
    return {"id": item.event.id or None, "runs": runs}


def _occurrence(item: _Placed, trigger: Trigger, moment: datetime, depth: int) -> Occurrence:
    event = item.event
    return Occurrence(
        kind=EVENT,
        trigger_id=trigger.trigger_id,
        input={"data": event.data, "headers": dict(event.headers), "query": {}},
        delivery_id=event.delivery_id,
        received_at=moment,
        depth=depth,
        scopes=item.refs,
    )


def _is_wanted(trigger: Trigger, occurrence: Occurrence) -> bool:
    """Whether the trigger's condition holds. One that fails is no match: it must not stop the other workflows."""
    published = trigger.workflow.published
    if published is None:
        return False
    try:
        definition = compile_definition(published.definition)
        rule = next(rule for rule in definition.triggers if rule.id == trigger.trigger_id)
        if not isinstance(rule, EventTrigger) or rule.where is None:
            return isinstance(rule, EventTrigger)
        return holds(rule.where, _names(occurrence))
    except (StepError, DefinitionRefused, StopIteration) as wrong:
        refused("condition", type(wrong).__name__, trigger=trigger.pk)
        return False


def _names(occurrence: Occurrence) -> dict[str, Any]:
    """What a trigger's condition may read."""
    given = {**occurrence.input, "received_at": instant(occurrence.received_at)}
    return {"trigger": trigger_names(EVENT, occurrence.trigger_id, given)}
