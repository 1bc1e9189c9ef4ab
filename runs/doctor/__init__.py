"""What `manage.py doctor` looks at: each examination gives findings, each with how to mend it."""

from collections.abc import Callable, Iterator

from django.db import Error

from runs.doctor import broker, clocks, copies, database, notices, processes, trust, work
from runs.doctor.diagnosis import Diagnosis

__all__ = ["Diagnosis", "examine"]

Examination = Callable[[], Iterator[Diagnosis]]

EXAMINATIONS: tuple[Examination, ...] = (
    database.answers,
    database.migrations,
    database.indexes,
    database.disk,
    copies.confirmed,
    clocks.agree,
    processes.alive,
    broker.answers,
    work.lag,
    work.backlog,
    notices.leave,
    trust.audit,
    trust.secrets,
)


def examine() -> list[Diagnosis]:
    """Look at everything; an examination that breaks is itself an error, the others go on.

    Takes some seconds longer where runs wait: whether the backlog grows is seen by looking twice.
    """
    found: list[Diagnosis] = []
    for look in EXAMINATIONS:
        try:
            found += look()
        except Exception as problem:  # whatever is broken belongs into the report
            name = f"{look.__module__.rpartition('.')[2]} {look.__name__}"
            found.append(Diagnosis(name, "error", f"{type(problem).__name__}: {problem}"))
            if isinstance(problem, Error) and look is database.answers:
                break
    return found
