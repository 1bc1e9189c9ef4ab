"""What goes on during a soak: deliveries at a steady rate, and pauses that are lifted again."""

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack

from django.db import connection

from audit.context import acting
from runs.models import RunStatus
from tests.chaos.rig import HERE, Flow, Rig
from tests.chaos.senders import Answer
from workflows.models import Status, Workflow
from workflows.services import pausing, resuming

SENDERS = 4
BEHIND = 2.0
PACE = 30_000
EVERY, HOW_LONG = (5.0, 20.0), (1.0, 6.0)


def flows(rig: Rig) -> list[Flow]:
    """One that computes only, one that calls a target which takes a key, one that waits."""
    first = {"id": "first", "kind": "set", "values": {"n": "{{ trigger.body.n }}"}}
    branch = {"name": "any", "if": {"left": "{{ steps.first.n }}", "op": "exists"}, "steps": []}
    decide = {"id": "decide", "kind": "decision", "branches": [branch]}
    ask = {"id": "ask", "kind": "http_request", "method": "PUT", "url": rig.sink.url("ok"), "json": {}}
    rest = {"id": "rest", "kind": "delay", "for": "PT2S"}
    return [
        rig.flow("Soak, computing", first, decide, {"id": "end", "kind": "finish"}),
        rig.flow("Soak, calling", first, ask),
        rig.flow("Soak, waiting", first, rest),
    ]


class Steady:
    """While inside, so many deliveries a second go to the flows in turn, each repeated until it is accepted.

    A delivery that takes long does not slow the others down as long as a sender is free; what was missed by more
    than two seconds is not caught up with. `answers` grows meanwhile.
    """

    def __init__(self, rig: Rig, targets: Sequence[Flow], rate: float) -> None:
        self.rig, self.targets, self.apart = rig, targets, SENDERS / rate
        self.answers: list[Answer] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=[number]) for number in range(SENDERS)]

    def _send(self, number: int) -> None:
        due = time.monotonic() + self.apart * number / SENDERS
        turn = number
        while not self._over.wait(max(0.0, due - time.monotonic())):
            flow = self.targets[turn % len(self.targets)]
            self.answers.append(self.rig.post.insist(flow.path, self.rig.post.name("soak")))
            turn, due = turn + 1, max(due + self.apart, time.monotonic() - BEHIND)

    def __enter__(self) -> "Steady":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


class Pauser:
    """While inside, a flow is paused now and then for some seconds and resumed; `count` says how often, `late` what ran."""

    def __init__(self, rig: Rig, targets: Sequence[Flow]) -> None:
        self.rig, self.targets = rig, targets
        self.count = 0
        self.problems: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        with ExitStack() as kept:
            kept.enter_context(acting(HERE, origin="system"))
            kept.callback(connection.close)
            while not self._over.wait(self.rig.random.uniform(*EVERY)):
                self._pause(self.rig.random.choice(list(self.targets)))

    def _pause(self, flow: Flow) -> None:
        paused_at = pausing.pause(flow.pk, reason="soak").figures["paused_at"]
        self._over.wait(self.rig.random.uniform(*HOW_LONG))
        late = Workflow.objects.get(pk=flow.pk).runs.filter(started_at__gt=paused_at).count()
        if late:
            self.problems.append(f"{late} runs of {flow.name} started after the pause at {paused_at}")
        resuming.resume(flow.pk, held="release", held_runs="release", pace=PACE, accept_warnings=True)
        self.count += 1

    def __enter__(self) -> "Pauser":
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._over.set()
        self._thread.join()


def held_left(targets: Sequence[Flow]) -> int:
    """How many runs of the flows are still held or on their way out of being held."""
    flows_of_all = Workflow.objects.filter(pk__in=[flow.pk for flow in targets], status=Status.ACTIVE)
    return sum(flow.runs.filter(status=RunStatus.HELD).count() for flow in flows_of_all)
