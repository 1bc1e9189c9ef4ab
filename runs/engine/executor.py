"""Advancing a run: claim it, walk its steps, settle how the walk stopped, and do what follows."""

import logging
import threading
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction
from django.utils.translation import gettext as _

from config.clock import stamp
from runs.engine import aftermath, lease, outcome
from runs.engine.claim import Claim, claim
from runs.engine.gate import Gate, locked_gate
from runs.engine.halts import Asks, ClaimLost, Ends, Halt, Holds, Waits
from runs.engine.journal import ContextTooLarge
from runs.engine.walker import Walker
from runs.intake.json_text import to_text
from runs.models import Run, RunStatus, StopWish

DATABASE_PAUSE = timedelta(seconds=2)

logger = logging.getLogger(__name__)

stopping = threading.Event()
"""Set when the process shall end: runs halt before their next outside step and are left for the next start."""


def advance(run_id: str) -> bool:
    """Bring a run as far as it goes now. Safe to call twice, or for a run that is not due: then False."""
    claimed = claim(run_id, lease.OWNER) if _is_id(run_id) else None
    if claimed is None:
        return False
    with lease.kept(run_id, claimed.fence):
        _execute(claimed)
    aftermath.follow(claimed.run)
    return True


def _is_id(text: str) -> bool:
    """Whether a message's text can be a run's id: garbage must not loop (reliability.md, R47)."""
    try:
        UUID(text)
    except (ValueError, AttributeError, TypeError):
        return False
    return True


def _execute(claimed: Claim) -> None:
    walker = Walker(claimed, is_stopping=stopping.is_set)
    halt: Halt
    try:
        walker.walk()
        return
    except Halt as stopped:
        halt = stopped
    except ClaimLost:
        logger.warning("Run %s was taken from this worker; nothing more is written.", claimed.run.pk)
        return
    except ContextTooLarge:
        halt = Ends(
            RunStatus.FAILED, _("The run's data grew beyond what a run may hold."), "context_too_large"
        )
    except Error:
        logger.exception(
            "The database failed under run %s; it goes on when the database answers.", claimed.run.pk
        )
        # A connection that broke stays broken in this thread until it is looked at.
        if not connection.in_atomic_block:
            close_old_connections()
        halt = Waits(claimed.moment + DATABASE_PAUSE, "database")
    except Exception:  # a run never stays open by accident, whatever a step kind does
        logger.exception("Run %s broke off unexpectedly.", claimed.run.pk)
        halt = Ends(
            RunStatus.FAILED,
            _("An unexpected error ended this run; support can find it in the log."),
            "unexpected",
        )
    try:
        _settle(walker, halt)
    except ClaimLost:
        logger.warning("Run %s was taken from this worker; its last result is not written.", claimed.run.pk)


def _settle(walker: Walker, halt: Halt) -> None:
    """Store what the journal still holds and move the run out of Running, in one transaction."""
    run, fence = walker.run, walker.claim.fence
    with transaction.atomic():
        gate = locked_gate(run.workflow_id) if isinstance(halt, Waits) else None
        walker.journal.flush()
        # The run's row is locked now: a wish that came while the halt was on its way still counts.
        wish = walker.journal.wish()
        if isinstance(halt, Ends):
            _close(walker, halt)
        elif wish == StopWish.CANCEL:
            outcome.close(run, RunStatus.CANCELLED, stamp(), fence=fence, reason="cancelled")
        elif isinstance(halt, Holds):
            outcome.hold(run, stamp(), fence=fence)
        elif isinstance(halt, Asks):
            outcome.ask(run, fence=fence, step=halt.step)
        elif isinstance(halt, Waits) and gate is not None:
            _wait(run, fence, halt, gate, wish)


def _close(walker: Walker, halt: Ends) -> None:
    run = walker.run
    failed = halt.status == RunStatus.FAILED
    outcome.close(
        run,
        halt.status,
        stamp(),
        fence=walker.claim.fence,
        reason="cancelled" if halt.status == RunStatus.CANCELLED else "",
        error=walker.redactor.redact_text(halt.message) if failed else "",
        code=halt.code if failed else "",
        step=halt.step if failed else "",
        output=to_text(walker.redactor.redact(halt.message)) if halt.message and not failed else "",
    )


def _wait(run: Run, fence: int, halt: Waits, gate: Gate, wish: str) -> None:
    """To Waiting; under a pause a wish is obeyed at once, and a long wait becomes Held (product.md, 3)."""
    outcome.suspend(run, halt.due_at, fence=fence, reason=halt.reason)
    if halt.child and not Run.objects.filter(pk=halt.child).open().exists():
        # It ended between the step's look at it and this transaction, and found nobody waiting.
        Run.objects.filter(pk=run.pk).update(due_at=gate.moment)
    longest = gate.moment + timedelta(seconds=settings.SHORT_WAIT_SECONDS)
    is_long = halt.due_at is not None and halt.due_at > longest
    if wish == StopWish.HOLD or (is_long and gate.keeps and not gate.lets_pass(run)):
        outcome.hold(run, gate.moment)
