"""R22 and R23: what was held comes back at its pace, and as it was shown."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connection

from config.clock import stamp
from runs.engine import sweeper
from runs.models import Release, Run
from tests.chaos.figures import percentile
from tests.chaos.held import HEARD, among, hold
from tests.chaos.matrix import Outcome, row
from tests.chaos.rig import Flow, Rig
from tests.chaos.rows.gates import HOOK, SCHEDULES, STEPS, make_ticks_due
from tests.chaos.trials import in_time
from workflows import services

WORKFLOWS, HELD, PACE = 20, 10_000, 120
WATCHED = 10.0
PACE_OF_RELEASE = 30_000
"""500 triggers go in a second: a kill meets them under way."""
PROBES = 40
CATCHES_UP_IN = 10.0


@row("R22", "Resume makes no herd", fault="10,000 held, 20 workflows resumed at once, live triggers meanwhile",
     first=1, full=20)  # fmt: skip
def no_herd(rig: Rig, trials: int) -> Outcome:
    outcome, ratios = Outcome(), []
    rig.staff(2, threads=4, schedulers=2)
    live = rig.flow("Live", *STEPS)
    rig.rest(rig.trigger(live, 8))
    for _trial in range(trials):
        flows = [
            rig.flow("Held", *STEPS, triggers=[HEARD], release_per_minute=PACE) for _ in range(WORKFLOWS)
        ]
        for flow in flows:
            services.pause(flow.pk, reason="Chaos")
            hold(flow, HELD // WORKFLOWS)
        quiet = [waited(rig, live) for _ in range(PROBES)]
        busy, problems = released_together(rig, live, flows)
        ratios.append(percentile(busy, 0.5) / percentile(quiet, 0.5))
        outcome.add(1, problems, max(busy))
        for flow in flows:
            services.stop(flow.pk, reason="The trial is over")
    outcome.failures += rig.breaches()
    outcome.measured = (
        f"wait of a live trigger; its median at most {max(ratios):.2f} times that of a quiet time"
    )
    return outcome


def waited(rig: Rig, flow: Flow) -> float:
    """Seconds from a trigger's acceptance to its run's end."""
    run = rig.trigger(flow, 1)
    rig.rest(run, 30)
    ended = Run.objects.get(pk=run[0])
    assert ended.ended_at is not None
    return (ended.ended_at - ended.received_at).total_seconds()


def released_together(rig: Rig, live: Flow, flows: list[Flow]) -> tuple[list[float], list[str]]:
    """Resume all at once and watch: the waits of live triggers, and where a pace was not kept."""
    with ThreadPoolExecutor(len(flows)) as pool:
        list(pool.map(resume, flows))
    until, waits = time.monotonic() + WATCHED, []
    while time.monotonic() < until:
        waits.append(waited(rig, live))
        time.sleep(0.1)
    return waits, [problem for flow in flows for problem in early(flow)] + behind(flows)


def resume(flow: Flow) -> None:
    try:
        services.resume(flow.pk)
    finally:
        connection.close()


def early(flow: Flow) -> list[str]:
    """Starts before their turn."""
    apart = timedelta(seconds=60 / PACE)
    begun = Release.objects.get(workflow=flow.pk).started_at
    starts = Run.objects.filter(workflow=flow.pk, started_at__isnull=False).order_by("started_at")
    moments = [moment for moment in starts.values_list("started_at", flat=True) if moment]
    found = [n for n, moment in enumerate(moments) if moment < begun + n * apart]
    return [f"start {n} of workflow {flow.pk} came before its turn" for n in found[:3]]


def behind(flows: list[Flow]) -> list[str]:
    """Where less was let go than 90 % of what the pace allows, and stays so.

    Of a machine that stood still the next look finds all behind, and the one after it none: what was not let go in
    those seconds goes with it. A pace that is not kept stays behind.
    """
    found: list[str] = []

    def kept() -> bool:
        found[:] = [problem for flow in flows for problem in _behind(flow)]
        return not found

    return found if in_time(kept, CATCHES_UP_IN, "behind") else []


def _behind(flow: Flow) -> list[str]:
    job = Release.objects.get(workflow=flow.pk)
    # The scheduler looks once in some 0.75 s: so much may be under way.
    allowed = (stamp() - job.started_at) / timedelta(seconds=60 / PACE)
    if job.released >= 0.9 * allowed - PACE / 60:
        return []
    return [f"{job.released} of workflow {flow.pk} let go where the pace allows {allowed:.0f}"]


@row("R23", "Resume does what was shown", first=9, full=150,
     fault="each choice; 0 to 500 held triggers, runs held in a wait, expired ones, ticks missed; all killed amid it")  # fmt: skip
def as_shown(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="until all that was released had gone")
    rig.staff(2, threads=4)
    for number in range(trials):
        held = ("release", "discard", "keep")[number % 3]
        begun = time.monotonic()
        problems = resume_as_shown(rig, held)
        outcome.add(1, problems, time.monotonic() - begun)
    outcome.failures += rig.breaches()
    return outcome


def resume_as_shown(rig: Rig, held: str) -> list[str]:
    choices = {
        "held": held,
        "held_runs": rig.random.choice(("release", "discard", "keep")),
        "missed_ticks": rig.random.choice(("once", "none")),
    }
    nap = {"id": "nap", "kind": "delay", "for": "PT1H"}
    flow = rig.flow("Shown", nap, triggers=[HOOK, HEARD, *SCHEDULES])
    begun = waits_an_hour(rig, flow, rig.random.randrange(6))
    services.pause(flow.pk, reason="Chaos")
    triggers = hold(flow, rig.random.choice((0, 1, rig.random.randrange(500))))
    expired = hold(flow, rig.random.randrange(4), until=stamp() - timedelta(seconds=1))
    while among(expired).filter(status="held").exists():
        sweeper.expire_held()
    missed = miss_ticks(flow, rig.random.randrange(3))
    shown = services.resume_preview(flow.pk)
    done = services.resume(flow.pk, pace=PACE_OF_RELEASE, **choices).figures
    if rig.random.random() < 0.5:
        rig.processes.kill_all()
    problems = announced_is_there(shown, triggers, begun, missed)
    problems += figures_agree(done, choices, triggers, begun)
    problems += in_time(
        lambda: not Release.objects.filter(workflow=flow.pk, ended_at=None).exists(), 60, "unreleased"
    )
    problems += became(triggers, choices["held"], {"release": ("pending", "running", "waiting")}, "skipped")
    problems += became(begun, choices["held_runs"], {"release": ("waiting",)}, "cancelled")
    problems += became(expired, "expired", {"expired": ("skipped",)}, "")
    made_up = Run.objects.filter(workflow=flow.pk, trigger_kind="schedule").exclude(status="skipped").count()
    expected = len(SCHEDULES) if missed and choices["missed_ticks"] == "once" else 0
    if made_up != expected:
        problems.append(f"{made_up} runs for missed ticks, not {expected}")
    services.stop(flow.pk, reason="The trial is over")
    return [f"{choices}: {problem}" for problem in problems]


def waits_an_hour(rig: Rig, flow: Flow, count: int) -> list[Any]:
    """Runs in a wait so long that the pause holds them; some of them are overdue when it is over."""
    runs = rig.trigger(flow, count) if count else []
    in_time(lambda: Run.objects.filter(pk__in=runs, status="waiting").count() == count, 30, "")
    return runs


def miss_ticks(flow: Flow, rounds: int) -> int:
    """Each schedule comes due so often during the pause; gives how many ticks that makes."""
    ticks = Run.objects.filter(workflow=flow.pk, trigger_kind="schedule", status="skipped")
    for number in range(rounds):
        make_ticks_due(flow)
        expected = (number + 1) * len(SCHEDULES)
        in_time(lambda: ticks.count() == expected, 30, "")  # noqa: B023 - ends with the turn
    return ticks.count()


def announced_is_there(
    shown: dict[str, Any], triggers: list[Any], begun: list[Any], missed: int
) -> list[str]:
    expected = {"held_triggers": len(triggers), "held_runs": len(begun), "skipped_ticks": missed}
    found = {name: shown[name] for name in expected}
    return [] if found == expected else [f"shown {found}, there was {expected}"]


def figures_agree(
    done: dict[str, Any], choices: dict[str, str], triggers: list[Any], begun: list[Any]
) -> list[str]:
    words = {"release": "released", "discard": "discarded", "keep": "kept"}
    expected = dict.fromkeys(words.values(), 0)
    expected[words[choices["held"]]] += len(triggers)
    expected[words[choices["held_runs"]]] += len(begun)
    found = {name: done[name] for name in expected}
    return [] if found == expected else [f"told {found}, chosen {expected}"]


def became(ids: list[Any], choice: str, going: dict[str, tuple[str, ...]], ended: str) -> list[str]:
    """Each run stands where its choice puts it: released ones have begun to wait out their hour."""
    allowed = going.get(choice) or {"discard": (ended,), "keep": ("held",)}[choice]
    wrong = [
        f"run {run.pk} is {run.status} ({run.reason}) after {choice}"
        for start in range(0, len(ids), 500)
        for run in among(ids[start : start + 500]).exclude(status__in=allowed)
    ]
    return wrong[:3]
