"""A run's record of step attempts: what is finished is never done again, and each write checks the fence.

Attempts of steps that only compute are kept in memory until the next durable point; an attempt that acts
outside is committed as an intent before it acts and completed after.
"""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from config.failpoints import failpoint
from runs import statements
from runs.engine.claim import Claim
from runs.engine.halts import ClaimLost
from runs.intake.json_text import to_text
from runs.models import AttemptStatus, RecordedValue, Run, StepAttempt
from runs.models.made import made
from workflows.definition.json_values import Json
from workflows.secrets import Redactor
from workflows.steps import outcomes
from workflows.texts import storable

Place = tuple[str, str]

MARK_OF_CUT = "cut by signalbox"
CUT = f'{{"{MARK_OF_CUT}":true'


class ContextTooLarge(Exception):
    """The outputs of a run's steps are together larger than allowed."""


class Journal:
    """The attempts of one claimed run, by place (step id, item path)."""

    def __init__(self, claim: Claim, redactor: Redactor) -> None:
        self._claim = claim
        self._redactor = redactor
        self._unsaved: list[StepAttempt] = []
        self._values: list[RecordedValue] = []
        self._size = 0
        self._attempts: dict[Place, list[StepAttempt]] = {}
        if claim.run.attempts or claim.run.replay_from:
            for attempt in claim.run.step_attempts.order_by("id"):
                self._keep(attempt)

    @property
    def unsaved(self) -> list[StepAttempt]:
        """The attempts that are complete but not stored yet."""
        return self._unsaved

    @property
    def is_plain(self) -> bool:
        """Whether nothing waits to be stored but attempts that are new."""
        return not self._values and all(attempt.pk is None for attempt in self._unsaved)

    def _keep(self, attempt: StepAttempt) -> None:
        self._attempts.setdefault((attempt.step_id, attempt.item), []).append(attempt)
        self._size += len(attempt.output)

    def last(self, place: Place) -> StepAttempt | None:
        """The newest attempt at a place."""
        found = self._attempts.get(place)
        return found[-1] if found else None

    def begin(self, place: Place, kind: str, given: Json, moment: datetime) -> StepAttempt:
        """The next attempt at a place, not stored yet."""
        last = self.last(place)
        attempt = made(
            StepAttempt,
            run_id=self._claim.run.pk,
            step_id=place[0],
            item=place[1],
            kind=kind,
            number=last.number + 1 if last else 1,
            status=AttemptStatus.STARTED,
            fence=self._claim.fence,
            started_at=moment,
            input=bounded_text(self._redactor.redact(given)),
        )
        self._keep(attempt)
        return attempt

    def finish(self, attempt: StepAttempt, status: str, moment: datetime, *, output: Json = None) -> Json:
        """Complete an attempt in memory; `flush` stores it. Gives the output as later steps see it.

        That is what is recorded: secrets replaced, cut beyond the limit. A walk that is broken off and begun
        again therefore sees the same values.
        """
        attempt.status, attempt.ended_at = status, moment
        clean = self._redactor.redact(output)
        attempt.output = bounded_text(clean)
        self._size += len(attempt.output)
        self._remember(attempt)
        if self._size > settings.RUN_CONTEXT_LIMIT:
            raise ContextTooLarge
        return output_of(attempt) if attempt.output.startswith(CUT) else clean

    def fail(self, attempt: StepAttempt, moment: datetime, *, error: str, code: str, is_final: bool) -> None:
        """Complete an attempt as failed; `is_final` False means that another try follows."""
        attempt.status, attempt.ended_at = AttemptStatus.FAILED, moment
        attempt.error, attempt.error_code = storable(self._redactor.redact_text(error)), code
        attempt.is_final = is_final
        self._remember(attempt)

    def value(self, place: Place, value: outcomes.RecordedValue) -> None:
        """A business value, stored together with its attempt, once per place."""
        row = RecordedValue(run=self._claim.run, step_id=place[0], item=place[1])
        row.name, row.value, row.unit = storable(value.name), value.value, storable(value.unit)
        self._values.append(row)

    def _remember(self, attempt: StepAttempt) -> None:
        if not any(kept is attempt for kept in self._unsaved):
            self._unsaved.append(attempt)

    def intend(self, attempt: StepAttempt) -> str:
        """Commit the intent of an attempt before it acts, unless the run has a wish, which is returned."""

        def intend_it() -> str:
            wish = self.flush()
            if not wish:
                statements.store(attempt)
            return wish

        wish = statements.unit(intend_it)
        if not wish:
            failpoint("K7")
        return wish

    def withdraw(self, attempt: StepAttempt) -> None:
        """Take an intent back of which it is known that nothing was sent; raises ClaimLost."""
        with transaction.atomic():
            self.flush()
            attempt.delete()
        self._attempts[(attempt.step_id, attempt.item)].pop()

    def checkpoint(self) -> str:
        """Store everything in one transaction, fence checked; gives the run's wish ("", hold, cancel).

        A recorded result starts the count of worker deaths anew. Raises ClaimLost.
        """
        failpoint("K9")
        wish = statements.unit(self.flush)
        failpoint("K10")
        return wish

    def flush(self) -> str:
        """Store what is unsaved inside the caller's transaction, which locks the run; gives its wish ("", hold, cancel).

        Raises ClaimLost when the fence is old.
        """
        run = self._claim.run
        if any(attempt.fence == run.fence for attempt in self._unsaved):
            run.deaths = 0
        wish = statements.mark(run.pk, self._claim.fence, run.deaths)
        if wish is None:
            raise ClaimLost(str(run.pk))
        for attempt in self._unsaved:
            statements.store(attempt)
        if self._values:
            RecordedValue.objects.bulk_create(self._values, ignore_conflicts=True)
        self._unsaved, self._values = [], []
        return wish


def bounded_text(value: Any) -> str:
    """JSON text, cut and marked beyond settings.STEP_OUTPUT_LIMIT."""
    text = to_text(value)
    if len(text) <= settings.STEP_OUTPUT_LIMIT:
        return text
    return to_text({MARK_OF_CUT: True, "size": len(text), "start": text[: settings.STEP_OUTPUT_LIMIT // 2]})


def output_of(recorded: StepAttempt | Run) -> Json:
    """The recorded output as a value."""
    return json.loads(recorded.output) if recorded.output else None


def child_of(attempt: StepAttempt) -> str:
    """The id of the run that a waiting attempt waits for."""
    return str(json.loads(attempt.output)["run"])


def recorded(outcome: outcomes.Outcome) -> Json:
    """What is recorded as the output of a step that is done."""
    if isinstance(outcome, outcomes.Loop):
        return {"count": len(outcome.items)}
    if isinstance(outcome, outcomes.Finish):
        return {"status": outcome.status, "message": outcome.message}
    return outcome.output if isinstance(outcome, outcomes.Done | outcomes.Branch) else None
