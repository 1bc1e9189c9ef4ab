"""Bulkheads: how many runs of one workflow a worker process executes at a time.

A workflow whose targets hang would else take every thread, and all others would stand still. Runs that are turned
away stay as they are and are rung for as soon as one of their workflow leaves. Instant runs have a lane of their own
and do not come here.
"""

import threading
from collections import Counter, OrderedDict

from django.conf import settings

MOST_REMEMBERED = 10_000
"""Runs turned away per workflow that are remembered; the pump rings again for the others."""


class Bulkhead:
    """Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside: Counter[int] = Counter()
        self._turned_away: dict[int, OrderedDict[str, None]] = {}
        self._workflow_of: dict[str, int] = {}

    def enter(self, workflow_pk: int, run_id: str) -> bool:
        """Take a place; False, and the run is remembered, while its workflow has as many as it may."""
        with self._lock:
            if self._inside[workflow_pk] < settings.WORKFLOW_SLOTS:
                self._inside[workflow_pk] += 1
                self._forget(workflow_pk, run_id)
                return True
            waiting = self._turned_away.setdefault(workflow_pk, OrderedDict())
            if len(waiting) < MOST_REMEMBERED:
                waiting[run_id] = None
                self._workflow_of[run_id] = workflow_pk
            return False

    def keeps_waiting(self, run_id: str) -> bool:
        """Whether a run was turned away before and would be again: the pump rings for what waits time and again."""
        with self._lock:
            workflow_pk = self._workflow_of.get(run_id)
            return workflow_pk is not None and self._inside.get(workflow_pk, 0) >= settings.WORKFLOW_SLOTS

    def leave(self, workflow_pk: int) -> str | None:
        """Give the place back; gives a run that was turned away, oldest first, to be rung for now."""
        with self._lock:
            self._inside[workflow_pk] -= 1
            if not self._inside[workflow_pk]:
                del self._inside[workflow_pk]
            return self._first(workflow_pk)

    def admissible(self) -> list[str]:
        """Runs that were turned away and for which there are places, as many as there are, to be rung for now.

        Who leaves lets one in; but one that somebody else executed meanwhile never enters, and so never leaves.
        """
        with self._lock:
            free = {pk: settings.WORKFLOW_SLOTS - self._inside.get(pk, 0) for pk in self._turned_away}
            called = [self._first(pk) for pk, places in free.items() for _place in range(places)]
        return [run_id for run_id in called if run_id is not None]

    def _first(self, workflow_pk: int) -> str | None:
        waiting = self._turned_away.get(workflow_pk)
        if not waiting:
            return None
        run_id = next(iter(waiting))
        self._forget(workflow_pk, run_id)
        return run_id

    def _forget(self, workflow_pk: int, run_id: str) -> None:
        self._workflow_of.pop(run_id, None)
        waiting = self._turned_away.get(workflow_pk)
        if waiting is not None:
            waiting.pop(run_id, None)
            if not waiting:
                del self._turned_away[workflow_pk]
