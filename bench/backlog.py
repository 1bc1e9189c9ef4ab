"""How fast a long backlog drains while triggers keep coming, and how soon those start."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.client import Order
from bench.deployment import Deployment
from bench.pausing import fill
from bench.running import percentiles
from bench.sending import outcome_of, sending
from bench.stacks import Stack
from bench.workload import Workload
from config.ids import new_id
from runs.models import RunStatus

PAUSE = 0.1
"""Between an answer and the next live trigger, of one sender for the workflow with the backlog and one for another."""

Lags = tuple[float, float, float, float]


@dataclass(frozen=True)
class Drained:
    """`closed` of the `backlog` in `seconds`, beside `arrived` live triggers. Lags in ms: p50, p95, p99, longest.

    `behind`: of triggers for the workflow that has the backlog, `beside`: for another one.
    """

    backlog: int
    closed: int
    seconds: float
    arrived: int
    behind: Lags
    beside: Lags

    @property
    def ratio(self) -> float:
        """Runs closed for each that arrived."""
        return self.closed / max(1, self.arrived)


def drained(stack: Stack, workload: Workload, *, count: int, most: float) -> Drained:
    """Enter the backlog before the start, then drain it under live triggers for `most` seconds, or until it is gone."""
    other = Workload("Beside the backlog")
    fill(workload, count)
    backlog = workload.runs.filter(pk__lt=new_id(), status=RunStatus.PENDING)
    with Deployment(stack) as deployment:
        begun = time.time()
        live = [
            sending(Order(deployment.port, each.request, seconds=most, pause=PAUSE))
            for each in (workload, other)
        ]
        while backlog.exists() and time.time() - begun < most:
            time.sleep(0.5)
        left, seconds = backlog.count(), time.time() - begun
        arrived = [each.since(begun).count() for each in (workload, other)]
        for process in live:
            outcome_of(process)
        lags = [lags_of(each, begun) for each in (workload, other)]
    return Drained(count, count - left, seconds, sum(arrived), *lags)


def lags_of(workload: Workload, begun: float) -> Lags:
    """From accepting to starting, in milliseconds; one that has not started yet counts as if it did now."""
    now = datetime.now(UTC)
    rows = workload.since(begun).values_list("received_at", "started_at")
    lags = [((started or now) - received).total_seconds() for received, started in rows]
    return (*percentiles(lags), max(lags) * 1000)
