"""How much a target that never answers slows the workflows that do not talk to it."""

import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.client import Order
from bench.deployment import Deployment
from bench.running import Loaded, idle, observed, percentiles
from bench.sending import send
from bench.session import warm_up
from bench.stacks import Stack
from bench.workload import Workload
from runs.models import RunStatus

REQUESTS = 200
CONNECTIONS = 16
TRIALS = 40
PATIENCE = 30
TIMEOUT = "PT2M"


@dataclass(frozen=True)
class Slowed:
    """The other workflow without and with the silent target: under load, and one at a time (p50 in ms).

    Where the second load was not executed to its end, single requests are not tried: their p50 is infinite.
    """

    loads: tuple[Loaded, Loaded]
    idle: tuple[float, float]
    hanging: int


def slowed(stack: Stack, workload: Workload, *, seconds: float) -> Slowed:
    """Measure twice in one start; the second time many runs hang in a request, more than a worker has threads."""
    with silence() as port, Deployment(stack) as deployment:
        hanging = Workload("Hanging", steps_to(port))
        warm_up(deployment, workload)
        before = measured(deployment, workload, seconds)
        send(Order(deployment.port, hanging.request, count=REQUESTS))
        time.sleep(2)
        after = measured(deployment, workload, seconds)
        stuck = hanging.runs.filter(status=RunStatus.RUNNING).count()
    if not stuck:
        raise RuntimeError("No run hung; the silent target was not reached.")
    return Slowed((before[0], after[0]), (before[1], after[1]), stuck)


def measured(deployment: Deployment, workload: Workload, seconds: float) -> tuple[Loaded, float]:
    """Under load, and the median of single requests in milliseconds."""
    under_load = observed(deployment, workload, connections=CONNECTIONS, seconds=seconds, patience=PATIENCE)
    if under_load.closed < under_load.accepted:
        return under_load, math.inf
    return under_load, percentiles(idle(deployment, workload, trials=TRIALS))[0]


def steps_to(port: int) -> list[dict[str, Any]]:
    """One request that waits for its answer."""
    return [
        {
            "id": "ask",
            "kind": "http_request",
            "method": "GET",
            "url": f"http://127.0.0.1:{port}/",
            "timeout": TIMEOUT,
        }
    ]


@contextmanager
def silence() -> Iterator[int]:
    """A port that takes every connection and says nothing."""
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=REQUESTS) as listener:

        def take() -> None:
            while True:
                try:
                    kept.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for each in kept:
                each.close()
