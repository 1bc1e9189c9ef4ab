"""From an occurrence to its run: one transaction, then the doorbell."""

from dataclasses import dataclass
from uuid import uuid4

from django.db import IntegrityError, transaction

from config.failpoints import failpoint
from runs.engine import doorbell
from runs.intake.deciding import SKIP, Fate, counts, decide
from runs.intake.entering import Standing, enter
from runs.intake.occurrences import NOT_RUNNING, Accepted, Occurrence, UnknownTarget
from runs.intake.storing import metadata_only, stored_input
from runs.models import Delivery, Run, RunStatus
from runs.monitoring import ledger
from workflows.definition.compiled import compiled
from workflows.definition.models import Settings
from workflows.models import Status, Trigger, Version, Workflow
from workflows.services.acting import WorkflowGone, lock

TRIES = 4
GONE = "gone"

_STANDING = (
    "status", "cause", "reason", "triggers_choice", "resume_expected_at", "deleted_at", "published", "scope",
    "launch", "launch_seen",
)  # fmt: skip


class _Moved(Exception):
    """Something was published between reading the definition and entering the run."""


@dataclass(frozen=True)
class _Prepared:
    """All that can be made ready before the transaction, for one published version."""

    trigger: Trigger | None
    workflow_pk: int
    published_pk: int | None
    version: Version | None
    input: str
    while_paused: str
    is_instant: bool


def start(trigger: Trigger | None, workflow_pk: int, occurrence: Occurrence) -> Accepted:
    """Enter the run of an occurrence; committed when this returns, unless the caller has a transaction open.

    By the workflow's status the run is Pending, Held, or closed as Skipped. A delivery id that the trigger
    knows gives the first answer again. A Pending run's doorbell is rung after the commit. Raises
    UnknownTarget (Draft, deleted, trigger removed), HoldFull (webhooks), TransitionRefused (starts by hand or
    by a step while not Active), OperationalError when the database cannot take it.
    """
    failpoint("K1")
    workflow = _known(trigger)
    if trigger is not None and workflow is not None and workflow.published is not None:
        entered = _enter_directly(trigger, workflow, workflow.published, occurrence)
        if entered is not None:
            return entered
    for attempt in range(1, TRIES + 1):
        prepared = _prepare(trigger, workflow or _read(trigger, workflow_pk), occurrence)
        try:
            with transaction.atomic():
                return _enter(prepared, occurrence)
        except (IntegrityError, _Moved) as lost:
            # A parallel repeat was first, or a version was published meanwhile: look again.
            if attempt == TRIES:
                raise IntegrityError("The occurrence could not be entered.") from lost
            workflow = None
    raise AssertionError("unreachable")


def _enter_directly(
    trigger: Trigger, workflow: Workflow, version: Version, occurrence: Occurrence
) -> Accepted | None:
    if workflow.status != Status.ACTIVE or workflow.launch:
        return None
    standing = Standing(trigger.pk, trigger.trigger_id, workflow.pk, version.pk, compiled(version.definition))
    return enter(standing, occurrence)


def start_while_activating(trigger: Trigger, workflow: Workflow, occurrence: Occurrence) -> Accepted:
    """Enter a Pending run in the transaction that makes the workflow Active, whose row does not say so yet."""
    prepared = _prepare(trigger, workflow, occurrence)
    return _insert(_run(prepared, occurrence, workflow, Fate(RunStatus.PENDING)), trigger)


def _known(trigger: Trigger | None) -> Workflow | None:
    """The workflow that came with the trigger, when its published version did too."""
    if trigger is None or "workflow" not in trigger._state.fields_cache:
        return None
    return trigger.workflow if "published" in trigger.workflow._state.fields_cache else None


def _read(trigger: Trigger | None, workflow_pk: int) -> Workflow:
    workflow = Workflow.objects.standing().select_related("published").filter(pk=workflow_pk).first()
    if workflow is None:
        raise UnknownTarget
    if trigger is not None and not Trigger.objects.filter(pk=trigger.pk, is_live=True).exists():
        raise UnknownTarget
    return workflow


def _prepare(trigger: Trigger | None, workflow: Workflow, occurrence: Occurrence) -> _Prepared:
    version = occurrence.version or workflow.published
    known = compiled(version.definition) if version else None
    rules = known.definition.settings if known else Settings()
    return _Prepared(
        trigger=trigger,
        workflow_pk=workflow.pk,
        published_pk=workflow.published_id,
        version=version,
        input=stored_input(occurrence.input, occurrence.received_at, redact=rules.redact),
        while_paused=getattr(rules.while_paused, occurrence.kind, SKIP),
        is_instant=occurrence.is_plain
        and known is not None
        and known.is_instant
        and occurrence.trigger_id not in known.queued,
    )


def _enter(prepared: _Prepared, occurrence: Occurrence) -> Accepted:
    first = _first_answer(prepared.trigger, occurrence.delivery_id)
    if first is not None:
        return first
    workflow = _standing(prepared.workflow_pk, occurrence)
    if workflow.published_id != prepared.published_pk:
        raise _Moved
    fate = decide(workflow, occurrence, while_paused=prepared.while_paused, moment=occurrence.received_at)
    if counts(workflow, occurrence):
        Workflow.objects.filter(pk=workflow.pk).update(launch_seen=workflow.launch_seen + 1)
    return _insert(_run(prepared, occurrence, workflow, fate), prepared.trigger)


def _standing(workflow_pk: int, occurrence: Occurrence) -> Workflow:
    """How the workflow stands now; locked where a watched launch counts the occurrence."""
    workflow = Workflow.objects.only(*_STANDING).filter(pk=workflow_pk).first()
    if workflow is None:
        raise UnknownTarget
    if not counts(workflow, occurrence):
        return workflow
    try:
        return lock(workflow_pk)
    except WorkflowGone:
        raise UnknownTarget from None


def _insert(run: Run, trigger: Trigger | None) -> Accepted:
    run.save(force_insert=True)
    if trigger is not None and run.delivery_id:
        _remember(trigger, run)
    if run.status == RunStatus.SKIPPED:
        ledger.note(run)
    if run.status == RunStatus.PENDING:
        # A function with a name of its own: Django logs that of a robust callback that fails.
        transaction.on_commit(lambda: _ring(run), robust=True)
    failpoint("K2")
    return Accepted(run.pk, run.status, run.reason)


def _ring(run: Run) -> None:
    failpoint("K3")
    doorbell.ring(str(run.pk))


def _run(prepared: _Prepared, occurrence: Occurrence, workflow: Workflow, fate: Fate) -> Run:
    if fate.is_pending and prepared.version is None:
        raise UnknownTarget
    received_at = occurrence.received_at
    return Run(
        workflow_id=workflow.pk,
        version=prepared.version if fate.is_pending else None,
        scope_id=workflow.scope_id,
        status=fate.status,
        reason=fate.reason,
        trigger_kind=occurrence.kind,
        trigger_id=occurrence.trigger_id or (prepared.trigger.trigger_id if prepared.trigger else ""),
        delivery_id=occurrence.delivery_id,
        is_test=occurrence.is_test,
        simulates=occurrence.simulates,
        passes_gate=occurrence.passes_gate or occurrence.is_test,
        is_instant=prepared.is_instant and fate.is_pending,
        correlation=occurrence.correlation or uuid4().hex,
        input=metadata_only(received_at) if fate.is_bare else prepared.input,
        replay_of_id=occurrence.replay_of,
        replay_from=occurrence.replay_from,
        parent_id=occurrence.parent,
        depth=occurrence.depth,
        received_at=received_at,
        due_at=occurrence.due_at or (received_at if fate.is_pending else None),
        held_at=received_at if fate.held_until else None,
        held_until=fate.held_until,
        ended_at=(occurrence.recorded_at or received_at) if fate.status == RunStatus.SKIPPED else None,
    )


def _first_answer(trigger: Trigger | None, delivery_id: str) -> Accepted | None:
    if trigger is None or not delivery_id:
        return None
    known = Delivery.objects.filter(trigger_id=trigger.pk, delivery_id=delivery_id).first()
    if known is None:
        return None
    if known.answer_status == GONE:
        return Accepted(known.run_id, RunStatus.SKIPPED, NOT_RUNNING, duplicate=True)
    return Accepted(known.run_id, known.answer_status, duplicate=True)


def _remember(trigger: Trigger, run: Run) -> None:
    Delivery.objects.create(
        trigger_id=trigger.pk,
        delivery_id=run.delivery_id,
        run_id=run.pk,
        answer_status=GONE if run.reason == NOT_RUNNING else run.status,
        received_at=run.received_at,
    )
