"""R38: a thousand schedules that come due at one instant, minute after minute."""

from datetime import datetime, timedelta
from typing import Any

from config.clock import stamp
from runs.models import Run, RunStatus, Schedule, Tick
from tests.chaos.figures import told
from tests.chaos.matrix import Outcome, row
from tests.chaos.rig import Flow, Rig
from tests.chaos.trials import in_time
from workflows import services

CROWD = 1_000
MINUTE = timedelta(minutes=1)
TRIGGER = {"id": "crowd", "kind": "schedule", "cron": "* * * * *"}
STEP = {"id": "keep", "kind": "set", "values": {"n": "{{ trigger.kind }}"}}


@row("R38", "1,000 schedules share a minute", fault="1,000 workflows, each with a schedule for every :00; a trial is a minute",
     first=1, full=60, on_commit=False)  # fmt: skip
def shared_minute(rig: Rig, trials: int) -> Outcome:
    outcome, starved = Outcome(), 0
    lags: list[float] = []
    flows, first = gathered(rig)
    for number in range(trials):
        due = first + number * MINUTE
        problems, left = seen_to(due)
        outcome.add(1, problems)
        lags, starved = lags + lags_of(due), starved + left
    outcome.longest = max(lags, default=0.0)
    outcome.measured = told(f"starved {starved}; from the due instant to the start", lags)
    dispersed(flows, outcome)
    outcome.failures += rig.breaches()
    return outcome


def gathered(rig: Rig) -> tuple[list[Flow], datetime]:
    """The workflows, started, and the first minute they share.

    What came due while they were made one by one is passed over: nothing schedules until all are there.
    """
    rig.staff(0, schedulers=0)
    flows = [rig.flow(f"Crowd {number}", STEP, triggers=[TRIGGER]) for number in range(CROWD)]
    first = (stamp() + timedelta(seconds=5)).replace(second=0, microsecond=0) + MINUTE
    # Both, as if started then: a scheduler that starts reckons the next time anew from the anchor.
    Schedule.objects.filter(trigger__trigger_id=TRIGGER["id"]).update(anchor=first - MINUTE, next_at=first)
    rig.staff(2, threads=4, schedulers=2)
    return flows, first


def seen_to(due: datetime) -> tuple[list[str], int]:
    """Until the next minute's end each of them has come due once and succeeded; gives also how many never came due."""
    succeeded = runs_of(due).filter(status=RunStatus.SUCCESS)
    until = due + 2 * MINUTE
    in_time(lambda: succeeded.count() >= CROWD, (until - stamp()).total_seconds(), "", every=1.0)
    starved = CROWD - Tick.objects.filter(trigger__trigger_id=TRIGGER["id"], due_at=due).count()
    runs, workflows = runs_of(due).count(), runs_of(due).values("workflow").distinct().count()
    found = {"starved": starved, "doubled": runs - workflows, "without success": CROWD - succeeded.count()}
    problems = [f"{count} {what}" for what, count in found.items() if count]
    return [f"{due:%H:%M}: {', '.join(problems)}"] if problems else [], starved


def runs_of(due: datetime) -> Any:
    return Run.objects.filter(trigger_kind="schedule", trigger_id=TRIGGER["id"], received_at=due)


def lags_of(due: datetime) -> list[float]:
    started = runs_of(due).filter(started_at__isnull=False).values_list("started_at", flat=True)
    return [(moment - due).total_seconds() for moment in started]


def dispersed(flows: list[Flow], outcome: Outcome) -> None:
    for flow in flows:
        services.stop(flow.pk, reason="The row is over")
    left = Run.objects.filter(trigger_id=TRIGGER["id"]).open()
    outcome.failures += in_time(lambda: not left.exists(), 60, "a run did not end", every=0.5)
