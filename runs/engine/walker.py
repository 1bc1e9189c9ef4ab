"""The walk through a definition's steps.

A run that goes on after a wait or a crash walks from the top again: steps that the journal knows as
finished give their recorded output and are passed by, so the walk is the same however often it is broken.
It names no step kind; kinds answer with outcomes (workflows/steps/outcomes.py).
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from config.clock import stamp
from runs.engine import busy
from runs.engine.backoff import backoff
from runs.engine.claim import Claim
from runs.engine.halts import Asks, Ends, Holds, Waits
from runs.engine.journal import Journal, Place, child_of, output_of, recorded
from runs.engine.names import names_of
from runs.engine.performing import Performing
from runs.models import AttemptStatus, Run, RunStatus, StepAttempt, StopWish
from workflows.definition.conditions import holds
from workflows.definition.json_values import Json
from workflows.outgoing import HostBusy, OutgoingFailed
from workflows.secrets import Redactor
from workflows.steps import base
from workflows.steps.errors import StepError
from workflows.steps.model import BaseStep, FailureSteps, OutsideStep
from workflows.steps.outcomes import AwaitRun, Branch, Done, Finish, Loop, Outcome, Wait


class Walker:
    """Walks one claimed run until it ends, waits, or is told to stop; raises a Halt."""

    def __init__(self, claim: Claim, *, is_stopping: Callable[[], bool]) -> None:
        self.run: Run = claim.run
        self.claim = claim
        self.is_stopping = is_stopping
        self.redactor = Redactor()
        self.journal = Journal(claim, self.redactor)
        self.names = names_of(claim)
        self.wish = claim.run.wish
        self._key = str(claim.run.pk)

    def walk(self) -> None:
        """Every step in order; always raises, Ends at the latest."""
        self._require_time(self.claim.moment)
        self._steps(self.claim.definition.steps, "")
        raise Ends()

    def _steps(self, steps: Iterable[BaseStep], item: str) -> None:
        for step in steps:
            if step.enabled:
                self._obey(self.wish)
                self._step(step, item)

    def _step(self, step: BaseStep, item: str) -> None:
        place, kind = (step.id, item), base.kinds()[step.kind]
        last = self.journal.last(place)
        if last is None:
            self._attempt(step, kind, place)
        elif last.status in (AttemptStatus.SUCCESS, AttemptStatus.SKIPPED):
            self._pass_by(step, kind, place, last)
        elif last.status == AttemptStatus.WAITING:
            self._wake(step, kind, place, last)
        elif last.status == AttemptStatus.FAILED and last.is_final:
            self._failed(step, item, last.error, last.error_code)
        elif last.status == AttemptStatus.STARTED:
            self._recover(step, kind, place, last)
        else:
            self._attempt(step, kind, place)

    def _pass_by(self, step: BaseStep, kind: base.StepKind, place: Place, last: StepAttempt) -> None:
        """A finished step: its output is known; one with steps of its own walks them again."""
        if last.status == AttemptStatus.SUCCESS and kind.structural:
            outcome = kind.perform(
                step, kind.render(step, self.names), self._context(step, place, last.number)
            )
            self._inside(step, place, outcome)
        self._know(step, output_of(last))

    def _attempt(self, step: BaseStep, kind: base.StepKind, place: Place) -> None:
        moment = stamp() if kind.acts_outside else self.claim.moment
        attempt: StepAttempt | None = None
        try:
            if step.if_ is not None and not holds(step.if_, self.names):
                self._skip(step, place)
                return
            params = kind.render(step, self.names)
            attempt = self.journal.begin(place, step.kind, params, moment)
            if kind.acts_outside:
                self._intend(attempt)
            outcome = self._perform(step, kind, params, place, attempt)
        except (StepError, OutgoingFailed) as problem:
            attempt = attempt or self.journal.begin(place, step.kind, None, moment)
            if problem.code == HostBusy.CODE:
                self._step_back(attempt)
            self._fail(step, place, attempt, problem)
            return
        self._settle(step, place, attempt, outcome)

    def _step_back(self, attempt: StepAttempt) -> None:
        """Nothing was sent, and nothing can be for now: the attempt counts for nothing, the thread is given back."""
        self.journal.withdraw(attempt)
        raise Waits(stamp() + busy.wait(), busy.REASON)

    def _perform(
        self, step: BaseStep, kind: base.StepKind, params: dict[str, Any], place: Place, attempt: StepAttempt
    ) -> Outcome:
        context = self._context(step, place, attempt.number)
        attempt.is_simulated = context.simulated and kind.acts_outside
        act = kind.simulate if context.simulated else kind.perform
        return act(step, params, context)

    def _intend(self, attempt: StepAttempt) -> None:
        """Commit the intent before the effect; this is a boundary, so the run's wish is obeyed here."""
        if self.is_stopping():
            raise Waits(attempt.started_at, "worker stopped")
        self._require_time(attempt.started_at)
        self._obey(self.journal.intend(attempt))

    def _obey(self, wish: str) -> None:
        if wish == StopWish.CANCEL:
            raise Ends(RunStatus.CANCELLED, code="cancelled")
        if wish == StopWish.HOLD:
            raise Holds()

    def _require_time(self, moment: datetime) -> None:
        if self.run.deadline_at is not None and moment >= self.run.deadline_at:
            raise Ends(RunStatus.FAILED, _("The run took longer than its time-out allows."), "run_timeout")

    def _settle(self, step: BaseStep, place: Place, attempt: StepAttempt, outcome: Outcome) -> None:
        moment = stamp() if base.kinds()[step.kind].acts_outside else self.claim.moment
        if isinstance(outcome, Wait):
            self._suspend(attempt, outcome.until, outcome.output, "delay")
        if isinstance(outcome, AwaitRun):
            self._await(step, attempt, outcome.run_id)
            return
        output = self.journal.finish(attempt, AttemptStatus.SUCCESS, moment, output=recorded(outcome))
        if isinstance(outcome, Done):
            for value in outcome.values:
                self.journal.value(place, value)
        if base.kinds()[step.kind].acts_outside:
            self.wish = self.journal.checkpoint()
        self._inside(step, place, outcome)
        self._know(step, output)

    def _inside(self, step: BaseStep, place: Place, outcome: Outcome) -> None:
        """Walk the steps that an outcome brings along, or end where it says so."""
        if isinstance(outcome, Finish):
            raise Ends(
                outcome.status, outcome.message, "finished" if outcome.status == "failed" else "", step.id
            )
        if isinstance(outcome, Branch):
            self._steps(outcome.steps, place[1])
        if isinstance(outcome, Loop):
            self._loop(outcome, place[1])

    def _loop(self, loop: Loop, item: str) -> None:
        outer = {"item": self.names["item"]} if "item" in self.names else {}
        for index, value in enumerate(loop.items):
            self.names["item"] = value
            self._steps(loop.steps, f"{item}.{index}" if item else str(index))
        self.names.pop("item", None)
        self.names.update(outer)

    def _suspend(self, attempt: StepAttempt, until: datetime, output: Json, reason: str) -> None:
        self.journal.finish(attempt, AttemptStatus.WAITING, self.claim.moment, output=output)
        attempt.ended_at, attempt.due_at = None, until
        raise Waits(until, reason)

    def _wake(self, step: BaseStep, kind: base.StepKind, place: Place, attempt: StepAttempt) -> None:
        """A wait that is over becomes done; one that is not goes on."""
        if attempt.due_at is None:
            self._await(step, attempt, child_of(attempt))
            return
        if attempt.due_at > self.claim.moment:
            raise Waits(attempt.due_at, "delay")
        output = output_of(attempt)
        self.journal.finish(attempt, AttemptStatus.SUCCESS, self.claim.moment, output=output)
        self._know(step, output)

    def _await(self, step: BaseStep, attempt: StepAttempt, child_id: str) -> None:
        child = Run.objects.filter(pk=child_id).first()
        if child is not None and child.is_open:
            self.journal.finish(attempt, AttemptStatus.WAITING, self.claim.moment, output={"run": child_id})
            attempt.ended_at = None
            raise Waits(None, "child", child_id)
        ended = {"status": child.status, "output": output_of(child)} if child else {}
        output: Json = {"run": child_id, **ended}
        self.journal.finish(attempt, AttemptStatus.SUCCESS, self.claim.moment, output=output)
        self._know(step, output)

    def _skip(self, step: BaseStep, place: Place) -> None:
        attempt = self.journal.begin(place, step.kind, None, self.claim.moment)
        self.journal.finish(attempt, AttemptStatus.SKIPPED, self.claim.moment)
        self._know(step, None)

    def _know(self, step: BaseStep, output: Json) -> None:
        self.names["steps"][step.id] = output

    def _recover(self, step: BaseStep, kind: base.StepKind, place: Place, attempt: StepAttempt) -> None:
        """An intent without a result: the worker died, and whether the target acted is unknown."""
        on_crash = kind.on_crash(step)
        if on_crash == "ask":
            raise Asks(step.id)
        code, text = (
            "worker_died",
            _("The worker died during this attempt; whether the target acted is unknown."),
        )
        self.journal.fail(attempt, stamp(), error=text, code=code, is_final=on_crash == "fail")
        if on_crash == "fail":
            self._failed(step, place[1], text, code)
            return
        self._attempt(step, kind, place)

    def _fail(
        self, step: BaseStep, place: Place, attempt: StepAttempt, problem: StepError | OutgoingFailed
    ) -> None:
        retry = step.retry if isinstance(step, OutsideStep) else None
        if retry is not None and (problem.permanent or attempt.number >= retry.tries):
            retry = None
        moment = stamp()
        self.journal.fail(attempt, moment, error=str(problem), code=problem.code, is_final=retry is None)
        if retry is not None:
            raise Waits(moment + backoff(retry, attempt.number, problem), "retry")
        self._failed(step, place[1], attempt.error, problem.code)

    def _failed(self, step: BaseStep, item: str, error: str, code: str) -> None:
        """A step that will not be tried again: stop the run, go on, or walk the failure branch and go on."""
        choice = step.on_failure if isinstance(step, OutsideStep) else "stop"
        if choice == "stop":
            raise Ends(RunStatus.FAILED, error, code, step.id)
        self._know(step, {"error": error, "code": code})
        if isinstance(choice, FailureSteps):
            self._steps(choice.steps, item)

    def _context(self, step: BaseStep, place: Place, attempt: int) -> Performing:
        acts_outside = base.kinds()[step.kind].acts_outside
        return Performing(
            run=self.run,
            names=self.names,
            idempotency_key=".".join(filter(None, (self._key, *place))),
            attempt=attempt,
            now=self.claim.moment,
            timeout=step.deadline.total_seconds() if isinstance(step, OutsideStep) else 0,
            simulated=self.run.simulates if acts_outside else self.run.is_test,
            redactor=self.redactor,
        )
