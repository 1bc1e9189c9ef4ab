"""Waiting on a command line for how a run ends."""

import time
from collections.abc import Callable
from uuid import UUID

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.commands import Answer, whole_number
from runs import queries
from runs.documents import run_document
from runs.engine import executor, heartbeat
from runs.models import Run, RunStatus

UNDER_WAY = (RunStatus.PENDING, RunStatus.RUNNING, RunStatus.WAITING)
LOOK_EVERY = 0.1
DEFAULT_SECONDS = 60


def add_timeout(parser: CommandParser) -> None:
    """`--timeout N`: how long to wait, in seconds."""
    parser.add_argument(
        "--timeout", type=whole_number, default=DEFAULT_SECONDS, metavar="N", help="seconds to wait"
    )


def wait_for(run_id: UUID, *, seconds: float) -> Run:
    """The run as it stands once nothing goes on by itself, or when the time is up."""
    return _watch(run_id, seconds, lambda: None)


def execute_or_wait(run_id: UUID, *, seconds: float) -> Run:
    """As `wait_for`, but executes the run here while no worker is alive."""

    def help_out() -> None:
        if not heartbeat.alive("worker"):
            executor.advance(str(run_id))

    return _watch(run_id, seconds, help_out)


def _watch(run_id: UUID, seconds: float, meanwhile: Callable[[], None]) -> Run:
    end = time.monotonic() + seconds
    while True:
        meanwhile()
        run = queries.by_id(run_id)
        if run.status not in UNDER_WAY or time.monotonic() >= end:
            return run
        time.sleep(LOOK_EVERY)


def outcome_answer(run: Run, *, waited: bool) -> Answer:
    """`{"run": R}`; after waiting, anything but Success makes the exit code 1."""
    document = {"run": run_document(queries.with_steps(run.pk), detail=True)}
    line = f"{run.pk} {run.status}"
    if not waited or run.status == RunStatus.SUCCESS:
        return Answer(document, [line])
    return Answer(document, [line], _problem(run))


def _problem(run: Run) -> str:
    if run.status in UNDER_WAY:
        return _("The run has not ended yet. It goes on; look at it with: runs show %(id)s") % {"id": run.pk}
    words = {"status": run.get_status_display(), "why": run.error or run.reason}
    return _("The run ended as %(status)s. %(why)s") % words
