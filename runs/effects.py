"""What a workflow's verbs do with its runs, in the verb's transaction, the workflow's row being locked."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Q

from config.clock import stamp
from runs import figures
from runs.engine import outcome, release
from runs.intake import schedules
from runs.models import OPEN, Release, Run, RunStatus, StopWish
from runs.models.run import RunQuerySet
from workflows import effects
from workflows.definition.compiled import compile_definition
from workflows.models import Workflow

Data = dict[str, Any]


def bind() -> None:
    """Bind every effect that the table of transitions names, and the counts that lists and documents show."""
    figures.bind()
    for name, effect in BOUND.items():
        effects.bind(name, effect)


def _production(workflow: Workflow) -> RunQuerySet:
    """The runs that a verb acts on: tests and runs marked to pass the gate go their own way."""
    return Run.objects.filter(workflow=workflow, is_test=False, passes_gate=False)


def activated(workflow: Workflow, data: Data) -> Data:
    """Arm the schedules; let go, paced, all that was held while the system had stopped the workflow."""
    schedules.arm(workflow, data["moment"])
    held = _production(workflow).filter(status=RunStatus.HELD)
    released = release.begin(workflow, held, pace_of(workflow), data["moment"])
    return {"released": released} if released else {}


def published(workflow: Workflow, data: Data) -> Data:
    """The schedules follow the version published now."""
    schedules.arm(workflow, data["moment"])
    return {}


def paused(workflow: Workflow, data: Data) -> Data:
    """Close the gate: what has not started or waits long becomes Held; what is in flight follows the choice.

    Gives `newest_start`, and how many are `finishing`, were `held` and `cancelled`.
    """
    moment, choice = data["moment"], data["in_flight"]
    runs = _production(workflow)
    newest = Run.objects.filter(workflow=workflow).aggregate(newest=Max("started_at"))["newest"]
    _end_release(workflow, moment)
    unstarted = runs.filter(status=RunStatus.PENDING)
    waiting = runs.filter(status=RunStatus.WAITING)
    if choice == "cancel":
        cancelled = outcome.close_all(unstarted | waiting, RunStatus.CANCELLED, moment, reason="paused")
        runs.filter(status=RunStatus.RUNNING).update(wish=StopWish.CANCEL)
        return {"newest_start": newest, "finishing": _finishing(runs), "held": 0, "cancelled": cancelled}
    long = waiting.filter(_is_long(moment))
    halted = waiting if choice == "hold" else long
    held = _hold(unstarted, moment, keep=timedelta(days=settings.HOLD_DAYS)) + _hold(halted, moment)
    if choice == "hold":
        # A Cancel that somebody asked for before stays.
        runs.filter(status=RunStatus.RUNNING, wish=StopWish.NONE).update(wish=StopWish.HOLD)
    return {"newest_start": newest, "finishing": _finishing(runs), "held": held, "cancelled": 0}


def _is_long(moment: datetime) -> Q:
    """Waits beyond 15 minutes. Waiting for a child run is no delay: it goes on when that ends."""
    limit = moment + timedelta(seconds=settings.SHORT_WAIT_SECONDS)
    return Q(status=RunStatus.WAITING, due_at__gt=limit) & ~Q(reason="child")


def _hold(runs: RunQuerySet, moment: datetime, *, keep: timedelta | None = None) -> int:
    return runs.update(
        status=RunStatus.HELD, reason="paused", held_at=moment, held_until=moment + keep if keep else None
    )


def _finishing(runs: RunQuerySet) -> int:
    return runs.filter(status__in=(RunStatus.RUNNING, RunStatus.WAITING)).count()


def _end_release(workflow: Workflow, moment: datetime) -> None:
    """A release that a verb overtakes ends; what it had left is held like the rest."""
    Release.objects.filter(workflow=workflow, ended_at=None).update(
        ended_at=moment, ended_how="stopped", next_at=None
    )
    Run.objects.filter(
        workflow=workflow, status=RunStatus.HELD, reason__in=(release.RELEASING, release.KEPT)
    ).update(reason="paused")


def resumed(workflow: Workflow, data: Data) -> Data:
    """Open the gate: release, discard or keep what was held, class by class; arm the schedules again."""
    moment = data["moment"]
    runs = _production(workflow)
    runs.filter(status=RunStatus.RUNNING, wish=StopWish.HOLD).update(wish=StopWish.NONE)
    held = runs.filter(status=RunStatus.HELD)
    classes = (
        (held.filter(started_at=None), data["held"]),
        (held.filter(started_at__isnull=False), data["held_runs"]),
    )
    figures = {"released": 0, "discarded": 0, "kept": 0}
    letting_go = Run.objects.none()
    for chosen, choice in classes:
        if choice == "discard":
            figures["discarded"] += discard(chosen, moment)
        elif choice == "keep":
            figures["kept"] += chosen.update(reason=release.KEPT)
        else:
            letting_go = letting_go | chosen
    figures["released"] = release.begin(workflow, letting_go, data["pace"] or pace_of(workflow), moment)
    schedules.arm(workflow, moment)
    if data["missed_ticks"] == "once":
        schedules.run_missed_once(workflow)
    return figures


def discard(held: RunQuerySet, moment: datetime) -> int:
    """Held triggers end as Skipped (discarded), runs held at a boundary as Cancelled."""
    fresh = outcome.close_all(held.filter(started_at=None), RunStatus.SKIPPED, moment, reason="discarded")
    return fresh + outcome.close_all(held, RunStatus.CANCELLED, moment, reason="discarded")


def stopped(workflow: Workflow, data: Data) -> Data:
    """Triggers off; what waits is cancelled, a step that executes finishes and its run ends there.

    Runs that were marked to pass a pause are ended too: nothing passes a stop but tests.
    """
    moment = data["moment"]
    runs = Run.objects.filter(workflow=workflow, is_test=False)
    newest = Run.objects.filter(workflow=workflow).aggregate(newest=Max("started_at"))["newest"]
    _end_release(workflow, moment)
    # First the wish: a run that a worker is just letting wait or hold meets it, or is among those closed next.
    finishing = runs.filter(status=RunStatus.RUNNING).update(wish=StopWish.CANCEL)
    cancelled = outcome.close_all(runs, RunStatus.CANCELLED, moment, reason="stopped")
    schedules.disarm(workflow)
    return {"newest_start": newest, "cancelled": cancelled, "finishing": finishing}


def deleted(workflow: Workflow, data: Data) -> Data:
    """Nothing may stay open of a workflow that goes: its tests are cancelled too."""
    schedules.disarm(workflow)
    everything = Run.objects.filter(workflow=workflow)
    everything.filter(status=RunStatus.RUNNING).update(wish=StopWish.CANCEL)
    outcome.close_all(everything, RunStatus.CANCELLED, data["moment"], reason="deleted")
    return {}


def counts(workflow: Workflow, data: Data) -> Data:
    """`in_flight`: executing or waiting, tests left out; `held`, `held_triggers`; `pending`; waits by length."""
    runs = _production(workflow).filter(status__in=OPEN)
    return runs.aggregate(
        in_flight=Count("pk", filter=Q(status__in=(RunStatus.RUNNING, RunStatus.WAITING))),
        running=Count("pk", filter=Q(status=RunStatus.RUNNING)),
        waiting=Count("pk", filter=Q(status=RunStatus.WAITING)),
        waiting_long=Count("pk", filter=_is_long(stamp())),
        pending=Count("pk", filter=Q(status=RunStatus.PENDING)),
        held=Count("pk", filter=Q(status=RunStatus.HELD)),
        held_triggers=Count("pk", filter=Q(status=RunStatus.HELD, started_at=None)),
        needs_decision=Count("pk", filter=Q(status=RunStatus.NEEDS_DECISION)),
    )


def resume_preview(workflow: Workflow, data: Data) -> Data:
    """What a resume would meet: held triggers (oldest, newest), held runs by version, overdue waits, ticks missed."""
    runs = _production(workflow)
    held = runs.filter(status=RunStatus.HELD)
    fresh, begun = Q(started_at=None), Q(started_at__isnull=False)
    found = held.aggregate(
        held_triggers=Count("pk", filter=fresh),
        held_oldest=Min("received_at", filter=fresh),
        held_newest=Max("received_at", filter=fresh),
        held_runs=Count("pk", filter=begun),
        overdue_waits=Count("pk", filter=begun & Q(due_at__lt=stamp())),
    )
    by_version = held.filter(begun).order_by().values_list("version__number").annotate(n=Count("pk"))
    is_tick = Q(trigger_kind="schedule")
    skipped = runs.filter(
        status=RunStatus.SKIPPED, reason="paused", received_at__gte=workflow.paused_at or workflow.created_at
    ).aggregate(skipped_ticks=Count("pk", filter=is_tick), skipped_triggers=Count("pk", filter=~is_tick))
    return {
        **found,
        "held_runs_by_version": {str(number): n for number, n in by_version},
        **skipped,
        "in_flight": _finishing(runs),
        "pace": pace_of(workflow),
    }


def pace_of(workflow: Workflow) -> int:
    """Releases a minute, by the published definition."""
    if workflow.published is None:
        return release.DEFAULT_PACE
    return (
        compile_definition(workflow.published.definition).settings.release_per_minute or release.DEFAULT_PACE
    )


def preview(workflow: Workflow, data: Data) -> Data:
    """The next due instant of each schedule trigger: {trigger id: instant}."""
    return schedules.upcoming(workflow)


BOUND: dict[str, effects.Effect] = {
    "activated": activated,
    "counts": counts,
    "deleted": deleted,
    "paused": paused,
    "preview": preview,
    "published": published,
    "resume_preview": resume_preview,
    "resumed": resumed,
    "stopped": stopped,
}
