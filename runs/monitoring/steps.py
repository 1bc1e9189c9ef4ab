"""Attempts at steps that act outside: counted with their run, in the quarter-hour in which it closed."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from django.db.models import F, Q, QuerySet

from runs.models import AttemptStatus, TallyEntry
from runs.monitoring.histogram import bucket_of
from runs.monitoring.ledger import MILLISECOND
from runs.monitoring.sums import Sum
from workflows.steps.base import kinds

_ALL: Final = Q()
DONE: Final = (AttemptStatus.SUCCESS, AttemptStatus.FAILED)


@cache
def outside() -> tuple[str, ...]:
    """The kinds of step that act outside."""
    return tuple(sorted(kind.kind for kind in kinds().values() if kind.acts_outside))


def attempt(status: str, started_at: Any, ended_at: Any, *, times: int = 1) -> Sum:
    """One attempt that is done, as a sum."""
    took = max((ended_at - started_at) // MILLISECOND, 0)
    found = Sum()
    found.numbers.update(attempts=times, milliseconds=times * took)
    if status == AttemptStatus.FAILED:
        found.numbers["failed"] += times
    found.durations[bucket_of(took)] += times
    return found


def attempts_of_entries(
    entries: "QuerySet[TallyEntry]", by: tuple[str, ...], only: Q = _ALL
) -> Iterator[tuple[tuple[Any, ...], Sum]]:
    """The attempts of the runs that entries name, each by `by`; `only` narrows them by workflow and step_id.

    What a replay took over from the run before it was attempted there, and a simulated attempt acted on nothing.
    """
    # In one call: conditions of several calls would each mean another attempt of the run.
    done = entries.filter(
        run__step_attempts__kind__in=outside(),
        run__step_attempts__status__in=DONE,
        run__step_attempts__fence__gt=0,
        run__step_attempts__is_simulated=False,
        run__step_attempts__ended_at__isnull=False,
    )
    line = "run__step_attempts__"
    named = done.annotate(start=F("at"), step_id=F(f"{line}step_id")).filter(only)
    fields = (*by, "runs", f"{line}status", f"{line}started_at", f"{line}ended_at")
    for *key, times, status, started_at, ended_at in named.values_list(*fields).iterator():
        yield tuple(key), attempt(status, started_at, ended_at, times=times)
