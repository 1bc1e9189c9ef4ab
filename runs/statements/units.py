"""Short transactions of several threads, which SQLite commits as one.

There every transaction has the database to itself and ends with a flush, so that threads of one process that write at
the same time mostly wait for each other, asking again and again. Instead the first of them does what the others want too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection, transaction

from runs.statements.together import Together

Result = TypeVar("Result")
Work = Callable[[], Any]


@dataclass(frozen=True)
class _Done:
    """What a work gave, or why all it wrote was taken back."""

    result: Any = None
    problem: Exception | None = None


def unit(work: Callable[[], Result]) -> Result:
    """What `work` gives, once what it wrote is committed, unless the caller has a transaction open; raises what it
    raises, and then nothing of it is written.

    It may run in another thread, beside the works of others, but never twice: it must be short, write by
    `django.db.connection` alone, and read no variables of the context.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            return work()
    done = _TOGETHER.add(work)
    if done.problem is not None:
        raise done.problem
    result: Result = done.result
    return result


def _commit(works: Sequence[Work]) -> list[_Done]:
    try:
        with transaction.atomic():
            return [_tried(work, is_alone=len(works) == 1) for work in works]
    except Exception as problem:  # each is told by whoever brought it
        return [_Done(problem=problem)] * len(works)


def _tried(work: Work, *, is_alone: bool) -> _Done:
    """Of one that is alone the transaction is taken back; of several, what this one wrote."""
    if is_alone:
        return _Done(work())
    try:
        with transaction.atomic():
            return _Done(work())
    except Exception as problem:  # the others' works are none of its business
        return _Done(problem=problem)


_TOGETHER: Together[Work, _Done] = Together(_commit, gathering=0.0)
