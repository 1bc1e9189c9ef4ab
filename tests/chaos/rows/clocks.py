"""R35, R36 and R40: clocks that are set, clocks that are wrong, and laws that change them."""

import signal
import tempfile
import time
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from config.clock import stamp
from runs.intake.schedules import follow_zone_data
from runs.models import Run, Schedule
from tests.chaos.clocks import ROLES, Clocks, settable
from tests.chaos.matrix import Outcome, row
from tests.chaos.processes import strike
from tests.chaos.rig import Flow, Rig
from tests.chaos.rows.ticks import come_due, executed, schedule_runs, schedules, ticks_of
from tests.chaos.sink import Sink
from tests.chaos.stacks import LEASE
from tests.chaos.trials import all_are, in_time
from tests.runs.intake.test_zone_data import LAWS, SPRING, at
from tests.runs.intake.zones import zones_as
from workflows import services

HOUR, DAY = 3600.0, 86_400.0
STEPS = (HOUR, -HOUR, DAY, -DAY)
EVERY = timedelta(minutes=10)
RECOVERY = 20
WRONG = 300.0
BESIDE = ("worker", "ahead", "behind")


@row("R35", "Clock jumps: no storm, no silence", first=4, full=24, on_commit=False,
     fault="±1 h, ±1 d and back: on SQLite of the host, elsewhere of web, worker or scheduler")  # fmt: skip
def clock_jumps(rig: Rig, trials: int) -> Outcome:
    """The slow target is one of its own: the oracle compares the rig's sink, by true time, with intents' times."""
    outcome = Outcome(measured="from a jump until triggers, ticks and slow steps had ended")
    with settable(rig) as clocks, closing(Sink(rig.folder / "slow.jsonl")) as sink:
        rig.staff(2, threads=4, schedulers=2)
        for number in range(trials):
            roles = ROLES if rig.stack.is_embedded else (ROLES[number // len(STEPS) % len(ROLES)],)
            outcome.add(1, *jump(rig, clocks, sink, dict.fromkeys(roles, STEPS[number % len(STEPS)])))
    outcome.failures += rig.breaches()
    return outcome


def jump(rig: Rig, clocks: Clocks, sink: Sink, ahead: dict[str, float]) -> tuple[list[str], float]:
    """There and back, each time with a slow step under way that nobody may take for a dead worker's.

    The workflows stay Active: a verb of this process would stamp true time beside what was set.
    """
    slow = {"id": "ask", "kind": "http_request", "method": "POST", "url": sink.url("slow:2"), "json": {}}
    flow = rig.flow("Jump", slow, triggers=[HOOK])
    timed = rig.flow("Timed", NOTE, triggers=schedules(2, every="PT10M"))
    come_due(timed, stamp() + timedelta(seconds=0.5), EVERY)
    problems = in_time(lambda: ticks_of(timed).count() >= 2, 20, "the ticks before the jump were not seen to")
    took = 0.0
    for moved in (ahead, {}):
        begun = time.monotonic()
        problems += goes_on(rig, clocks, sink, flow, moved)
        took = max(took, time.monotonic() - begun)
    problems += no_storm(timed)
    if rig.stack.is_embedded and not rig.said(f"The clock was set by {next(iter(ahead.values())):+.0f} s"):
        problems.append("nobody warned of the jump")
    Schedule.objects.filter(trigger__workflow=timed.pk).update(next_at=None)
    return [f"{ahead}: {problem}" for problem in problems], took


HOOK = {"id": "hook", "kind": "webhook", "dedupe": "header:X-Delivery"}
NOTE = {"id": "note", "kind": "set", "values": {"n": 1}}


def goes_on(rig: Rig, clocks: Clocks, sink: Sink, flow: Flow, moved: dict[str, float]) -> list[str]:
    before = rig.trigger(flow, 2)
    in_time(lambda: Run.objects.filter(pk__in=before, status="running").count() == 2, 10, "")
    clocks.set(**moved)
    runs = before + rig.trigger(flow, 2)
    problems = rig.unrested(runs, RECOVERY) + all_are(rig, runs, "success")
    asked = sink.keys(set(runs))
    return problems + [
        f"{asked[f'{run}.ask']} requests of run {run}" for run in runs if asked[f"{run}.ask"] != 1
    ]


def no_storm(flow: Flow) -> list[str]:
    """No due instant has two rows, and beside the first tick of each a jump runs at most the newest it passed."""
    doubled = [key for key, n in Counter(ticks_of(flow).values_list("trigger", "due_at")).items() if n > 1]
    ran = Counter(executed(flow).values_list("trigger_id", flat=True))
    problems = [f"{len(doubled)} instants have two rows"] if doubled else []
    problems += [f"{name} ran {n} times" for name, n in ran.items() if n > 2]
    rows = schedule_runs(flow).count()
    return problems + (
        [] if rows == ticks_of(flow).count() else [f"{rows} rows, {ticks_of(flow).count()} ticks"]
    )


@row("R36", "Workers' clocks may be wrong", first=3, full=50, stacks="PQ",
     fault="workers 5 minutes ahead and behind beside one with the true time; one of them killed")  # fmt: skip
def wrong_clocks(rig: Rig, trials: int) -> Outcome:
    """Leases are the database's time. On SQLite there is no other: its host's is everybody's."""
    outcome = Outcome(measured="until all runs had ended")
    with settable(rig) as clocks, closing(Sink(rig.folder / "wrong.jsonl")) as sink:
        clocks.set(ahead=WRONG, behind=-WRONG)
        slow = {"id": "ask", "kind": "http_request", "method": "GET", "url": sink.url(f"slow:{2 * LEASE}")}
        flow = rig.flow("R36", {"id": "wait", "kind": "delay", "for": "PT1S"}, slow)
        for number in range(trials):
            outcome.add(1, *under_wrong_clocks(rig, sink, flow, BESIDE[number % len(BESIDE)]))
        for role in BESIDE:
            rig.processes.keep(role, 0, "worker", "--threads", "4")
    outcome.failures += rig.breaches()
    return outcome


def under_wrong_clocks(rig: Rig, sink: Sink, flow: Flow, killed: str) -> tuple[list[str], float]:
    """Steps that last longer than a lease; only what the killed one had begun is begun again."""
    rig.staff(0)
    for role in BESIDE:
        rig.processes.keep(role, 1, "worker", "--threads", "4")
    begun = time.monotonic()
    runs = rig.trigger(flow, 9)
    problems = in_time(lambda: len(sink.keys(set(runs))) == len(runs), 20, "not every step began")
    owned = _runs_of(rig.processes.alive(killed), runs)
    for process in rig.processes.alive(killed):
        strike(process, signal.SIGKILL)
    problems += rig.unrested(runs) + all_are(rig, runs, "success")
    asked = sink.keys(set(runs))
    doubled = [run for run in runs if asked[f"{run}.ask"] != 1 + (run in owned)]
    problems += [f"{asked[f'{run}.ask']} requests of run {run}" for run in doubled]
    return [f"{killed} killed: {problem}" for problem in problems], time.monotonic() - begun


def _runs_of(processes: list[int], runs: list[str]) -> set[str]:
    """Those of the runs that one of these processes owns now."""
    owners = Run.objects.filter(pk__in=runs).values_list("pk", "owner")
    return {str(run) for run, owner in owners if any(f":{process}:" in owner for process in processes)}


@row("R40", "New zone data moves future times, with notice", fault="two versions of the data, ten zones", first=1,
     full=len(LAWS))  # fmt: skip
def new_laws(rig: Rig, trials: int) -> Outcome:
    """In this process, which reads zone data anew; the daily duty of a scheduler is the same function."""
    outcome = Outcome(measured="moving one schedule")
    rig.staff(0, schedulers=0)
    for zone, model, before, after in LAWS[:trials]:
        begun = time.monotonic()
        outcome.add(1, under_new_law(rig, zone, model, before, after), time.monotonic() - begun)
    outcome.failures += rig.breaches()
    return outcome


def under_new_law(rig: Rig, zone: str, model: str, before: str, after: str) -> list[str]:
    rule: dict[str, Any] = {"cron": "30 6 * * *", "every": None, "timezone": zone}
    flow = rig.flow("Law", NOTE, triggers=schedules(1, **rule))
    row = Schedule.objects.filter(trigger__workflow=flow.pk)
    row.update(anchor=SPRING, next_at=at(before))
    with tempfile.TemporaryDirectory() as folder, zones_as(Path(folder), **{zone.replace("/", "__"): model}):
        moved = follow_zone_data(SPRING)
    found = (moved, row.get().next_at)
    # Nothing of that spring is due any more: stopping would record its ticks, which are older than ticks are kept.
    row.update(next_at=None)
    services.stop(flow.pk, reason="The trial is over")
    expected = (int(before != after), at(after))
    return [] if found == expected else [f"{zone} under the law of {model}: {found}, not {expected}"]
