"""What opens the gate: start, resume and widening a launch, each in the verb's transaction with its workflow locked."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q

from config.clock import stamp
from runs import affected
from runs.engine import outcome, release
from runs.intake import schedules
from runs.intake.occurrences import LAUNCH
from runs.models import Run, RunStatus, StopWish
from runs.models.run import RunQuerySet
from workflows.definition.compiled import compile_definition
from workflows.models import Workflow

Data = dict[str, Any]


def activated(workflow: Workflow, data: Data) -> Data:
    """Arm the schedules; let go, paced, all that was held while the system had stopped the workflow.

    A watched launch keeps the triggers among it held: they came before it and are none of those that it counts.
    """
    schedules.settle_closed(workflow, data["moment"], since=None)
    schedules.arm(workflow, data["moment"])
    held = _held(workflow)
    if workflow.launch:
        held.filter(started_at=None).update(reason=LAUNCH)
        held = held.filter(started_at__isnull=False)
    released = release.begin(workflow, held, pace_of(workflow), data["moment"])
    return {"released": released} if released else {}


def widened(workflow: Workflow, data: Data) -> Data:
    """Let go, paced, the oldest `count` of what a launch holds; all of it where `count` is None."""
    kept = _held(workflow).filter(reason=LAUNCH).order_by("pk")
    if data["count"] is not None:
        kept = Run.objects.filter(pk__in=list(kept.values_list("pk", flat=True)[: data["count"]]))
    released = release.begin(workflow, release.admit(kept, workflow), pace_of(workflow), data["moment"])
    return {"released": released} if released else {}


def resumed(workflow: Workflow, data: Data) -> Data:
    """Open the gate: release, discard or keep what was held, class by class; arm the schedules again.

    What a watched launch holds stays held; what came during the pause is now counted by it (`held_by_launch`).
    """
    moment = data["moment"]
    affected.wish(affected.production(workflow).filter(wish=StopWish.HOLD), StopWish.NONE)
    held = _held(workflow)
    by_pause = _fresh(held, workflow)
    figures = {"released": 0, "discarded": 0, "kept": 0}
    if workflow.launch and data["held"] == "release":
        figures["held_by_launch"] = _count_in(by_pause, workflow)
    classes = ((by_pause, data["held"]), (held.filter(started_at__isnull=False), data["held_runs"]))
    letting_go = Run.objects.none()
    for chosen, choice in classes:
        if choice == "discard":
            figures["discarded"] += discard(chosen, moment)
        elif choice == "keep":
            figures["kept"] += chosen.update(reason=release.KEPT)
        else:
            letting_go = letting_go | chosen
    figures["released"] = release.begin(workflow, letting_go, data["pace"] or pace_of(workflow), moment)
    schedules.settle_closed(workflow, moment, since=data["paused_at"])
    schedules.arm(workflow, moment)
    if data["missed_ticks"] == "once":
        schedules.run_missed_once(workflow, moment, since=data["paused_at"])
    return figures


def _held(workflow: Workflow) -> RunQuerySet:
    return affected.production(workflow).filter(status=RunStatus.HELD)


def _fresh(held: RunQuerySet, workflow: Workflow) -> RunQuerySet:
    """Held triggers that a resume decides about."""
    fresh = held.filter(started_at=None)
    return fresh.exclude(reason=LAUNCH) if workflow.launch else fresh


def _count_in(held: RunQuerySet, workflow: Workflow) -> int:
    """Count what came during a pause as if it came now, oldest first; hold what the launch does not let through.

    What it let through before the pause has a version and is not counted again. Gives how many are held. No scope
    is known any more of what was held, so a launch by scope holds it all.
    """
    places = enumerate(_uncounted(held), workflow.launch_seen + 1)
    launch = workflow.limit
    assert launch is not None
    let = {pk: launch.lets(place, workflow.pk) for place, pk in places}
    passed, kept = [pk for pk in let if let[pk]], [pk for pk in let if not let[pk]]
    workflow.launch_seen += len(let)
    release.admit(Run.objects.filter(pk__in=passed), workflow)
    return Run.objects.filter(pk__in=kept).update(reason=LAUNCH)


def _uncounted(held: RunQuerySet) -> list[Any]:
    return list(held.filter(version=None).order_by("pk").values_list("pk", flat=True))


def discard(held: RunQuerySet, moment: datetime) -> int:
    """Held triggers end as Skipped (discarded), runs held at a boundary as Cancelled."""
    fresh = outcome.close_all(held.filter(started_at=None), RunStatus.SKIPPED, moment, reason="discarded")
    return fresh + outcome.close_all(held, RunStatus.CANCELLED, moment, reason="discarded")


def resume_preview(workflow: Workflow, data: Data) -> Data:
    """What a resume would meet: held triggers (oldest, newest), held runs by version, overdue waits, ticks missed.

    `held_by_launch`: what a watched launch holds and goes on holding; `launch_holds`: how many of the held triggers it
    would hold then.
    """
    runs, held = affected.production(workflow), _held(workflow)
    fresh, begun = Q(started_at=None), Q(started_at__isnull=False)
    if workflow.launch:
        fresh &= ~Q(reason=LAUNCH)
    found = held.aggregate(
        held_triggers=Count("pk", filter=fresh),
        held_oldest=Min("received_at", filter=fresh),
        held_newest=Max("received_at", filter=fresh),
        held_runs=Count("pk", filter=begun),
        held_by_launch=Count("pk", filter=Q(reason=LAUNCH, started_at=None)),
        uncounted=Count("pk", filter=fresh & Q(version=None)),
        overdue_waits=Count("pk", filter=begun & Q(due_at__lt=stamp())),
    )
    by_version = held.filter(begun).order_by().values_list("version__number").annotate(n=Count("pk"))
    is_tick = Q(trigger_kind="schedule")
    skipped = runs.filter(
        status=RunStatus.SKIPPED, reason="paused", ended_at__gte=workflow.paused_at or workflow.created_at
    ).aggregate(skipped_ticks=Count("pk", filter=is_tick), skipped_triggers=Count("pk", filter=~is_tick))
    uncounted = found.pop("uncounted")
    return {
        **found,
        "launch_holds": _launch_holds(workflow, uncounted),
        "held_runs_by_version": {str(number): n for number, n in by_version},
        **skipped,
        "in_flight": affected.finishing(runs),
        "pace": pace_of(workflow),
    }


def _launch_holds(workflow: Workflow, count: int) -> int:
    """How many of the next `count` triggers the launch holds."""
    launch, seen = workflow.limit, workflow.launch_seen
    if launch is None:
        return 0
    return count - (launch.let(seen + count, workflow.pk) - launch.let(seen, workflow.pk))


def pace_of(workflow: Workflow) -> int:
    """Releases a minute, by the published definition."""
    if workflow.published is None:
        return release.DEFAULT_PACE
    settings = compile_definition(workflow.published.definition).settings
    return settings.release_per_minute or release.DEFAULT_PACE
