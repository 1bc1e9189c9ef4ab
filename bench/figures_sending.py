"""A process that accepts occurrences as a web process does, in several threads: webhooks, and events as the API has them."""

import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

from bench.figures_world import Family
from config.clock import stamp
from runs.intake import HoldFull, Occurrence, UnknownTarget, start
from workflows.models import Trigger

THREADS = 8
NAMED = 0.1
REPEATED = 0.2
"""Of ten occurrences one has a delivery id, and of five of these one is sent again."""


class Sender:
    """Draws the triggers by their families' weights."""

    def __init__(self, world: list[Family], seed: str) -> None:
        self.random = random.Random(seed)
        self.weights = {name: family.weight / family.copies for family in world for name in family.names}
        self.voices = [Voice(f"{seed}-{number}") for number in range(THREADS)]

    def serve(self, line: Connection) -> None:
        """Until the other end hangs up: take a number, accept so many, tell how they were answered."""
        with ThreadPoolExecutor(THREADS) as pool:
            while True:
                try:
                    wanted = line.recv()
                except (EOFError, OSError):
                    return
                told = pool.map(Voice.say_all, self.voices, self._shares(wanted))
                line.send(sum(told, Counter()))

    def _shares(self, wanted: int) -> list[list[Trigger]]:
        rows = Trigger.objects.select_related("workflow", "workflow__published").filter(is_live=True)
        triggers = [row for row in rows.order_by("pk") if row.kind in ("webhook", "event")]
        weights = [self.weights[row.workflow.name] for row in triggers]
        drawn = self.random.choices(triggers, weights, k=wanted)
        return [drawn[number::THREADS] for number in range(THREADS)]


class Voice:
    """One thread: what it sends, it draws by itself."""

    def __init__(self, name: str) -> None:
        self.random, self.name, self.count = random.Random(name), name, 0

    def say_all(self, triggers: Sequence[Trigger]) -> Counter[str]:
        return Counter(map(self._say, triggers))

    def _say(self, trigger: Trigger) -> str:
        self.count += 1
        name = f"{self.name}-{self.count}" if self.random.random() < NAMED else ""
        occurrence = self._occurrence(trigger, name)
        try:
            answer = start(trigger, trigger.workflow_id, occurrence)
            if name and self.random.random() < REPEATED:
                assert start(trigger, trigger.workflow_id, occurrence).duplicate
        except (HoldFull, UnknownTarget):
            return "refused"
        return answer.status

    def _occurrence(self, trigger: Trigger, name: str) -> Occurrence:
        end = self.random.choices(("success", "failed"), (93, 7))[0]
        body: dict[str, Any] = {"n": self.count, "end": end, "worth": f"{self.random.random() * 300:.2f}"}
        given = {"body" if trigger.kind == "webhook" else "data": body}
        return Occurrence(trigger.kind, given, stamp(), trigger_id=trigger.trigger_id, delivery_id=name)
