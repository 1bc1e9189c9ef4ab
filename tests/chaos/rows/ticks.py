"""R33, R37: every due instant is one occurrence, whatever becomes of schedulers and clocks."""

import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from config.clock import stamp
from runs.models import Run, Schedule, Tick
from tests.chaos.matrix import Outcome, row
from tests.chaos.rig import Flow, Rig
from tests.chaos.rows.gates import STEPS
from tests.chaos.trials import in_time
from workflows import services

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SHARING = 5
OUTAGE = 3 * DAY
CATCH_UPS = {"PT0S": 0, "PT10M": 0, "P7D": 1}
"""And how many runs each allows after three days: the newest is 20 minutes old."""


def schedules(count: int, **rule: Any) -> list[dict[str, Any]]:
    given = {"every": "PT1M", "overlap": "allow", **rule}
    return [{"id": f"tick{number}", "kind": "schedule", **given} for number in range(count)]


def come_due(flow: Flow, at: datetime, every: timedelta = MINUTE) -> None:
    """Its schedules are due at this moment, and so often after it, as if they had been started accordingly."""
    Schedule.objects.filter(trigger__workflow=flow.pk).update(anchor=at - every, next_at=at)


def ticks_of(flow: Flow) -> Any:
    return Tick.objects.filter(trigger__workflow=flow.pk)


def schedule_runs(flow: Flow) -> Any:
    return Run.objects.filter(workflow=flow.pk, trigger_kind="schedule")


def executed(flow: Flow) -> Any:
    return schedule_runs(flow).exclude(status="skipped")


def unmatched(flow: Flow, expected: Counter[Any]) -> list[str]:
    """Each expected instant has its tick and its run, once, and there is nothing else."""
    ticks = Counter(ticks_of(flow).values_list("trigger__trigger_id", "due_at"))
    runs = Counter(schedule_runs(flow).values_list("trigger_id", "received_at"))
    problems = [f"ticks: {sorted((expected - ticks) + (ticks - expected))[:3]}"] if ticks != expected else []
    return problems + (
        [f"runs: {sorted((expected - runs) + (runs - expected))[:3]}"] if runs != expected else []
    )


@row(
    "R33",
    "Each due instant leaves one row",
    fault="1 to 4 schedulers, killed at K17 or K18",
    first=10,
    full=400,
)
def one_row_each(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="from the due instant to the last row")
    for number in range(trials):
        staff(rig, 1 + number // 2 % 4)
        outcome.add(1, *fired_once(rig, ("K17", "K18")[number % 2]))
    outcome.failures += rig.breaches()
    return outcome


def staff(rig: Rig, schedulers: int) -> None:
    """On SQLite a worker schedules too."""
    rig.staff(schedulers if rig.stack.is_embedded else 1, schedulers=schedulers)


def fired_once(rig: Rig, point: str) -> tuple[list[str], float]:
    flow = rig.flow("Ticks", *STEPS, triggers=schedules(SHARING))
    rig.faults.arm(f"{point} kill nth:{1 + rig.random.randrange(SHARING)}")
    at = stamp() + timedelta(milliseconds=300)
    come_due(flow, at)
    problems = in_time(lambda: ticks_of(flow).count() >= SHARING, 30, "not every due instant was seen to")
    took = (stamp() - at).total_seconds()
    problems += [] if rig.faults.fired(point) else [f"{point} did not fire"]
    rig.faults.disarm()
    problems += in_time(lambda: not schedule_runs(flow).open().exists(), 30, "a run did not end")
    problems += unmatched(flow, Counter((f"tick{number}", at) for number in range(SHARING)))
    services.stop(flow.pk, reason="The trial is over")
    return problems, took


@row("R37", "Outage: `catch_up` as in rule 10", first=5, full=50,
     fault="no scheduler for three days; catch_up none, shorter than the newest tick is old, longer")  # fmt: skip
def outage(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="until three days of ticks were recorded")
    for number in range(trials):
        rig.staff(0, schedulers=0)
        catch_up = list(CATCH_UPS)[number % len(CATCH_UPS)]
        every = rig.random.choice((HOUR, 30 * MINUTE, 40 * MINUTE, 10 * MINUTE * 6))
        outcome.add(1, *caught_up(rig, catch_up, every))
    outcome.failures += rig.breaches()
    return outcome


def caught_up(rig: Rig, catch_up: str, every: timedelta) -> tuple[list[str], float]:
    text = f"PT{int(every.total_seconds() // 60)}M"
    flow = rig.flow("Outage", *STEPS, triggers=schedules(2, every=text, catch_up=catch_up))
    newest = stamp() - 20 * MINUTE
    count = OUTAGE // every
    come_due(flow, newest - (count - 1) * every, every)
    begun = time.monotonic()
    staff(rig, 2)
    problems = in_time(lambda: ticks_of(flow).count() >= 2 * count, 60, "not every due instant was recorded")
    took = time.monotonic() - begun
    problems += in_time(lambda: not schedule_runs(flow).open().exists(), 30, "a run did not end")
    instants = [newest - number * every for number in range(count)]
    problems += unmatched(flow, Counter((f"tick{n}", instant) for n in range(2) for instant in instants))
    problems += ran_as_allowed(flow, catch_up, newest)
    services.stop(flow.pk, reason="The trial is over")
    return [f"{catch_up}, {text}: {problem}" for problem in problems], took


def ran_as_allowed(flow: Flow, catch_up: str, newest: datetime) -> list[str]:
    ran = Counter(executed(flow).values_list("received_at", flat=True))
    expected = Counter({newest: 2} if CATCH_UPS[catch_up] else {})
    reasons = set(schedule_runs(flow).filter(status="skipped").values_list("reason", flat=True))
    problems = [] if ran == expected else [f"executed: {dict(ran)}"]
    return problems + ([] if reasons == {"outage"} else [f"reasons: {reasons}"])
