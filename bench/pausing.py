"""How long a Pause takes until it is confirmed, with thousands of runs Pending, and whether any started after it."""

import time
from dataclasses import dataclass

from django.utils import timezone

from audit.context import acting
from bench.workload import OPERATOR, Workload
from config.ids import new_id
from runs.models import Run, RunStatus
from workflows.services.pausing import pause
from workflows.services.resuming import resume

AFTERWARDS = 0.2
# What accepting decides; everything else of a Pending run has its default.
KEPT = (
    "workflow_id",
    "version_id",
    "scope_id",
    "trigger_kind",
    "trigger_id",
    "correlation",
    "input",
    "is_instant",
)


@dataclass(frozen=True)
class Paused:
    """Seconds to each confirmation; `late`: runs with `started_at` after `paused_at`; `pending`: the fewest met."""

    times: list[float]
    late: int
    pending: int


def pauses(workload: Workload, *, trials: int, pending: int) -> Paused:
    """Pause by the service that page and command call, with so many Pending; what was held is discarded after."""
    times, late, fewest = [], 0, pending
    for _ in range(trials):
        fill(workload, pending)
        met = workload.runs.filter(status=RunStatus.PENDING).count()
        begun = time.monotonic()
        with acting(OPERATOR, origin="command"):
            figures = pause(workload.workflow_id, reason="measured").figures
        times.append(time.monotonic() - begun)
        time.sleep(AFTERWARDS)
        late += workload.runs.filter(started_at__gt=figures["paused_at"]).count()
        fewest = min(fewest, met)
        with acting(OPERATOR, origin="command"):
            resume(workload.workflow_id, held="discard", accept_warnings=True)
    return Paused(times, late, fewest)


def fill(workload: Workload, pending: int) -> None:
    """Enter as many Pending runs as are missing, each a copy of the newest one that was accepted, as it was then."""
    missing = pending - workload.runs.filter(status=RunStatus.PENDING).count()
    newest = workload.runs.exclude(version=None).order_by("-pk")[0]
    moment = timezone.now()
    given = {name: getattr(newest, name) for name in KEPT}
    Run.objects.bulk_create(
        (Run(**given, pk=new_id(), received_at=moment, due_at=moment) for _ in range(missing)), batch_size=500
    )
