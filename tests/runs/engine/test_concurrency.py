"""Several at once, each in its own transaction: one wins, the others are told, and nothing happens twice."""

import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from audit.models import AuditEvent
from audit.verify import verify
from runs import services as run_services
from runs.engine import executor, release, sweeper
from runs.models import Run
from tests.factories import make_run, make_workflow
from tests.runs.engine.crowd import WORKERS, at_once, ended, eventually, working
from tests.runs.engine.driving import accept, advance, definition, make_due, workflow_of
from workflows import services
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

STEP = {"id": "a", "kind": "set", "values": {"x": 1}}
NAP = {"id": "nap", "kind": "delay", "for": "PT5M"}
REASON = "Two people at once"


def changed(results: list[Any]) -> int:
    return sum(getattr(result, "changed", False) for result in results)


def event_count() -> int:
    return AuditEvent.objects.count()


def test_of_twenty_people_at_one_revision_one_wins() -> None:
    choice = random.Random(5)
    for _ in range(5):
        workflow = workflow_of(STEP)
        verbs = {
            "pause": partial(services.pause, workflow.pk, reason=REASON),
            "stop": partial(services.stop, workflow.pk, reason=REASON),
            "rename": partial(services.rename, workflow.pk, name=f"Renamed {workflow.pk}"),
            "describe": partial(services.describe, workflow.pk, description="New words"),
        }
        names = choice.choices(sorted(verbs), k=20)
        before = event_count()

        results = at_once(*[partial(verbs[name], revision=workflow.revision) for name in names])

        assert changed(results) == 1
        assert event_count() == before + 1
        winner = names[next(n for n, result in enumerate(results) if getattr(result, "changed", False))]
        told = [(n, result) for n, result in zip(names, results, strict=True) if n != winner]
        # Who wanted what the winner wanted is told that nothing is to be done, whatever they saw.
        assert {result for _n, result in told} <= {"stale_revision", "not_possible_now"}
        same = [
            r for n, r in zip(names, results, strict=True) if n == winner and not getattr(r, "changed", 0)
        ]
        assert all(r == "stale_revision" or r.changed is False for r in same)
        assert Workflow.objects.get(pk=workflow.pk).revision == workflow.revision + 1
    assert verify().ok


def active() -> Workflow:
    return workflow_of(STEP)


def with_draft() -> Workflow:
    workflow = workflow_of(STEP)
    services.save_draft(workflow.pk, {**definition(NAP), "name": workflow.name})
    return workflow


DOUBLED: dict[str, tuple[Callable[[], Workflow], Callable[[int], Any], int]] = {
    "run": (partial(workflow_of, STEP, status="not_running"), partial(services.run, accept_warnings=True), 1),
    "pause": (active, partial(services.pause, reason=REASON), 1),
    "resume": (partial(workflow_of, STEP, status="paused"), services.resume, 1),
    "stop": (active, partial(services.stop, reason=REASON), 1),
    "stop and archive": (active, partial(services.stop, reason=REASON, archive=True), 2),
    "archive": (partial(workflow_of, STEP, status="not_running"), services.archive, 1),
    "unarchive": (partial(workflow_of, STEP, status="archived"), services.unarchive, 1),
    "publish": (with_draft, partial(services.publish, accept_warnings=True), 1),
    "discard draft": (with_draft, services.discard_draft, 1),
    "rename": (active, partial(services.rename, name="Another name"), 1),
}


@pytest.mark.parametrize("verb", DOUBLED)
def test_verb_sent_eight_times_at_once_acts_once(verb: str) -> None:
    make, act, events = DOUBLED[verb]
    workflow = make()
    before = event_count()

    results = at_once(*[partial(act, workflow.pk)] * 8)

    assert changed(results) == 1
    assert [result.changed for result in results].count(False) == 7
    assert event_count() == before + events


def held() -> Run:
    workflow = workflow_of(STEP, status="paused")
    run = accept(workflow)
    services.resume(workflow.pk, held="keep")
    return run


def waiting() -> Run:
    return advance(accept(workflow_of(NAP)))


DOUBLED_ON_RUNS: dict[str, tuple[Callable[[], Run], Callable[[Any], Any]]] = {
    "cancel": (waiting, run_services.cancel),
    "kill": (waiting, run_services.kill),
    "release": (held, run_services.release),
    "discard": (held, run_services.discard),
}


@pytest.mark.parametrize("verb", DOUBLED_ON_RUNS)
def test_verb_on_a_run_sent_eight_times_at_once_acts_once(verb: str) -> None:
    make, act = DOUBLED_ON_RUNS[verb]
    run = make()
    before = event_count()

    results = at_once(*[partial(act, run.pk)] * 8)

    assert changed(results) == 1
    assert event_count() == before + 1


def test_pause_during_a_release_lets_nothing_more_go() -> None:
    for _ in range(5):
        workflow = workflow_of(STEP, release_per_minute=100_000)
        services.pause(workflow.pk, reason=REASON)
        runs = [accept(workflow) for _ in range(20)]
        services.resume(workflow.pk)
        with working(release.tick, release.tick, release.adopt_strays, workers=4):
            assert eventually(partial(has_ended, runs))
            at = services.pause(workflow.pk, reason="Again").figures["paused_at"]
            time.sleep(0.02)

        mine = Run.objects.filter(workflow=workflow)
        assert not mine.filter(started_at__gt=at).exists()
        assert set(mine.values_list("status", flat=True)) <= {"held", "success"}
        assert not mine.filter(status="held", held_until=None).exists()
        assert mine.count() == len(runs)


def test_child_and_parent_that_end_and_wait_together_never_miss_each_other() -> None:
    child = workflow_of(STEP)
    start = {"id": "sub", "kind": "start_workflow", "workflow": child.name, "payload": {}, "wait": True}
    with working(sweeper.ring_due, workers=WORKERS) as crew:
        parents = [accept(workflow_of(start)) for _ in range(20)]
        assert eventually(lambda: ended(parents) == 20), statuses(crew.problems)

    assert set(Run.objects.values_list("status", flat=True)) == {"success"}


def test_last_runs_that_end_together_leave_one_drained_event() -> None:
    for _ in range(5):
        workflow = workflow_of(NAP)
        runs = [advance(accept(workflow)) for _ in range(8)]
        services.pause(workflow.pk, reason=REASON, in_flight="finish")
        for run in runs:
            make_due(run)

        at_once(*[partial(executor.advance, str(run.pk)) for run in runs])

        mine = AuditEvent.objects.filter(subject_kind="workflow", subject_id=str(workflow.pk))
        assert mine.filter(event="Workflow drained").count() == 1


def test_stops_pauses_and_cancels_under_load_never_block_each_other() -> None:
    """No deadlock, no lost run, whatever the order of locks: parents and children in both workflows."""
    child = make_workflow(definition=definition(STEP, NAP))
    start = {"id": "sub", "kind": "start_workflow", "workflow": child.name, "payload": {}, "wait": True}
    parent = workflow_of(start)

    def steer(workflow: Workflow) -> None:
        services.pause(workflow.pk, reason=REASON, in_flight="hold")
        services.resume(workflow.pk, held="discard")
        services.stop(workflow.pk, reason=REASON)
        services.run(workflow.pk, accept_warnings=True)

    def enter() -> None:
        make_run(parent)
        for pk in Run.objects.open().values_list("pk", flat=True)[:20]:
            executor.advance(str(pk))

    with working(partial(steer, child), partial(steer, parent), enter, enter, workers=2):
        time.sleep(2)

    for run in Run.objects.open():
        run_services.kill(run.pk)
    assert not Run.objects.open().exists()
    assert verify().ok


def has_ended(runs: list[Run]) -> bool:
    return ended(runs) > 0


def statuses(problems: list[Exception]) -> Any:
    return problems, list(Run.objects.values_list("status", "reason", "due_at"))
