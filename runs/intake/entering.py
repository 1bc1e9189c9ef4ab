"""The short way in: a trigger of a workflow that is Active becomes a Pending run by one plain statement."""

from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction

from config.failpoints import failpoint
from config.ids import new_id
from runs import statements
from runs.engine import doorbell
from runs.intake.occurrences import Accepted, Occurrence
from runs.intake.storing import stored_input
from runs.models import RunStatus
from runs.statements import Entry
from workflows.definition.compiled import Compiled


@dataclass(frozen=True)
class Standing:
    """A live trigger and the published version of its workflow, as they were just read."""

    trigger_pk: int
    trigger_id: str
    workflow_pk: int
    version_pk: int
    version: Compiled


def enter(standing: Standing, occurrence: Occurrence) -> Accepted | None:
    """Enter the Pending run of a plain occurrence and ring for it; committed as `start` says.

    None, and nothing was written, when the workflow is not Active with this version, the delivery id is known, or
    the occurrence is no plain one, or a run sent it: then `start` decides.
    """
    if not occurrence.is_plain or occurrence.depth:
        return None
    run = _run(standing, occurrence)
    failpoint("K1")
    entry = statements.enter(run)
    if entry is Entry.REFUSED:
        return None
    transaction.on_commit(lambda: _ring(run, entry), robust=True)
    return Accepted(run.id, RunStatus.PENDING)


def _ring(run: statements.NewRun, entry: Entry) -> None:
    failpoint("K3")
    if not run.is_instant:
        doorbell.ring(str(run.id))
    elif entry is Entry.ENTERED:
        doorbell.wake()


def _run(standing: Standing, occurrence: Occurrence) -> statements.NewRun:
    redact = standing.version.definition.settings.redact
    trigger_id = occurrence.trigger_id or standing.trigger_id
    return statements.NewRun(
        id=new_id(),
        workflow_pk=standing.workflow_pk,
        version_pk=standing.version_pk,
        trigger_pk=standing.trigger_pk,
        trigger_kind=occurrence.kind,
        trigger_id=trigger_id,
        delivery_id=occurrence.delivery_id,
        correlation=occurrence.correlation or uuid4().hex,
        input=stored_input(occurrence.input, occurrence.received_at, redact=redact),
        received_at=occurrence.received_at,
        is_instant=standing.version.is_instant and trigger_id not in standing.version.queued,
    )
