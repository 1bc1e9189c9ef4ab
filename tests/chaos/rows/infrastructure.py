"""R10 to R13, R16: brokers, databases and hosts that fail."""

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import F, Max

from config.broker import broker, waiting
from runs.engine.doorbell import QUEUE
from runs.models import Run
from tests.chaos.matrix import Outcome, row
from tests.chaos.processes import eventually, strike
from tests.chaos.proxy import some_bytes
from tests.chaos.rig import Flow, Rig
from tests.chaos.senders import Stream
from tests.chaos.steps import KEEP
from tests.chaos.trials import all_are, requests_are
from workflows.models import Status, Workflow

WIPED_FOR = 3.0
DOWN_FOR = 10.0
LOCKED_FOR, LOCKED_ON_COMMIT = 25.0, 4.0
STOPS_WITHIN = 15.0


def _sent(rig: Rig, flow: Flow, senders: int, breath: float) -> Stream:
    return Stream(lambda: rig.post.insist(flow.path, rig.post.name()), senders=senders, breath=breath)


def _all_done(rig: Rig, stream: Stream) -> list[str]:
    runs = [answer.run for answer in stream.accepted]
    return rig.unrested(runs, 120) + all_are(rig, runs, "success")


@row("R10", "Broker loss loses no run", fault="queues wiped five times a second at 50 triggers a second", first=2, full=50,
     stacks="PQ")  # fmt: skip
def wiped_queues(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="the longest wait of a run for its start")
    flow = rig.flow("R10", {"id": "ask", "kind": "http_request", "url": rig.sink.url("slow:0.1")})
    # A second thread would take what the bulkhead turns away, and no message would be left to be wiped.
    rig.staff(2, threads=1)
    for _trial in range(trials):
        wiped = 0
        with _sent(rig, flow, senders=4, breath=0.08) as stream:
            until = time.monotonic() + WIPED_FOR
            while time.monotonic() < until:
                wiped += waiting(QUEUE)
                broker.flush(QUEUE)
                time.sleep(0.2)
        problems = [] if wiped else ["no message was there to be wiped"]
        outcome.add(1, problems + _all_done(rig, stream), _longest_wait(flow))
    outcome.failures += rig.breaches()
    return outcome


def _longest_wait(flow: Flow) -> float:
    waits = Run.objects.filter(workflow=flow.pk, started_at__isnull=False).aggregate(
        longest=Max(F("started_at") - F("received_at"))
    )
    return float(waits["longest"].total_seconds())


@row("R11", "Broker down: triggers accepted", fault=f"connections to the broker refused for {DOWN_FOR:.0f} s", first=1, full=20,
     stacks="PQ", is_proxied=True)  # fmt: skip
def refused_broker(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="the slowest answer")
    assert rig.broker is not None
    flow = rig.flow("R11", KEEP)
    rig.staff(2, threads=4)
    for _trial in range(trials):
        with Stream(lambda: rig.send(flow), senders=4, breath=0.1) as stream:
            faults = rig.broker.faults
            rig.broker.refuse()
            time.sleep(DOWN_FOR)
            rig.broker.heal()
        problems = [] if rig.broker.faults > faults else ["no connection was refused"]
        problems += [
            f"a trigger was answered {answer.status}" for answer in stream.answers if not answer.is_accepted
        ]
        outcome.add(1, problems + _all_done(rig, stream), max(answer.seconds for answer in stream.answers))
    outcome.failures += rig.breaches()
    return outcome


@row("R12", "Database restart: 503, then recovery alone",
     fault=f"PostgreSQL restarted at once; SQLite locked {LOCKED_FOR:.0f} s (on commit {LOCKED_ON_COMMIT:.0f} s)",
     first=2, full=50)  # fmt: skip
def restarted_database(rig: Rig, trials: int) -> Outcome:
    if not rig.stack.is_embedded and rig.place.server is None:
        return Outcome(measured="not run: no PostgreSQL server of the rig's own")
    outcome = Outcome(measured="until a trigger was accepted again")
    flow = rig.flow("R12", KEEP)
    rig.staff(2, threads=4)
    for _trial in range(trials):
        _restart_once(rig, flow, LOCKED_FOR if trials > 2 else LOCKED_ON_COMMIT, outcome)
    outcome.failures += rig.breaches()
    return outcome


def _restart_once(rig: Rig, flow: Flow, locked: float, outcome: Outcome) -> None:
    with _sent(rig, flow, senders=4, breath=0.1) as stream:
        eventually(lambda: stream.accepted, 30)
        _restart(rig, locked)
        since = time.time()
        eventually(lambda: any(answer.sent_at > since for answer in stream.accepted[-50:]), 60)
        seconds = time.time() - since
    outcome.add(1, _all_done(rig, stream), seconds)


def _restart(rig: Rig, locked: float) -> None:
    if rig.place.server is not None:
        rig.place.server.restart()
        connection.close()
        return
    holder = sqlite3.connect(rig.folder / "data" / "signalbox.sqlite3", timeout=60, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    time.sleep(locked)
    holder.rollback()
    holder.close()


@row("R13", "A cut transaction leaves nothing half done",
     fault="verbs whose connection is reset after n bytes; on SQLite the process killed, or its database failing, at K16",
     first=20, full=500, is_proxied=True)  # fmt: skip
def cut_transactions(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="")
    flow = rig.flow("R13", KEEP)
    rig.staff(0, schedulers=0)
    cut = 0
    for trial in range(trials):
        before = _status(flow)
        verb, target = ("pause", Status.PAUSED) if before == Status.ACTIVE else ("resume", Status.ACTIVE)
        with _cutting(rig):
            reason = ("--reason", "chaos") if verb == "pause" else ()
            code = rig.processes.once(f"verb-{trial}", "workflows", verb, str(flow.pk), *reason)
        after = _status(flow)
        cut += code != 0
        problems = [f"{verb} ended with 0 and the workflow is {after}"] * (code == 0 and after != target)
        problems += [f"{verb} left the workflow {after}"] * (after not in (before, target))
        outcome.add(1, problems)
    outcome.failures += ["no verb was cut"] * (cut == 0) + rig.breaches()
    outcome.measured = f"{cut} verbs did not end with 0"
    return outcome


def _status(flow: Flow) -> str:
    return Workflow.objects.values_list("status", flat=True).get(pk=flow.pk)


@contextmanager
def _cutting(rig: Rig) -> Iterator[None]:
    if rig.database is not None:
        rig.database.reset_after(some_bytes(rig.random, 1 << 13))
        yield
        rig.database.heal()
        return
    rig.faults.arm(f"K16 {rig.random.choice(('kill', 'cut'))} chance:0.7")
    yield
    rig.faults.disarm()


@row("R16", "SIGTERM loses nothing, doubles no step within its 15 s", fault="every process restarted in turn at 50 triggers a second",
     first=2, full=50)  # fmt: skip
def rolling_restart(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="the slowest end of a process")
    step = {"id": "ask", "kind": "http_request", "method": "PUT", "url": rig.sink.url("slow:0.2"), "json": {}}
    flow = rig.flow("R16", step)
    rig.staff(2, threads=8, schedulers=2)
    for _trial in range(trials):
        with _sent(rig, flow, senders=4, breath=0.08) as stream:
            eventually(lambda: len(stream.accepted) > 10, 30)
            for process in rig.processes.alive("worker", "scheduler", "web-main"):
                _end_politely(rig, process, outcome)
        runs = [answer.run for answer in stream.accepted]
        outcome.add(1, _all_done(rig, stream) + requests_are(rig, runs, "ask", 1))
    outcome.failures += rig.breaches()
    return outcome


def _end_politely(rig: Rig, process: int, outcome: Outcome) -> None:
    begun = time.monotonic()
    strike(process, signal.SIGTERM)
    eventually(lambda: any(end.process == process for end in rig.processes.ended), 60)
    ended = next(end for end in rig.processes.ended if end.process == process)
    seconds = time.monotonic() - begun
    problems = [f"the {ended.role} ended with {ended.code}"] * (ended.code != 0)
    problems += [f"the {ended.role} took {seconds:.1f} s to end"] * (seconds > STOPS_WITHIN)
    outcome.add(0, problems, seconds)
    time.sleep(0.5)
