"""Claiming a run: one transaction that passes the gate, keeps the limits, and sets owner, lease and fence."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.clock import stamp
from runs import statements
from runs.engine import aftermath, outcome
from runs.engine.gate import Gate, Verdict, locked_gate
from runs.intake.occurrences import SCHEDULE
from runs.intake.published import published
from runs.models import RETURNING, Run, RunStatus
from runs.statements import Found
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.definition.instant import queues
from workflows.definition.models import Definition
from workflows.models import Cause, Status, Workflow
from workflows.services.status import stop_by_system

logger = logging.getLogger(__name__)

DEATHS_LIMIT = 3
_UNREADABLE = _("The definition of the version cannot be read. Publish a mended one.")


@dataclass(frozen=True)
class Claim:
    """A run that this worker owns. Every later write names `fence`; a newer claim voids this one."""

    run: Run
    fence: int
    definition: Definition
    moment: datetime
    about: "About"


@dataclass(frozen=True)
class About:
    """What of a run's surroundings its steps may read by name."""

    workflow_pk: int
    workflow_name: str
    version_number: int
    scope_ref: str


def claim(found: Found, owner: str) -> Claim | None:
    """Claim a run that is due, or whose worker's lease ran out; None when there is nothing to do.

    A run that may not start now becomes Held, Skipped or Cancelled, as the gate says; one beyond its
    workflow's limits stays Pending.
    """
    if not _is_due(found.run, found.moment):
        return None
    definition = _definition(found)
    if definition is not None and _lacks_slot(found, definition):
        return None
    at_once = _claim_at_once(found, definition, owner) if definition is not None else None
    return at_once or _claim_in(found.run.workflow_id, str(found.run.pk), owner)


def _claim_at_once(found: Found, definition: Definition, owner: str) -> Claim | None:
    """By one statement, where nothing but the gate decides about the run; None, and nothing written, where it is no such
    run or was changed meanwhile."""
    run = found.run
    if run.is_test or run.status == RunStatus.RUNNING or run.held_until is not None:
        return None
    if is_limited(definition, run):
        return None
    begun = statements.begin(run, owner, _duration(definition))
    if begun is None:
        return None
    run.status, run.fence = RunStatus.RUNNING, run.fence + 1
    run.started_at, run.deadline_at = begun.started_at, begun.deadline_at
    about = About(run.workflow_id, found.workflow_name, found.version_number, found.scope_ref)
    return Claim(run, run.fence, definition, begun.moment, about)


def _lacks_slot(found: Found, definition: Definition) -> bool:
    """Whether its workflow's limits keep a run waiting as things stand; asked without the lock, since the pump rings for
    thousands in vain behind a limit. Whoever gives a slot back rings after the commit (runs/engine/aftermath.py)."""
    run = found.run
    if run.status != RunStatus.PENDING or run.started_at or run.is_test or found.status != Status.ACTIVE:
        return False
    return _waits_for_others(definition, run)


def _definition(found: Found) -> Definition | None:
    """None where there is none yet, or none that can be read."""
    if found.run.version_id is None:
        return None
    try:
        return published(found.run.version_id, found.content_hash).definition
    except DefinitionRefused:
        return None


def _claim_in(workflow_pk: int, run_id: str, owner: str) -> Claim | None:
    """The same in a transaction under the workflow's lock, which reads the run anew."""
    with transaction.atomic():
        gate = locked_gate(workflow_pk)
        run = Run.objects.select_related("version", "workflow__scope", "scope").filter(pk=run_id).first()
        if run is None or not _is_due(run, gate.moment):
            return None
        claimed = _claim_behind(gate, run, owner)
    if claimed is None:
        aftermath.follow(run)
    return claimed


def _is_due(run: Run, moment: datetime) -> bool:
    if run.status in (RunStatus.PENDING, RunStatus.WAITING):
        return run.due_at is not None and run.due_at <= moment
    return run.status == RunStatus.RUNNING and run.lease_until is not None and run.lease_until < moment


def _claim_behind(gate: Gate, run: Run, owner: str) -> Claim | None:
    verdict = gate.verdict(run)
    if verdict is not Verdict.GO:
        outcome.refuse(run, verdict, gate)
        return None
    takeover = run.status == RunStatus.RUNNING
    if takeover and run.deaths + 1 >= DEATHS_LIMIT:
        outcome.give_up(run, gate.moment)
        return None
    version = run.version
    assert version is not None, "a run without a version is Held"
    try:
        definition = compile_definition(version.definition)
    except DefinitionRefused:
        logger.exception("The definition of version %s cannot be read.", version.pk)
        end_unreadable(run, gate.moment)
        return None
    if not _within_limits(definition, run, gate):
        return None
    # A run whose end made room may have ended after the gate was locked: no start lies before that end.
    moment = stamp() if definition.settings.max_running is not None else gate.moment
    return _take(run, owner, definition, moment, takeover)


def end_unreadable(run: Run, moment: datetime) -> None:
    """A stored definition that this release refuses: the run fails, and where it is the published one all stop."""
    outcome.close(run, RunStatus.FAILED, moment, error=str(_UNREADABLE), code="definition_refused")
    if run.version_id == run.workflow.published_id and not run.is_test:
        stop_by_system(run.workflow_id, cause=Cause.CONFIGURATION, reason=str(_UNREADABLE))


def _take(run: Run, owner: str, definition: Definition, moment: datetime, takeover: bool) -> Claim | None:
    first = run.started_at is None
    if first:
        run.started_at = moment
    # One that began in a batch has no deadline yet (runs/engine/batch.py).
    run.deadline_at = run.deadline_at or moment + _duration(definition)
    run.deaths += takeover
    mine = Run.objects.filter(pk=run.pk, fence=run.fence, status=run.status)
    changed = mine.update(
        status=RunStatus.RUNNING,
        reason="",
        owner=owner,
        lease_until=moment + timedelta(seconds=settings.LEASE_SECONDS),
        fence=run.fence + 1,
        started_at=run.started_at,
        deadline_at=run.deadline_at,
        due_at=None,
        deaths=run.deaths,
        attempts=run.attempts + 1,
    )
    if not changed:
        return None
    if first and not run.is_test:
        Workflow.objects.filter(pk=run.workflow_id).update(last_run_at=moment)
    run.status, run.fence = RunStatus.RUNNING, run.fence + 1
    assert run.version is not None, "a claimed run has one"
    about = About(run.workflow_id, run.workflow.name, run.version.number, run.scope.ref)
    return Claim(run, run.fence, definition, moment, about)


def _duration(definition: Definition) -> timedelta:
    longest = timedelta(days=settings.RUN_DURATION_LIMIT_DAYS)
    return min(definition.settings.run_timeout or longest, longest)


def _within_limits(definition: Definition, run: Run, gate: Gate) -> bool:
    """Whether it fits the workflow's limits, counted under the gate's lock; else the run stays as it is.

    A run holds its slot from its start until it closes, through its waits as well, so that runs at once
    never overlap by more than the limit. One that was Held or needed a decision had given it up.
    """
    if run.is_test:
        return True
    limits = definition.settings
    if run.started_at is not None:
        returns = run.status == RunStatus.WAITING and run.reason in RETURNING
        return not returns or _has_slot(run, limits.max_running)
    if _waits_for_others(definition, run):
        return False
    if limits.starts_per_minute is None:
        return True
    started = Run.objects.filter(workflow_id=run.workflow_id, is_test=False)
    minute = timedelta(minutes=1)
    recent = started.filter(started_at__gt=gate.moment - minute).order_by("-started_at")
    oldest = recent.values_list("started_at", flat=True)[
        limits.starts_per_minute - 1 : limits.starts_per_minute
    ]
    for moment in filter(None, oldest):
        Run.objects.filter(pk=run.pk).update(due_at=moment + minute, rung_at=None)
        return False
    return True


def _waits_for_others(definition: Definition, run: Run) -> bool:
    """Whether a run that has not started is queued behind an older one, or all slots are taken."""
    return _is_queued_behind(definition, run) or not _has_slot(run, definition.settings.max_running)


def _has_slot(run: Run, most: int | None) -> bool:
    if most is None:
        return True
    others = Run.objects.filter(workflow_id=run.workflow_id, is_test=False, started_at__isnull=False)
    busy = Q(status=RunStatus.RUNNING) | Q(status=RunStatus.WAITING) & ~Q(reason__in=RETURNING)
    return others.filter(busy).count() < most


def is_limited(definition: Definition, run: Run) -> bool:
    """Whether it may have to wait for other runs of its workflow."""
    limits = definition.settings
    return limits.max_running is not None or limits.starts_per_minute is not None or _queues(definition, run)


def _queues(definition: Definition, run: Run) -> bool:
    return run.trigger_kind == SCHEDULE and queues(definition, run.trigger_id)


def _is_queued_behind(definition: Definition, run: Run) -> bool:
    """Whether a schedule with overlap "queue" has an older run open."""
    if not _queues(definition, run):
        return False
    older = Run.objects.filter(
        workflow_id=run.workflow_id, trigger_id=run.trigger_id, pk__lt=run.pk, is_test=False
    )
    return older.open().exclude(status=RunStatus.HELD).exists()
