"""What came of a workflow's last runs: the strip, the batch that is watched after a start or resume, open failures by error."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from config.web.badges import Badge, badge
from runs.models import Run, RunStatus
from workflows.models import Workflow

STRIP: Final = 20
WATCHED: Final = 20
WATCHED_FOR: Final = timedelta(hours=24)
FAILURES_SINCE: Final = timedelta(days=7)
FAILURES_READ: Final = 500
GROUPS: Final = 10


@dataclass(frozen=True)
class RunMark:
    """One run as a mark: shape, word and colour of its status, and the run to open."""

    run: Run
    badge: Badge


@dataclass(frozen=True)
class Batch:
    """The first runs since the last start or resume, oldest first. `is_start`: it was a start."""

    marks: list[RunMark]
    since: datetime
    is_start: bool
    size: int = WATCHED

    @property
    def failed(self) -> int:
        return sum(one.run.status == RunStatus.FAILED for one in self.marks)

    @property
    def succeeded(self) -> int:
        return sum(one.run.status == RunStatus.SUCCESS for one in self.marks)


@dataclass(frozen=True)
class Failures:
    """Failed runs that share step and error code. `newest` speaks for them."""

    newest: Run
    count: int

    @property
    def sentence(self) -> str:
        """The first line of the newest run's error."""
        return next(iter(self.newest.error.splitlines()), "") or self.newest.error_code


def marks(workflow: Workflow) -> list[RunMark]:
    """The last production runs, oldest first."""
    newest = Run.objects.filter(workflow=workflow).counted().order_by("-id")
    return _marks(reversed(newest.only("id", "status", "received_at")[:STRIP]))


def watched_batch(workflow: Workflow) -> Batch | None:
    """The first 20 runs that ended or go on since a start or resume, for a day; None where there was none lately."""
    since, is_start = workflow.activated_at, workflow.activated_at == workflow.started_at
    if since is None or timezone.now() - since > WATCHED_FOR:
        return None
    if since == workflow.first_started_at and not is_start:
        return None
    runs = Run.objects.filter(workflow=workflow, started_at__gte=since).counted().order_by("started_at")
    found = _marks(runs.only("id", "status", "received_at")[:WATCHED])
    return Batch(found, since, is_start)


def _marks(runs: Iterable[Run]) -> list[RunMark]:
    return [RunMark(run, badge(run.status)) for run in runs]


def open_failures(workflow: Workflow) -> list[Failures]:
    """The failed production runs of the last week that nobody replayed, by step and error code, most first.

    Reads the newest 500.
    """
    failed = Run.objects.filter(
        workflow=workflow,
        is_test=False,
        status=RunStatus.FAILED,
        ended_at__gte=timezone.now() - FAILURES_SINCE,
        replays=None,
    )
    fields = ("id", "status", "error", "error_code", "error_step", "ended_at")
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in failed.order_by("-ended_at").only(*fields)[:FAILURES_READ]:
        groups.setdefault((run.error_step, run.error_code), []).append(run)
    found = [Failures(runs[0], len(runs)) for runs in groups.values()]
    return sorted(found, key=lambda group: -group.count)[:GROUPS]
