"""How a walk that stopped is settled: one transaction that stores its journal and moves the run out of Running."""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeGuard

from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction
from django.utils.translation import gettext as _

from config.clock import stamp
from config.failpoints import failpoint
from runs import statements
from runs.engine import outcome
from runs.engine.gate import Gate, locked_gate
from runs.engine.halts import Asks, ClaimLost, Ends, Halt, Holds, Waits
from runs.engine.journal import ContextTooLarge
from runs.engine.walker import Walker
from runs.intake.json_text import to_text
from runs.models import Run, RunStatus, StopWish
from runs.monitoring import ledger
from runs.statements import Closed, Ending
from workflows.texts import storable

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


def settle(walker: Walker, halt: Halt) -> Closed | None:
    """Store what the journal still holds and move the run on; nothing is written once the claim was lost.

    Gives what the statement told that closed it, where one was enough.
    """
    closed = _closed_at_once(walker, halt)
    if closed is not None:
        return closed
    try:
        _settle(walker, halt)
    except ClaimLost:
        logger.warning("Run %s was taken from this worker; its last result is not written.", walker.run.pk)
        return None
    if isinstance(halt, Waits):
        failpoint("K13" if halt.reason == "retry" else "K12")
    return None


def is_plain(halt: Halt, walker: Walker) -> TypeGuard[Ends]:
    """Whether `statements.close` does all that the end of this walk takes."""
    return isinstance(halt, Ends) and walker.journal.is_plain


def _closed_at_once(walker: Walker, halt: Halt) -> Closed | None:
    """None, and nothing written, where a parent, a test or a death is about the run, or it was changed meanwhile."""
    run = walker.run
    if not is_plain(halt, walker) or run.parent_id or run.is_test or run.deaths or run.held_until:
        return None
    failpoint("K14")
    ending = replace(ending_of(walker, halt), names_run=True)
    done = statements.close([ending])
    if run.pk not in done.ids:
        return None
    run.status, run.ended_at, run.reason = ending.status, done.moment, ending.reason
    return done


def _settle(walker: Walker, halt: Halt) -> None:
    run, fence = walker.run, walker.claim.fence
    with transaction.atomic():
        gate = locked_gate(run.workflow_id) if isinstance(halt, Waits) else None
        # The run's row is locked then: a wish that came while the halt was on its way still counts.
        wish = walker.journal.flush()
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


def ending_of(walker: Walker, halt: Ends) -> Ending:
    """The same for the statement that closes, with the attempts that are not stored yet."""
    end, run = closing(walker, halt), walker.run
    return Ending(
        id=run.pk,
        fence=walker.claim.fence,
        workflow_pk=run.workflow_id,
        version_pk=run.version_id or 0,
        scope_pk=run.scope_id,
        trigger_kind=run.trigger_kind,
        started_at=run.started_at or walker.claim.moment,
        saved=ledger.saved_by(walker.claim.definition, end.status),
        status=end.status,
        reason=end.reason,
        error=storable(end.error),
        error_code=end.code,
        error_step=end.step,
        output=end.output,
        attempts=walker.journal.unsaved,
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
