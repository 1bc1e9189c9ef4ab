"""R17 and R18: the gate is a barrier, with senders, ticks and workers at full speed."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from config.clock import stamp
from runs.models import Run, Schedule
from tests.chaos.figures import told
from tests.chaos.matrix import Outcome, row
from tests.chaos.rig import Flow, Rig
from tests.chaos.senders import Stream
from tests.chaos.trials import in_time
from workflows import services
from workflows.lifecycle import Cause
from workflows.models import Workflow

WORKERS = 8
SENDERS, BREATH = 4, 0.06
"""Some 50 triggers a second, where the machine gives them time."""
TICKS = 5
MINUTE = timedelta(minutes=1)
STEPS = (
    {"id": "first", "kind": "set", "values": {"n": "{{ trigger.kind }}"}},
    {"id": "second", "kind": "set", "values": {"n": "{{ steps.first.n }}"}},
)
HOOK = {"id": "hook", "kind": "webhook", "dedupe": "header:X-Delivery"}
SCHEDULES = [
    {"id": f"tick{n}", "kind": "schedule", "every": "PT1M", "overlap": "allow"} for n in range(TICKS)
]


@dataclass(frozen=True)
class Gate:
    """How it is closed, giving the moment after which nothing starts, and how it is opened again."""

    close: Callable[[Rig, int], datetime]
    reopen: Callable[[Rig, int], Any]
    starts: Callable[[int, datetime], Any] = lambda pk, at: starts_after(pk, at)


def starts_after(pk: int, at: datetime) -> Any:
    return Run.objects.filter(workflow=pk, started_at__gt=at, passes_gate=False, is_test=False)


def arrivals_after(pk: int, at: datetime) -> Any:
    return Run.objects.filter(workflow=pk, received_at__gt=at, trigger_id="hook")


def pause(rig: Rig, pk: int) -> datetime:
    in_flight, triggers = rig.random.choice(("finish", "hold", "cancel")), rig.random.choice(("hold", "skip"))
    done = services.pause(pk, reason="Chaos", in_flight=in_flight, triggers=triggers)
    return done.figures["paused_at"]


def resume(rig: Rig, pk: int) -> None:
    held = rig.random.choice(("release", "release", "discard", "keep"))
    services.resume(pk, held=held, pace=100_000, missed_ticks=rig.random.choice(("once", "none")))


def stop(rig: Rig, pk: int) -> datetime:
    return closed_at(services.stop(pk, reason="Chaos").workflow)


def archive(rig: Rig, pk: int) -> datetime:
    """The first of its two events closes the gate; the later moment is that of the shelf."""
    services.stop(pk, reason="Chaos", archive=True)
    return Workflow.history.filter(id=pk, status="not_running").latest("history_date").status_at


def stop_by_system(rig: Rig, pk: int) -> datetime:
    return closed_at(services.stop_by_system(pk, cause=Cause.DEPENDENCY, reason="Chaos").workflow)


def closed_at(workflow: Workflow) -> datetime:
    assert workflow.status_at is not None
    return workflow.status_at


def start(rig: Rig, pk: int) -> None:
    services.run(pk, accept_warnings=True)


def take_from_shelf(rig: Rig, pk: int) -> None:
    services.unarchive(pk)
    start(rig, pk)


def remove_trigger(rig: Rig, pk: int) -> datetime:
    """Intake waits for no verb: what comes until the publish is answered may still be taken."""
    republish(pk, SCHEDULES)
    return stamp()


def restore_trigger(rig: Rig, pk: int) -> None:
    republish(pk, [HOOK, *SCHEDULES])


def republish(pk: int, triggers: list[dict[str, Any]]) -> Workflow:
    published = Workflow.objects.select_related("published").get(pk=pk).published
    assert published is not None
    services.save_draft(pk, {**json.loads(published.definition), "triggers": triggers})
    return services.publish(pk, accept_warnings=True).workflow


PAUSE = Gate(pause, resume)
OTHERS = {
    "stop": Gate(stop, start),
    "archive": Gate(archive, take_from_shelf),
    "the system": Gate(stop_by_system, start),
    "removed trigger": Gate(remove_trigger, restore_trigger, arrivals_after),
}


@row("R17", "After “Paused at T” nothing starts",
     fault="50 triggers a second, ticks, 8 workers, pauses at random moments", first=20, full=300)  # fmt: skip
def nothing_starts_after_a_pause(rig: Rig, trials: int) -> Outcome:
    return closed_under_load(rig, trials, {"pause": PAUSE})


@row(
    "R18",
    "Same for Stop, Archive, a removed trigger, a stop by the system",
    fault="as R17",
    first=12,
    full=400,
)
def nothing_starts_after_other_ends(rig: Rig, trials: int) -> Outcome:
    return closed_under_load(rig, trials, OTHERS)


def closed_under_load(rig: Rig, trials: int, gates: dict[str, Gate]) -> Outcome:
    """One gate after the other, under load throughout; when all is at rest, every closed time is looked at again."""
    outcome, latencies = Outcome(), []
    rig.staff(WORKERS, schedulers=2)
    for number, gate in enumerate(gates.values()):
        flow = rig.flow("Gate", *STEPS, triggers=[HOOK, *SCHEDULES])
        spans: list[tuple[datetime, datetime]] = []
        with Stream(lambda: rig.send(flow), senders=SENDERS, breath=BREATH):  # noqa: B023 - ends with the turn
            for _trial in range(trials // len(gates) + (number < trials % len(gates))):
                latencies.append(close_and_look(rig, flow, gate, outcome, spans))
        outcome.failures += late_starts(flow, gate, spans)
        services.stop(flow.pk, reason="The row is over")
    rig.unrested(Run.objects.open().values_list("pk", flat=True))
    outcome.failures += rig.breaches()
    outcome.longest, outcome.measured = max(latencies), told("confirmation", latencies)
    return outcome


def close_and_look(rig: Rig, flow: Flow, gate: Gate, outcome: Outcome, spans: list[Any]) -> float:
    """Close a gate in use at a random moment, look, open it again; gives the seconds until it was confirmed."""
    problems = in_time(lambda: is_in_use(flow), 30, "nothing started: the gate was not in use")
    make_ticks_due(flow)
    time.sleep(rig.random.uniform(0, 0.05))
    begun = time.perf_counter()
    at = gate.close(rig, flow.pk)
    took = time.perf_counter() - begun
    time.sleep(rig.random.uniform(0.02, 0.3))
    problems += [f"run {run.pk} came after {at}" for run in gate.starts(flow.pk, at)]
    reopening = stamp()
    gate.reopen(rig, flow.pk)
    spans.append((at, reopening))
    outcome.add(1, problems)
    return took


def is_in_use(flow: Flow) -> bool:
    """Something started since the gate was opened last."""
    workflow = Workflow.objects.get(pk=flow.pk)
    since = workflow.activated_at or workflow.created_at
    newest = workflow.published.published_at if workflow.published else None
    return bool(starts_after(flow.pk, max(since, newest or since)).filter(trigger_id="hook").exists())


def make_ticks_due(flow: Flow) -> None:
    """Its schedules come due within the next instants, as if a minute had passed."""
    now = stamp()
    for number, schedule in enumerate(Schedule.objects.filter(trigger__workflow=flow.pk, is_armed=True)):
        due = now + timedelta(milliseconds=20 * number)
        Schedule.objects.filter(pk=schedule.pk).update(anchor=due - MINUTE, next_at=due)


def late_starts(flow: Flow, gate: Gate, spans: list[tuple[datetime, datetime]]) -> list[str]:
    """Whatever was entered meanwhile with a moment within a closed time."""
    column = "received_at" if gate.starts is arrivals_after else "started_at"
    return [
        f"run {run.pk} came between {at} and {until}"
        for at, until in spans
        for run in gate.starts(flow.pk, at).filter(**{f"{column}__lt": until})
    ]
