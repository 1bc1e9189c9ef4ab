"""R25 to R27: several people, or one who clicks twice, at the same moment."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from audit.models import AuditEvent
from runs import services as run_services
from runs.models import Run
from tests.chaos.held import HEARD, hold
from tests.chaos.matrix import Outcome, row
from tests.chaos.rig import Flow, Rig
from tests.chaos.rows.gates import HOOK, STEPS
from tests.chaos.trials import in_time
from tests.runs.engine.crowd import at_once
from workflows import services
from workflows.lifecycle import Stale
from workflows.models import Workflow
from workflows.services import receipts

REASON = "Two people at once"
CLIENTS = 20
SAVES = 1_000


def events_of(flow: Flow) -> int:
    return AuditEvent.objects.filter(subject_kind="workflow", subject_id=str(flow.pk)).count()


@row("R25", "Two people at once: one wins, one is told", fault="20 clients with random verbs at one revision",
     first=20, full=500)  # fmt: skip
def one_wins(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="until all 20 were answered")
    for _trial in range(trials):
        flow = rig.flow("Contested", *STEPS)
        begun = time.perf_counter()
        problems = contest(rig, flow)
        outcome.add(1, problems, time.perf_counter() - begun)
        services.stop(flow.pk, reason="The trial is over")
    outcome.failures += rig.breaches()
    return outcome


def contest(rig: Rig, flow: Flow) -> list[str]:
    verbs: dict[str, Callable[..., Any]] = {
        "pause": partial(services.pause, flow.pk, reason=REASON),
        "stop": partial(services.stop, flow.pk, reason=REASON),
        "rename": partial(services.rename, flow.pk, name=f"Renamed {flow.pk}"),
        "describe": partial(services.describe, flow.pk, description="New words"),
    }
    revision, before = Workflow.objects.get(pk=flow.pk).revision, events_of(flow)
    names = rig.random.choices(sorted(verbs), k=CLIENTS)
    results = at_once(*[partial(verbs[name], revision=revision) for name in names])
    winners = [name for name, result in zip(names, results, strict=True) if getattr(result, "changed", False)]
    problems = [] if len(winners) == 1 else [f"winners: {winners}"]
    for name, result in zip(names, results, strict=True):
        is_told = result in ("stale_revision", "not_possible_now")
        is_same = getattr(result, "changed", None) is False and name in winners
        if not (is_told or is_same or getattr(result, "changed", False)):
            problems.append(f"{name} was answered {result}")
    found = (Workflow.objects.get(pk=flow.pk).revision - revision, events_of(flow) - before)
    return problems + ([] if found == (1, 1) else [f"revisions and events: {found}"])


@row("R26", "Edits are never lost unseen", fault="2 editors, 1,000 saves a trial", first=1, full=100)
def nothing_overwritten_unseen(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="1,000 saves")
    for _trial in range(trials):
        flow = rig.flow("Edited", *STEPS)
        begun = time.perf_counter()
        editors = [Editor(flow, name) for name in ("ada", "ken")]
        at_once(*[editor.work for editor in editors])
        problems = [problem for editor in editors for problem in editor.unseen()]
        outcome.add(1, problems, time.perf_counter() - begun)
        services.stop(flow.pk, reason="The trial is over")
    outcome.failures += rig.breaches()
    return outcome


@dataclass
class Editor:
    """Reads, raises its own count in the first step's values, saves with the revision that it read.

    Where that is stale, it reads again. Whoever overwrote what they had not seen would take a count back.
    """

    flow: Flow
    name: str
    saves: int = 0

    def work(self) -> None:
        while self.saves < SAVES // 2:
            self.save()

    def save(self) -> None:
        workflow = standing(self.flow)
        document = json.loads(newest(workflow))
        values = document["steps"][0]["values"]
        values[self.name] = str(int(values.get(self.name, "0")) + 1)
        try:
            self.saves += services.save_draft(self.flow.pk, document, revision=workflow.revision).changed
        except Stale:
            return

    def unseen(self) -> list[str]:
        counted = json.loads(newest(standing(self.flow)))["steps"][0]["values"].get(self.name, "0")
        return [] if int(counted) == self.saves else [f"{self.saves} saves of {self.name}, {counted} stand"]


def standing(flow: Flow) -> Workflow:
    return Workflow.objects.select_related("draft", "published").get(pk=flow.pk)


def newest(workflow: Workflow) -> str:
    version = workflow.draft or workflow.published
    assert version is not None
    return version.definition


@dataclass(frozen=True)
class Mutation:
    """`make` brings a workflow where the verb is possible, and gives what `act` acts on; so many events are due."""

    make: Callable[[Rig, Flow], Any]
    act: Callable[[Any], Any]
    events: int = 1


def itself(rig: Rig, flow: Flow) -> int:
    return flow.pk


def paused(rig: Rig, flow: Flow) -> int:
    services.pause(flow.pk, reason=REASON)
    return flow.pk


def stopped(rig: Rig, flow: Flow) -> int:
    services.stop(flow.pk, reason=REASON)
    return flow.pk


def archived(rig: Rig, flow: Flow) -> int:
    services.stop(flow.pk, reason=REASON, archive=True)
    return flow.pk


def drafted(rig: Rig, flow: Flow) -> int:
    document = json.loads(newest(standing(flow)))
    services.save_draft(flow.pk, {**document, "steps": [*document["steps"], {"id": "end", "kind": "finish"}]})
    return flow.pk


def held_run(rig: Rig, flow: Flow) -> Any:
    paused(rig, flow)
    (run,) = hold(flow, 1)
    services.resume(flow.pk, held="keep")
    return run


def waiting_run(rig: Rig, flow: Flow) -> Any:
    document = json.loads(newest(standing(flow)))
    services.save_draft(flow.pk, {**document, "steps": [{"id": "nap", "kind": "delay", "for": "PT1H"}]})
    services.publish(flow.pk, accept_warnings=True)
    (run,) = rig.trigger(flow, 1)
    in_time(lambda: Run.objects.filter(pk=run, status="waiting").exists(), 30, "")
    return run


MUTATIONS: dict[str, Mutation] = {
    "run": Mutation(stopped, partial(services.run, accept_warnings=True)),
    "pause": Mutation(itself, partial(services.pause, reason=REASON)),
    "change pause": Mutation(paused, partial(services.change_pause, category="outage")),
    "resume": Mutation(paused, services.resume),
    "stop": Mutation(itself, partial(services.stop, reason=REASON)),
    "stop and archive": Mutation(itself, partial(services.stop, reason=REASON, archive=True), events=2),
    "archive": Mutation(stopped, services.archive),
    "unarchive": Mutation(archived, services.unarchive),
    "publish": Mutation(drafted, partial(services.publish, accept_warnings=True)),
    "discard draft": Mutation(drafted, services.discard_draft),
    "rename": Mutation(itself, lambda pk: services.rename(pk, name=f"Another name {pk}")),
    "describe": Mutation(itself, partial(services.describe, description="Other words")),
    "roll back": Mutation(drafted, partial(services.roll_back, to=1, replace_draft=True)),
    "clone": Mutation(itself, services.clone, events=2),
    "cancel": Mutation(waiting_run, run_services.cancel),
    "kill": Mutation(waiting_run, run_services.kill),
    "release": Mutation(held_run, run_services.release),
    "discard": Mutation(held_run, run_services.discard),
    "start by hand": Mutation(itself, lambda pk: run_services.start_by_hand(pk, {})),
}


@row("R27", "A doubled mutation acts once", fault="each verb twice at once, under the same key",
     first=len(MUTATIONS), full=50 * len(MUTATIONS))  # fmt: skip
def doubled_acts_once(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="until both were answered")
    rig.staff(1, threads=2)
    for number in range(trials):
        name = list(MUTATIONS)[number % len(MUTATIONS)]
        flow = rig.flow("Doubled", *STEPS, triggers=[HOOK, HEARD, {"id": "by_hand", "kind": "manual"}])
        subject = MUTATIONS[name].make(rig, flow)
        begun = time.perf_counter()
        problems = twice(MUTATIONS[name], subject, f"{name} {number}")
        outcome.add(1, [f"{name}: {problem}" for problem in problems], time.perf_counter() - begun)
    outcome.failures += rig.breaches()
    return outcome


def twice(mutation: Mutation, subject: Any, key: str) -> list[str]:
    """Both get the same answer, and what is left is one act's."""
    before, runs = AuditEvent.objects.count(), Run.objects.count()

    def act() -> str:
        return receipts.once(key, key, lambda: answer(mutation.act(subject)))

    first, second = at_once(act, act)
    events = AuditEvent.objects.count() - before
    problems = [] if first == second else [f"answered {first!r} and {second!r}"]
    problems += [] if events == mutation.events else [f"{events} events instead of {mutation.events}"]
    return problems + ([f"{Run.objects.count() - runs} new runs"] if Run.objects.count() > runs + 1 else [])


def answer(result: Any) -> str:
    """What a client would be told: whether it changed anything, and of what it speaks."""
    about = getattr(result, "workflow", None) or getattr(result, "run", None) or result
    return f"{getattr(result, 'changed', True)} {about.pk}"
