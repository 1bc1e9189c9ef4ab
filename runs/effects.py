"""What a workflow's verbs do with its runs, in the verb's transaction, the workflow's row being locked."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q

from config.clock import stamp
from runs import affected, figures, opening
from runs.engine import outcome, release
from runs.intake import schedules
from runs.models import OPEN, Release, Run, RunStatus, StopWish
from runs.models.run import RunQuerySet
from workflows import effects
from workflows.models import Workflow

Data = dict[str, Any]


def bind() -> None:
    """Bind every effect that the table of transitions names, and the counts that lists and documents show."""
    figures.bind()
    for name, effect in BOUND.items():
        effects.bind(name, effect)


def published(workflow: Workflow, data: Data) -> Data:
    """The schedules follow the version published now."""
    schedules.arm(workflow, data["moment"])
    return {}


def paused(workflow: Workflow, data: Data) -> Data:
    """Close the gate: what has not started or waits long becomes Held; what is in flight follows the choice.

    Gives `newest_start`, and how many are `finishing`, were `held` and `cancelled`.
    """
    moment, choice = data["moment"], data["in_flight"]
    runs = affected.production(workflow)
    newest = _newest_start(workflow)
    _end_release(workflow, moment)
    unstarted = runs.filter(status=RunStatus.PENDING)
    waiting = runs.filter(status=RunStatus.WAITING)
    if choice == "cancel":
        cancelled = outcome.close_all(unstarted | waiting, RunStatus.CANCELLED, moment, reason="paused")
        affected.wish(runs, StopWish.CANCEL)
        return {
            "newest_start": newest,
            "finishing": affected.finishing(runs),
            "held": 0,
            "cancelled": cancelled,
        }
    long = waiting.filter(_is_long(moment))
    halted = waiting if choice == "hold" else long
    held = _hold_triggers(unstarted, moment) + _hold(halted, moment)
    if choice == "hold":
        # A Cancel that somebody asked for before stays.
        affected.wish(runs.filter(wish=StopWish.NONE), StopWish.HOLD)
    return {"newest_start": newest, "finishing": affected.finishing(runs), "held": held, "cancelled": 0}


def _newest_start(workflow: Workflow) -> datetime | None:
    started = Run.objects.filter(workflow=workflow, started_at__isnull=False)
    return started.order_by("-started_at").values_list("started_at", flat=True).first()


def _is_long(moment: datetime) -> Q:
    """Waits beyond 15 minutes. Waiting for a child run is no delay: it goes on when that ends."""
    limit = moment + timedelta(seconds=settings.SHORT_WAIT_SECONDS)
    return Q(status=RunStatus.WAITING, due_at__gt=limit) & ~Q(reason="child")


def _hold(runs: RunQuerySet, moment: datetime) -> int:
    return runs.update(status=RunStatus.HELD, reason="paused", held_at=moment, held_until=None)


def _hold_triggers(unstarted: RunQuerySet, moment: datetime) -> int:
    """What has not started is due again when it is released, and kept for a bounded time."""
    until = moment + timedelta(days=settings.HOLD_DAYS)
    return unstarted.update(
        status=RunStatus.HELD, reason="paused", held_at=moment, held_until=until, due_at=None
    )


def _end_release(workflow: Workflow, moment: datetime) -> None:
    """A release that a verb overtakes ends; what it had left is held like the rest."""
    Release.objects.filter(workflow=workflow, ended_at=None).update(
        ended_at=moment, ended_how="stopped", next_at=None
    )
    Run.objects.filter(
        workflow=workflow, status=RunStatus.HELD, reason__in=(release.RELEASING, release.KEPT)
    ).update(reason="paused")


def stopped(workflow: Workflow, data: Data) -> Data:
    """Triggers off; what waits is cancelled, a step that executes finishes and its run ends there.

    Runs that were marked to pass a pause are ended too: nothing passes a stop but tests.
    """
    moment = data["moment"]
    runs = Run.objects.filter(workflow=workflow, is_test=False)
    newest = _newest_start(workflow)
    _end_release(workflow, moment)
    # First the wish: a run that a worker is just letting wait or hold meets it, or is among those closed next.
    finishing = affected.wish(runs, StopWish.CANCEL)
    cancelled = outcome.close_all(runs, RunStatus.CANCELLED, moment, reason="stopped")
    schedules.disarm(workflow)
    return {"newest_start": newest, "cancelled": cancelled, "finishing": finishing}


def deleted(workflow: Workflow, data: Data) -> Data:
    """Nothing may stay open of a workflow that goes: its tests are cancelled too."""
    schedules.disarm(workflow)
    everything = Run.objects.filter(workflow=workflow)
    affected.wish(everything, StopWish.CANCEL)
    outcome.close_all(everything, RunStatus.CANCELLED, data["moment"], reason="deleted")
    return {}


def counts(workflow: Workflow, data: Data) -> Data:
    """`in_flight`: executing or waiting, tests left out; `held`, `held_triggers`; `pending`; waits by length."""
    return counts_of(affected.production(workflow))


def counts_of(runs: RunQuerySet) -> Data:
    """The same counts of any runs; one query."""
    return runs.filter(status__in=OPEN).aggregate(
        in_flight=Count("pk", filter=Q(status__in=(RunStatus.RUNNING, RunStatus.WAITING))),
        running=Count("pk", filter=Q(status=RunStatus.RUNNING)),
        waiting=Count("pk", filter=Q(status=RunStatus.WAITING)),
        waiting_long=Count("pk", filter=_is_long(stamp())),
        pending=Count("pk", filter=Q(status=RunStatus.PENDING)),
        held=Count("pk", filter=Q(status=RunStatus.HELD)),
        held_triggers=Count("pk", filter=Q(status=RunStatus.HELD, started_at=None)),
        needs_decision=Count("pk", filter=Q(status=RunStatus.NEEDS_DECISION)),
    )


def preview(workflow: Workflow, data: Data) -> Data:
    """The next due instant of each schedule trigger: {trigger id: instant}."""
    return schedules.upcoming(workflow)


BOUND: dict[str, effects.Effect] = {
    "activated": opening.activated,
    "counts": counts,
    "deleted": deleted,
    "paused": paused,
    "preview": preview,
    "published": published,
    "resume_preview": opening.resume_preview,
    "resumed": opening.resumed,
    "stopped": stopped,
    "widened": opening.widened,
}
