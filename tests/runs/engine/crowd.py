"""Many threads at once on the real database: workers fed by the doorbell, and people who act together."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connection

from config.clock import stamp
from runs.engine import batch, doorbell, executor
from runs.intake import Occurrence, start
from runs.models import CLOSED, Run
from workflows.lifecycle import Refusal
from workflows.models import Workflow

WORKERS = 8
BREATH = 0.02


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Perform the acts together, each in a thread of its own; gives results, or the code of a refusal."""
    begin = threading.Barrier(len(acts))

    def perform(act: Callable[[], Any]) -> Any:
        try:
            begin.wait(timeout=10)
            return act()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(perform, acts))


class Crew:
    """Worker threads that advance what the doorbell is rung for; `problems` holds what they raised."""

    def __init__(self, workers: int = WORKERS) -> None:
        self.rings: queue.Queue[str] = queue.Queue()
        self.ended = threading.Event()
        self.problems: list[Exception] = []
        self._threads = [threading.Thread(target=self._work) for _ in range(workers)]

    def employ(self, act: Callable[[], Any]) -> None:
        """One more thread that repeats an act until the end."""
        self._threads.append(threading.Thread(target=self._repeat, args=[act]))

    def _work(self) -> None:
        self._repeat(self._answer)

    def _answer(self) -> None:
        try:
            run_id = self.rings.get(timeout=0.02)
        except queue.Empty:
            return
        if run_id == doorbell.WAKE:
            batch.advance_waiting()
        else:
            executor.advance(run_id)

    def _repeat(self, act: Callable[[], Any]) -> None:
        try:
            while not self.ended.is_set():
                act()
        except Exception as problem:
            self.problems.append(problem)
        finally:
            connection.close()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self.ended.set()
        for thread in self._threads:
            thread.join(timeout=30)
        assert self.problems == []
        assert not any(thread.is_alive() for thread in self._threads)


@contextmanager
def working(*acts: Callable[[], Any], workers: int = WORKERS) -> Iterator[Crew]:
    """While inside, workers answer the doorbell and the acts are repeated, each in its own thread."""
    crew = Crew(workers)
    for act in acts:
        crew.employ(act)

    def wake() -> None:
        crew.rings.put(doorbell.WAKE)

    with mock.patch.object(doorbell, "ring", crew.rings.put), mock.patch.object(doorbell, "wake", wake):
        crew.start()
        try:
            yield crew
        finally:
            crew.end()


def sender(workflow: Workflow) -> Callable[[], Any]:
    """Sends one webhook delivery a call, with a breath in between: some 50 a second."""
    trigger = workflow.triggers.get(trigger_id="hook")

    def send() -> None:
        start(trigger, workflow.pk, Occurrence("webhook", {"body": {}}, stamp()))
        time.sleep(BREATH)

    return send


def ended(runs: list[Run]) -> int:
    """How many of them are closed."""
    return Run.objects.filter(pk__in=[run.pk for run in runs], status__in=CLOSED).count()


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it holds within a time that no healthy machine needs."""
    deadline = time.monotonic() + 60
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()
