"""Instant runs, many at once: claimed in one transaction, computed in memory, closed in one transaction.

Only runs of versions that compute and have no limits (`Run.is_instant`), claimed for the first time: one that a dead
worker left behind goes alone (runs/engine/executor.py), so that a run that kills workers is found out. Each run keeps
its own fence, and drops out alone where it was changed or lost meanwhile.
"""

import logging
from uuid import UUID

from django.db import Error, transaction

from config.failpoints import failpoint
from runs import statements
from runs.engine import aftermath, executor, lease
from runs.engine.claim import About, Claim, end_unreadable
from runs.engine.halts import Halt
from runs.engine.settling import ending_of, halt_of, is_plain, settle
from runs.engine.walker import Walker
from runs.intake.published import published
from runs.models import Run, RunStatus
from runs.models.made import made
from runs.statements import Taken
from workflows.definition.findings import DefinitionRefused

SIZE = 16

logger = logging.getLogger(__name__)

Walked = tuple[Walker, Halt]


def advance_waiting(most: int = SIZE) -> int:
    """Claim up to `most` instant runs that wait, and end them; gives how many were claimed."""
    failpoint("K5")
    taken = statements.take(lease.OWNER, most)
    if not taken:
        return 0
    failpoint("K6")
    with lease.kept({str(row.id): row.fence for row in taken}):
        _finish([walked for walked in map(_walked, taken) if walked is not None])
    statements.note(taken)
    failpoint("K11")
    return len(taken)


def _walked(row: Taken) -> Walked | None:
    """A claimed run, walked as far as it goes; None when nothing is left to write for it."""
    run = _run(row)
    with executor.about_run(run):
        return _walk(run, row)


def _walk(run: Run, row: Taken) -> Walked | None:
    try:
        definition = published(row.version_pk, row.content_hash).definition
    except DefinitionRefused:
        logger.exception("The definition of version %s cannot be read.", row.version_pk)
        with transaction.atomic():
            end_unreadable(Run.objects.get(pk=row.id), row.started_at)
        return None
    about = About(row.workflow_pk, row.workflow_name, row.version_number, row.scope_ref)
    walker = Walker(
        Claim(run, row.fence, definition, row.started_at, about), is_stopping=executor.stopping.is_set
    )
    halt = halt_of(walker)
    return None if halt is None else (walker, halt)


def _run(row: Taken) -> Run:
    return made(
        Run,
        id=row.id,
        workflow_id=row.workflow_pk,
        version_id=row.version_pk,
        scope_id=row.scope_pk,
        status=RunStatus.RUNNING,
        trigger_kind=row.trigger_kind,
        trigger_id=row.trigger_id,
        delivery_id=row.delivery_id,
        correlation=row.correlation,
        input=row.input,
        received_at=row.received_at,
        started_at=row.started_at,
        fence=row.fence,
    )


def _finish(walked: list[Walked]) -> None:
    """Close together what ended; whatever else a walk came to, or did not close, is settled alone."""
    endings = [ending_of(walker, halt) for walker, halt in walked if is_plain(halt, walker)]
    failpoint("K14")
    closed: frozenset[UUID] = frozenset()
    try:
        if endings:
            done = statements.close(endings)
            closed = done.ids
            aftermath.drain(done.draining)
    except Error:
        logger.exception("%d runs could not be closed together; each is closed alone.", len(endings))
    for walker, halt in walked:
        if walker.run.pk not in closed:
            _settle_alone(walker, halt)


def _settle_alone(walker: Walker, halt: Halt) -> None:
    with executor.about_run(walker.run):
        try:
            settle(walker, halt)
        except Error:
            # Its lease runs out, and whoever takes it over finds the reason or has more luck.
            logger.exception("Run %s could not be settled.", walker.run.pk)
            return
        aftermath.follow(walker.run)
