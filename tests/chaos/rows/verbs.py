"""R19 to R21: verbs on runs in flight, on what is broken, and killed in the middle."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from audit.models import AuditEvent
from runs.models import Run, RunStatus
from runs.services import ending
from tests.chaos.matrix import Outcome, row
from tests.chaos.processes import NotInTime, eventually
from tests.chaos.rig import Flow, Rig
from tests.chaos.steps import KEEP
from tests.chaos.trials import all_are, in_time, requests_are, shared_out
from workflows import services
from workflows.models import Connection, Scope, Status, Workflow

RUNNING, WAITING = 50, 20


def asks(rig: Rig, name: str = "ask", path: str = "ok", **fields: Any) -> dict[str, Any]:
    return {"id": name, "kind": "http_request", "url": rig.sink.url(path), **fields}


@row("R19", "In-flight runs finish, hold, cancel as chosen", fault=f"pause with {RUNNING} running, {WAITING} waiting",
     first=6, full=150)  # fmt: skip
def in_flight_choices(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="the pause's confirmation")
    # On SQLite a ring goes to one worker, also to a busy one: with one worker all runs are at work at once. One workflow, and
    # one host, gets half of a worker's threads.
    rig.staff(1 if rig.stack.is_embedded else 2, threads=2 * RUNNING + 20)
    for choice, count in shared_out(trials, ("finish", "hold", "cancel")):
        for _trial in range(count):
            _pause_in_flight(rig, choice, outcome)
    outcome.failures += rig.breaches()
    return outcome


def _pause_in_flight(rig: Rig, choice: str, outcome: Outcome) -> None:
    waits = {"all": [{"left": "{{ trigger.body.kind }}", "op": "is", "right": "waits"}]}
    rest = [{"id": "rest", "kind": "delay", "for": "PT3S"}]
    way = {"id": "way", "kind": "decision", "branches": [{"name": "waits", "if": waits, "steps": rest}],
           "otherwise": [asks(rig, "first", "gate")]}  # fmt: skip
    flow = rig.flow("R19", way, asks(rig, "second"))
    rig.sink.gate.clear()
    waiting = rig.trigger(flow, WAITING, body={"kind": "waits"})
    eventually(lambda: _count(waiting, RunStatus.WAITING) == WAITING, 30)
    running = rig.trigger(flow, RUNNING, body={"kind": "runs"})
    # A run that was only claimed sends nothing any more.
    problems = in_time(lambda: _asked(rig, running) == RUNNING, 30, f"never {RUNNING} runs at once")
    begun = time.monotonic()
    services.pause(flow.pk, reason="chaos", in_flight=choice)
    seconds = time.monotonic() - begun
    rig.sink.gate.set()
    runs = waiting + running
    problems += rig.unrested(runs, 60)
    expected = {"finish": "success", "hold": "held", "cancel": "cancelled"}[choice]
    problems += [f"{choice}: {problem}" for problem in all_are(rig, runs, expected)]
    problems += requests_are(rig, runs, "second", 1 if choice == "finish" else 0)
    problems += _asked_once_a_claim(rig, running)
    outcome.add(1, problems + _drained_once(flow), seconds)


def _asked(rig: Rig, runs: list[str]) -> int:
    return sum(rig.sink.asked[f"{run}.first"] > 0 for run in runs)


def _asked_once_a_claim(rig: Rig, runs: list[str]) -> list[str]:
    """With 120 threads a worker on a busy machine may lose a lease of two seconds: then the step, which may be repeated, is."""
    asked, deaths = rig.sink.asked, Run.objects.filter(pk__in=runs).values_list("pk", "deaths")
    return [
        f"{asked[f'{run}.first']} requests of run {run}, which lost {lost} workers"
        for run, lost in deaths
        if not 1 <= asked[f"{run}.first"] <= 1 + lost
    ]


def _count(runs: list[str], status: str) -> int:
    return Run.objects.filter(pk__in=runs, status=status).count()


def _drained_once(flow: Flow) -> list[str]:
    """The last run's end, or the sweeper, records it a moment later."""
    drained = AuditEvent.objects.filter(
        subject_kind="workflow", subject_id=str(flow.pk), event="Workflow drained"
    )
    try:
        eventually(lambda: drained.exists(), 10)
    except NotInTime:
        return ["no drained event"]
    return [f"{drained.count()} drained events"] * (drained.count() != 1)


@row("R20", "Pause, Stop, Kill work on the broken",
     fault="a definition that cannot be read, a lost connection, runs that kill workers, no worker", first=12, full=300)  # fmt: skip
def verbs_on_the_broken(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="the slowest verb")
    cases = [(breakage, verb) for breakage in BREAKAGES for verb in VERBS]
    for (breakage, verb), count in shared_out(trials, cases):
        for _trial in range(count):
            with BREAKAGES[breakage](rig) as (flow, run):
                begun = time.monotonic()
                problems = [f"{breakage}, {verb}: {problem}" for problem in VERBS[verb](flow, run)]
                outcome.add(1, problems, time.monotonic() - begun)
                rig.faults.disarm()
                services.stop(flow.pk, reason="chaos")
    return outcome


Broken = Iterator[tuple[Flow, str]]


def _open_run(rig: Rig, flow: Flow) -> tuple[Flow, str]:
    return flow, rig.trigger(flow, 1)[0]


@contextmanager
def _unreadable(rig: Rig) -> Broken:
    rig.staff(2)
    flow = rig.flow("R20 unreadable", {"id": "rest", "kind": "delay", "for": "PT1H"})
    found = _open_run(rig, flow)
    # Read once more before its first wait, it would end its workflow by itself.
    eventually(lambda: rig.statuses([found[1]])[found[1]] == "waiting", 20)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workflows_version SET definition = %s WHERE workflow_id = %s", ['{"steps": 7', flow.pk]
        )
    yield found


@contextmanager
def _disconnected(rig: Rig) -> Broken:
    rig.staff(2)
    made = {"base_url": rig.sink.url("slow:2")}
    Connection.objects.get_or_create(
        name="chaos_lost", scope=Scope.objects.get(ref="workspace"), defaults=made
    )
    step = {"id": "ask", "kind": "http_request", "connection": "chaos_lost", "path": "/slow:1"}
    found = _open_run(rig, rig.flow("R20 disconnected", {"id": "rest", "kind": "delay", "for": "PT1H"}, step))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM workflows_connection WHERE name = %s", ["chaos_lost"])
    yield found


@contextmanager
def _killing(rig: Rig) -> Broken:
    rig.staff(2)
    flow = rig.flow("R20 killing", asks(rig))
    rig.faults.arm("K7 kill always")
    found = _open_run(rig, flow)
    rig.faults.await_fired("K7", 1)
    yield found


@contextmanager
def _workerless(rig: Rig) -> Broken:
    rig.staff(0)
    yield _open_run(rig, rig.flow("R20 workerless", KEEP))


BREAKAGES: dict[str, Any] = {
    "unreadable": _unreadable,
    "disconnected": _disconnected,
    "killing": _killing,
    "workerless": _workerless,
}


def _pause(flow: Flow, run: str) -> list[str]:
    return _became(services.pause(flow.pk, reason="chaos").changed, flow, Status.PAUSED)


def _stop(flow: Flow, run: str) -> list[str]:
    return _became(services.stop(flow.pk, reason="chaos").changed, flow, Status.NOT_RUNNING)


def _kill(flow: Flow, run: str) -> list[str]:
    ended = ending.kill(run)
    return [f"the run is {ended.run.status} after Kill"] * ended.run.is_open


def _became(changed: bool, flow: Flow, status: str) -> list[str]:
    found = Workflow.objects.values_list("status", flat=True).get(pk=flow.pk)
    return [] if changed and found == status else [f"the workflow is {found}, changed: {changed}"]


VERBS: dict[str, Callable[[Flow, str], list[str]]] = {"pause": _pause, "stop": _stop, "kill": _kill}


@row("R21", "Killed in a verb: done and audited, or neither", fault="the process killed at K16 in pause, resume, publish, stop, run",
     first=10, full=200)  # fmt: skip
def killed_in_a_verb(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome()
    rig.staff(1)
    flow = rig.flow("R21", KEEP)
    for trial in range(trials):
        verb, *more = _next_verb(flow, rig)
        rig.faults.arm("K16 kill once")
        before = _facts(flow)
        code = rig.processes.once(f"r21-{trial}", "workflows", verb, str(flow.pk), *more)
        problems = [f"{verb} ended with {code} instead of being killed"] * (code != -9)
        problems += [] if rig.faults.fired("K16") else ["K16 did not fire"]
        problems += [f"{verb} was done in part"] * (before != _facts(flow))
        rig.faults.disarm()
        code = rig.processes.once(f"r21-{trial}-again", "workflows", verb, str(flow.pk), *more)
        problems += [f"{verb} ended with {code} the second time"] * (code != 0)
        outcome.add(1, problems)
    outcome.failures += rig.breaches()
    return outcome


def _next_verb(flow: Flow, rig: Rig) -> list[str]:
    """A verb that is possible now, so that each has its turn."""
    workflow = Workflow.objects.get(pk=flow.pk)
    if workflow.status == Status.NOT_RUNNING:
        return ["run", "--accept-warnings"]
    if workflow.status == Status.PAUSED:
        return rig.random.choice([["resume"], ["stop", "--reason", "chaos"]])
    if workflow.draft_id is None and rig.random.random() < 0.3:
        services.save_draft(flow.pk, _renumbered(workflow, rig.random.random()))
        return ["publish", "--accept-warnings"]
    return rig.random.choice([["pause", "--reason", "chaos"], ["stop", "--reason", "chaos"]])


def _renumbered(workflow: Workflow, number: float) -> str:
    """The published definition with another value in its step, so that there is something to publish."""
    assert workflow.published is not None
    document = json.loads(workflow.published.definition)
    document["steps"][0]["values"]["n"] = number
    return json.dumps(document)


def _facts(flow: Flow) -> tuple[Any, ...]:
    workflow = Workflow.objects.get(pk=flow.pk)
    return (
        workflow.status,
        workflow.revision,
        workflow.published_id,
        workflow.draft_id,
        AuditEvent.objects.count(),
    )
