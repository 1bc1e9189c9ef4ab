"""Measuring the workflow itself: under load at some concurrency, and one request at a time."""

import http.client
import random
import statistics
import time
from dataclasses import dataclass, field

from django.db.models import Max

from bench.client import Order
from bench.costs import Meter
from bench.deployment import Deployment
from bench.sending import send
from bench.workload import Workload
from runs.models import RunStatus

DRAIN_SECONDS = 300
SHORTEST_PAUSE, LONGEST_PAUSE = 0.03, 0.12


@dataclass
class Loaded:
    """`closed` runs in `seconds`, from the first request to the last run's end; `cost`: CPU-ms per run by part."""

    accepted: int
    refused: int
    closed: int
    seconds: float
    answer: tuple[float, float]
    cost: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return self.closed / self.seconds

    @property
    def cpu(self) -> float:
        return sum(self.cost.values())


def percentiles(values: list[float]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th in milliseconds of values in seconds."""
    cuts = statistics.quantiles(values, n=100, method="inclusive") if len(values) > 1 else values * 99
    return cuts[49] * 1000, cuts[94] * 1000, cuts[98] * 1000


def loaded(deployment: Deployment, workload: Workload, *, connections: int, seconds: float) -> Loaded:
    """Send for some seconds and wait until every accepted run is closed; raises RuntimeError if one is not."""
    load = observed(deployment, workload, connections=connections, seconds=seconds, patience=DRAIN_SECONDS)
    if not load.accepted or load.closed != load.accepted:
        raise RuntimeError(
            f"{load.accepted} accepted, {load.refused} refused, {load.closed} closed as success"
        )
    return load


def observed(
    deployment: Deployment, workload: Workload, *, connections: int, seconds: float, patience: float
) -> Loaded:
    """The same where runs may stay open: then the time ends with the patience."""
    meter = Meter(deployment.roots)
    sent = send(Order(deployment.port, workload.request, connections, seconds=seconds))
    is_drained = is_drained_within(workload, patience)
    used, now = meter.used(), time.time()
    closed = workload.since(sent.first).filter(status=RunStatus.SUCCESS)
    count, last = closed.count(), closed.aggregate(last=Max("ended_at"))["last"]
    accepted = sent.answers.get("202", 0)
    p50, p95, _p99 = percentiles(sent.times)
    end = last.timestamp() if is_drained and last else now
    cost = {part: milliseconds / max(1, count) for part, milliseconds in used.items()}
    return Loaded(accepted, len(sent.times) - accepted, count, end - sent.first, (p50, p95), cost)


def wait_until_drained(workload: Workload) -> None:
    """Until no run of it is open; raises TimeoutError after five minutes."""
    if not is_drained_within(workload, DRAIN_SECONDS):
        raise TimeoutError("The accepted runs were not closed.")


def is_drained_within(workload: Workload, seconds: float) -> bool:
    """Whether no run of it is open any more after so long at most."""
    deadline = time.monotonic() + seconds
    while not workload.is_drained:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def idle(deployment: Deployment, workload: Workload, *, trials: int) -> list[float]:
    """Seconds from sending to `ended_at`, one request at a time on a quiet machine, with pauses in between.

    Both stamps are of one clock: server and client stand on one host.
    """
    head, _end, body = workload.request.partition("\r\n\r\n")
    path = head.split(" ", 2)[1]
    line = http.client.HTTPConnection("127.0.0.1", deployment.port)
    sent = [_trial(line, path, body.encode(), workload) for _ in range(trials)]
    line.close()
    ended = workload.since(sent[0]).filter(ended_at__isnull=False).order_by("pk")
    moments = [moment for moment in ended.values_list("ended_at", flat=True) if moment]
    return [moment.timestamp() - start for start, moment in zip(sent, moments, strict=True)]


def _trial(line: http.client.HTTPConnection, path: str, body: bytes, workload: Workload) -> float:
    time.sleep(random.uniform(SHORTEST_PAUSE, LONGEST_PAUSE))
    begun = time.time()
    line.request("POST", path, body, {"Content-Type": "application/json"})
    answer = line.getresponse()
    answer.read()
    if answer.status != 202:
        raise RuntimeError(f"The webhook was answered with {answer.status}.")
    time.sleep(SHORTEST_PAUSE)
    wait_until_drained(workload)
    return begun
