"""R03 to R05, R07 to R09: workers that die between any two lines."""

import signal
import time
from functools import partial
from typing import Any

from runs.engine import doorbell
from runs.models import CLOSED, Run
from tests.chaos.matrix import Outcome, row
from tests.chaos.processes import eventually, strike
from tests.chaos.rig import Flow, Rig
from tests.chaos.stacks import LEASE
from tests.chaos.trials import AT_ONCE, all_are, die_at, in_time, requests_are, shared_out
from workflows.models import Connection, Scope

RUN_POINTS = ("K5", "K6", "K7", "K8", "K9", "K10", "K11", "K12", "K13", "K14")


def asks(rig: Rig, path: str = "ok", **fields: Any) -> dict[str, Any]:
    return {"id": "ask", "kind": "http_request", "url": rig.sink.url(path), **fields}


def posts(rig: Rig) -> dict[str, Any]:
    return asks(rig, method="POST", json={"n": "{{ trigger.body.n }}"})


def everything(rig: Rig) -> Flow:
    """Every kill point of a run lies on its way."""
    retry = {"tries": 3, "backoff": "PT1S", "max_backoff": "PT1S"}
    return rig.flow(
        "R03",
        {"id": "first", "kind": "set", "values": {"n": "{{ trigger.body.n }}"}},
        asks(rig, "flaky", retry=retry),
        {"id": "rest", "kind": "delay", "for": "PT1S"},
        {"id": "last", "kind": "set", "values": {"n": "{{ steps.first.n }}"}},
    )


@row("R03", "Death anywhere leaves nothing stuck or in the way",
     fault="worker killed at K5 to K14, in the first second of boot; all processes killed", first=24, full=1200)  # fmt: skip
def death_anywhere(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="recovery")
    flow = everything(rig)
    rig.staff(AT_ONCE)
    ways = [*RUN_POINTS, "boot", "all"]
    for way, count in shared_out(trials, ways):
        if way in RUN_POINTS:
            die_at(rig, flow, way, count, lambda runs: all_are(rig, runs, "success"), outcome)
        else:
            for _trial in range(count):
                (_die_at_boot if way == "boot" else _die_together)(rig, flow, outcome)
    outcome.failures += rig.breaches()
    return outcome


def _die_at_boot(rig: Rig, flow: Flow, outcome: Outcome) -> None:
    """Every worker dies, and the first that are started instead within their first second."""
    _strike(rig.processes.alive("worker"), signal.SIGKILL)
    runs = rig.trigger(flow, AT_ONCE)
    time.sleep(rig.random.uniform(0, 1))
    _strike(rig.processes.alive("worker"), signal.SIGKILL)
    _recover(rig, runs, outcome)


def _strike(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        strike(process, number)


def _die_together(rig: Rig, flow: Flow, outcome: Outcome) -> None:
    runs = rig.trigger(flow, AT_ONCE)
    time.sleep(rig.random.uniform(0, 2))
    rig.processes.kill_all()
    _recover(rig, runs, outcome)


def _recover(rig: Rig, runs: list[str], outcome: Outcome) -> None:
    begun = time.monotonic()
    problems = rig.unrested(runs) + all_are(rig, runs, "success")
    outcome.add(1, problems, time.monotonic() - begun)
    eventually(rig.processes.answers, 60)


@row(
    "R04",
    "Closed runs never change",
    fault="everything restarted, swept and rung for 5 times",
    first=50,
    full=500,
)
def closed_runs_stay(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="five restarts")
    flow = rig.flow("R04", asks(rig))
    rig.staff(AT_ONCE)
    runs = rig.trigger(flow, trials)
    problems = rig.unrested(runs)
    before = _rows(runs)
    begun = time.monotonic()
    for _time in range(5):
        rig.processes.kill_all()
        for run in runs:
            doorbell.ring(run)
        problems += in_time(lambda: len(rig.processes.alive("worker")) == AT_ONCE, 30, "no workers came back")
        time.sleep(LEASE + 1)
    seconds = time.monotonic() - begun
    after = _rows(runs)
    problems += [f"run {run} changed" for run in runs if before.get(run) != after.get(run)]
    problems += [f"run {run} is not closed" for run in runs if before[run]["status"] not in CLOSED]
    outcome.add(len(runs), problems + requests_are(rig, runs, "ask", 1), seconds)
    return outcome


def _rows(runs: list[str]) -> dict[str, dict[str, Any]]:
    return {str(found["id"]): found for found in Run.objects.filter(pk__in=runs).values()}


@row(
    "R05", "A recorded step is not executed again", fault="worker killed at K10, K11, K14", first=15, full=600
)
def recorded_steps_stay(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="recovery")
    flow = rig.flow("R05", posts(rig))
    rig.staff(AT_ONCE)
    for point, count in shared_out(trials, ("K10", "K11", "K14")):
        die_at(rig, flow, point, count, lambda runs: _done_once(rig, runs), outcome)
    outcome.failures += rig.breaches()
    return outcome


def _done_once(rig: Rig, runs: list[str]) -> list[str]:
    return all_are(rig, runs, "success") + requests_are(rig, runs, "ask", 1)


@row("R07", "Repeat: death before the effect still gives it", fault="worker killed at K7", first=5, full=200)
def effect_comes(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="recovery")
    flow = rig.flow("R07", asks(rig, method="PUT", json={}))
    rig.staff(AT_ONCE)
    die_at(rig, flow, "K7", trials, lambda runs: _done_once(rig, runs), outcome)
    outcome.failures += rig.breaches()
    return outcome


@row("R08", "Death after it, keyed target: one effect", fault="worker killed at K8, K9", first=10, full=400)
def one_effect_per_key(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="recovery")
    flow = rig.flow("R08", asks(rig, method="PUT", json={}))
    rig.staff(AT_ONCE)

    def judge(runs: list[str]) -> list[str]:
        # A keyed target acts once, however often it is asked. A run may die twice, as the third among others.
        keys = {key for key in rig.sink.keys(set(runs)) if key != f"{key.split('.')[0]}.ask"}
        problems = [f"{key} is another key" for key in keys]
        return problems + all_are(rig, runs, "success") + requests_are(rig, runs, "ask", 1, 2, 3)

    for point, count in shared_out(trials, ("K8", "K9")):
        die_at(rig, flow, point, count, judge, outcome)
    outcome.failures += rig.breaches()
    return outcome


@row(
    "R09",
    "Ask: never repeated unasked",
    fault="worker killed at K7 to K9 in POST, e-mail and notify",
    first=15,
    full=600,
)
def asked_first(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="until Needs decision")
    _chat(rig)
    flows = [
        rig.flow("R09 POST", posts(rig)),
        rig.flow("R09 mail", {"id": "ask", "kind": "send_email", "to": "a@example.test", "subject": "S",
                              "text": "run {{ run.id }}"}),
        rig.flow("R09 notify", {"id": "ask", "kind": "notify", "connection": "chaos_chat", "text": "n"}),
    ]  # fmt: skip
    rig.staff(AT_ONCE)
    cases = [(flow, point) for point in ("K7", "K8", "K9") for flow in flows]
    for (flow, point), count in shared_out(trials, cases):
        sends = 0 if point == "K7" else 1
        die_at(rig, flow, point, count, partial(_undecided, rig, flow, sends), outcome)
    outcome.failures += rig.breaches()
    return outcome


def _chat(rig: Rig) -> None:
    workspace = Scope.objects.get(ref="workspace")
    made = {"base_url": rig.sink.url("chat")}
    Connection.objects.get_or_create(name="chaos_chat", scope=workspace, defaults=made)


def _undecided(rig: Rig, flow: Flow, sends: int, runs: list[str]) -> list[str]:
    """Each needs a decision; what was sent before the death was sent so often, by request or by mail."""
    problems = all_are(rig, runs, "needs_decision")
    if "mail" not in flow.name:
        return problems + requests_are(rig, runs, "ask", sends)
    mails = "".join(path.read_text() for path in (rig.folder / "mail").glob("*.log"))
    counts = {run: mails.count(f"run {run}") for run in runs}
    return problems + [f"{count} mails of run {run}" for run, count in counts.items() if count != sends]
