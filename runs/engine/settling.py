"""How a walk that stopped is settled: one transaction that stores its journal and moves the run out of Running."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction
from django.utils.translation import gettext as _

from config.clock import stamp
from config.failpoints import failpoint
from runs.engine import outcome
from runs.engine.gate import Gate, locked_gate
from runs.engine.halts import Asks, ClaimLost, Ends, Halt, Holds, Waits
from runs.engine.journal import ContextTooLarge
from runs.engine.walker import Walker
from runs.intake.json_text import to_text
from runs.models import Run, RunStatus, StopWish
from runs.monitoring import ledger

DATABASE_PAUSE = timedelta(seconds=2)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Closing:
    """What a run's row says at its end; texts have no secrets."""

    status: str
    reason: str
    error: str
    code: str
    step: str
    output: str


def halt_of(walker: Walker) -> Halt | None:
    """Walk until something stops it; None when the run was taken from this worker. Never raises."""
    run_id = walker.run.pk
    try:
        walker.walk()
    except Halt as stopped:
        return stopped
    except ClaimLost:
        logger.warning("Run %s was taken from this worker; nothing more is written.", run_id)
    except ContextTooLarge:
        message = _("The run's data grew beyond what a run may hold.")
        return Ends(RunStatus.FAILED, message, "context_too_large")
    except Error:
        logger.exception("The database failed under run %s; it goes on when the database answers.", run_id)
        # A connection that broke stays broken in this thread until it is looked at.
        if not connection.in_atomic_block:
            close_old_connections()
        return Waits(walker.claim.moment + DATABASE_PAUSE, "database")
    except Exception:  # a run never stays open by accident, whatever a step kind does
        logger.exception("Run %s broke off unexpectedly.", run_id)
        message = _("An unexpected error ended this run; support can find it in the log.")
        return Ends(RunStatus.FAILED, message, "unexpected")
    return None


def settle(walker: Walker, halt: Halt) -> None:
    """Store what the journal still holds and move the run on; nothing is written once the claim was lost."""
    try:
        _settle(walker, halt)
    except ClaimLost:
        logger.warning("Run %s was taken from this worker; its last result is not written.", walker.run.pk)
        return
    if isinstance(halt, Waits):
        failpoint("K13" if halt.reason == "retry" else "K12")


def _settle(walker: Walker, halt: Halt) -> None:
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
    failpoint("K14")
    end = closing(walker, halt)
    outcome.close(
        walker.run,
        end.status,
        stamp(),
        fence=walker.claim.fence,
        reason=end.reason,
        error=end.error,
        code=end.code,
        step=end.step,
        output=end.output,
        saved=ledger.saved_by(walker.claim.definition, end.status),
    )


def closing(walker: Walker, halt: Ends) -> Closing:
    """What the run's row says once this end is recorded."""
    failed = halt.status == RunStatus.FAILED
    redactor = walker.redactor
    return Closing(
        status=halt.status,
        reason="cancelled" if halt.status == RunStatus.CANCELLED else "",
        error=redactor.redact_text(str(halt.message)) if failed else "",
        code=halt.code if failed else "",
        step=halt.step if failed else "",
        output=to_text(redactor.redact(halt.message)) if halt.message and not failed else "",
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
