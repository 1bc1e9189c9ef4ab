"""Advancing a run: claim it, walk its steps, settle how the walk stopped, and do what follows."""

import threading
from contextlib import AbstractContextManager
from uuid import UUID

from config import logs
from config.failpoints import failpoint
from runs import statements
from runs.engine import aftermath, busy, doorbell, lease
from runs.engine.bulkhead import Bulkhead
from runs.engine.claim import claim, is_limited
from runs.engine.settling import halt_of, settle
from runs.engine.walker import Walker
from runs.models import Run
from runs.statements import Found

stopping = threading.Event()
"""Set when the process shall end: runs halt before their next outside step and are left for the next start."""

_bulkhead = Bulkhead()


def advance(run_id: str) -> bool:
    """Bring a run as far as it goes now. Safe to call twice, or for a run that is not due: then False.

    False too while its workflow executes as many runs here as it may; it is rung for when one of them is done.
    """
    if _bulkhead.keeps_waiting(run_id):
        return False
    found = statements.find(run_id) if _is_id(run_id) else None
    if found is None:
        ring_turned_away()
        return False
    if not _bulkhead.enter(found.run.workflow_id, run_id):
        return False
    try:
        return _advance(found)
    finally:
        busy.go_on()
        turned_away = _bulkhead.leave(found.run.workflow_id)
        if turned_away is not None:
            doorbell.ring(turned_away)


def ring_turned_away() -> None:
    """Ring for runs that were turned away though their workflow now has places; to be called now and then."""
    for run_id in _bulkhead.admissible():
        doorbell.ring(run_id)


def _advance(found: Found) -> bool:
    failpoint("K5")
    claimed = claim(found, lease.OWNER)
    if claimed is None:
        return False
    failpoint("K6")
    run = claimed.run
    with lease.kept({str(run.pk): claimed.fence}), about_run(run):
        walker = Walker(claimed, is_stopping=stopping.is_set)
        halt = halt_of(walker)
        closed = None if halt is None else settle(walker, halt)
    aftermath.follow(run, closed, makes_room=is_limited(claimed.definition, run))
    failpoint("K11")
    return True


def about_run(run: Run) -> AbstractContextManager[None]:
    """What is logged inside says of which run it is."""
    return logs.about(run=run.pk, workflow=run.workflow_id, correlation=run.correlation)


def _is_id(text: str) -> bool:
    """Whether a message's text can be a run's id: garbage must not loop (reliability.md, R47)."""
    try:
        UUID(text)
    except (ValueError, AttributeError, TypeError):
        return False
    return True
