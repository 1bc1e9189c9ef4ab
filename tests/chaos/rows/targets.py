"""R43 to R45, R49: hostile targets."""

import itertools
import socket
import statistics
from typing import Any

from django.conf import settings

from runs.models import Run, StepAttempt
from tests.chaos.matrix import Outcome, row
from tests.chaos.processes import memory
from tests.chaos.rig import Flow, Rig
from tests.chaos.steps import DEADLINE, asks
from tests.chaos.trials import all_are, batches, requests_are, shared_out
from workflows import services

MIB = 1024 * 1024
STARVED, ASKED_AT_MOST = 1.5, 3
SILENT = ("127.0.0.2", 0)
"""A host of its own, for the bulkheads count by host: it takes every connection and never answers."""


@row(
    "R43",
    "No target holds a worker past its deadline",
    fault="silence, a drip, no end, a lookup that hangs",
    first=4,
    full=200,
)
def deadlines_hold(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="the longest attempt, its deadline being 2 s")
    rig.staff(2, threads=4)
    rig.faults.arm("lookup sleep:30 always")
    unknown = {**asks(rig, "ok"), "url": "http://hangs.example.test/"}
    steps = [asks(rig, "silence"), asks(rig, "dripping"), asks(rig, "endless"), unknown]
    for step, count in shared_out(trials, steps):
        flow = rig.flow("R43", step)
        for portion in batches(count):
            runs = rig.trigger(flow, portion)
            problems = rig.unrested(runs)
            longest = _longest_attempt(runs)
            problems += [f"an attempt took {longest:.1f} s"] * (longest > DEADLINE + 1)
            outcome.add(portion, problems, longest)
    hangs = rig.faults.fired("lookup") or trials < len(steps)
    outcome.failures += [] if hangs else ["no lookup hung"]
    rig.faults.disarm()
    return outcome


def _longest_attempt(runs: list[str]) -> float:
    moments = StepAttempt.objects.filter(run__in=runs, step_id="ask").values_list("started_at", "ended_at")
    return max([(ended - started).total_seconds() for started, ended in moments if ended], default=0.0)


@row(
    "R44",
    "One bad host starves nobody",
    fault="500 runs to a host that never answers",
    first=1,
    full=20,
)
def bad_host(rig: Rig, trials: int) -> Outcome:
    """What is measured begins right behind the 500, so that their rings stand before those of the others. A machine that was
    disturbed meanwhile is asked again: starved are those who wait longer every time."""
    outcome = Outcome(measured="the others' median wait over that without the bad host")
    good = rig.flow("R44 good", asks(rig, "ok"))
    rig.staff(1, threads=8)
    _median_wait(rig, good)  # what a first request loads is nobody's wait
    with socket.create_server(SILENT) as silent:
        step = {**asks(rig, ""), "url": "http://{}:{}/".format(*silent.getsockname())}
        for _trial in range(trials):
            ratio, problems = 0.0, list[str]()
            for _time in range(ASKED_AT_MOST):
                ratio, found = _beside(rig, good, step)
                problems += found
                if ratio <= STARVED:
                    break
            problems += [f"others waited {ratio:.1f} times as long"] * (ratio > STARVED)
            outcome.add(1, problems, ratio)
    return outcome


def _beside(rig: Rig, good: Flow, bad_step: dict[str, Any]) -> tuple[float, list[str]]:
    """How many times as long the good ones wait beside the bad host; with it what was wrong with its runs."""
    bad, alone = rig.flow("R44 bad", bad_step), _median_wait(rig, good)
    stuck = rig.trigger(bad, 500)
    ratio = _median_wait(rig, good) / alone
    services.stop(bad.pk, reason="The trial is over")
    return ratio, rig.unrested(stuck)


def _median_wait(rig: Rig, flow: Flow) -> float:
    """In five groups of twenty, each at once."""
    waits: list[float] = []
    for _group in range(5):
        runs = rig.trigger(flow, 20)
        rig.rest(runs, 120)
        found = Run.objects.filter(pk__in=runs).values_list("received_at", "ended_at")
        waits += [(ended - received).total_seconds() for received, ended in found if ended]
    return statistics.median(waits)


@row(
    "R45",
    "Retries: jitter, cap, Retry-After",
    fault="20 runs to a host that answers 429 or 503 with Retry-After",
    first=1,
    full=20,
)
def storms(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="the longest pause between two tries")
    rig.staff(2, threads=4)
    retry = {"tries": 3, "backoff": "PT1S", "max_backoff": "PT2S"}
    for trial in range(trials):
        flow = rig.flow("R45", asks(rig, ("429:2", "503:2")[trial % 2], retry=retry))
        runs = rig.trigger(flow, 20)
        problems = rig.unrested(runs) + all_are(rig, runs, "failed") + requests_are(rig, runs, "ask", 3)
        pauses = _pauses(rig, runs)
        problems += [f"a try came {pause:.2f} s after the one before" for pause in pauses if pause < 2]
        outcome.add(1, problems, max(pauses))
    outcome.failures += rig.breaches()
    return outcome


def _pauses(rig: Rig, runs: list[str]) -> list[float]:
    """Between the requests of each run; the sink writes them down as they arrive, so none seems longer than it was."""
    found: dict[str, list[float]] = {}
    for request in rig.sink.requests(set(runs)):
        found.setdefault(request["key"], []).append(request["at"])
    return [late - early for at in found.values() for early, late in itertools.pairwise(at)]


@row("R49", "Large answers do not fill memory", fault="a body of 2 GiB", first=1, full=50)
def large_answers(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="")
    flow = rig.flow("R49", {**asks(rig, "endless:2e9"), "timeout": "PT30S"})
    rig.staff(1, threads=2)
    rig.rest(rig.trigger(flow, 1))  # what a first request loads is no growth
    for _trial in range(trials):
        before = sum(map(memory, rig.processes.alive("worker")))
        runs = rig.trigger(flow, 1)
        problems = rig.unrested(runs)
        growth = sum(map(memory, rig.processes.alive("worker"))) - before
        problems += [f"the worker grew by {growth // MIB} MiB"] * (growth > 30 * MIB)
        output = StepAttempt.objects.get(run=runs[0], step_id="ask").output
        problems += [f"the output of {len(output)} characters is not marked as cut"] * (
            "cut by signalbox" not in output
        )
        problems += ["the output is too long"] * (len(output) > settings.STEP_OUTPUT_LIMIT)
        outcome.add(1, problems)
    return outcome
