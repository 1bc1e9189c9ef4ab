"""The lane of instant runs: one thread of a worker that ends what waits whenever it is woken.

They do not go through the broker where a worker can be woken directly: a message costs more than such a run.
"""

import logging
import threading

from django.db import close_old_connections, connections

from runs.engine import batch, doorbell

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
APART = 0.003
"""After a batch that was not full, what comes next may gather for so many seconds."""
FULL_IN_A_ROW = 4
"""So many full batches one after the other are a backlog, for which other workers are called too."""


class Lane(threading.Thread):
    """`wake` may be called by any thread and as often as wanted; while it works, many wakes are one."""

    def __init__(self) -> None:
        super().__init__(name="lane", daemon=True)
        self.stopping = threading.Event()
        self._woken = threading.Event()

    def wake(self) -> None:
        """Instant runs may wait."""
        self._woken.set()

    def run(self) -> None:
        while not self.stopping.is_set():
            if not self._woken.wait(LOOK_SECONDS):
                continue
            self._woken.clear()
            try:
                drain(self.stopping)
                self.stopping.wait(APART)
            except Exception:  # the thread must outlive whatever befalls one batch; the pump wakes it again
                logger.exception("Instant runs could not be advanced.")
                close_old_connections()
        connections.close_all()


def drain(stopping: threading.Event) -> int:
    """End instant runs until none is left that was there when it looked; gives their number."""
    total = full = 0
    while not stopping.is_set():
        count = batch.advance_waiting()
        total += count
        if count < batch.SIZE:
            break
        full += 1
        if full % FULL_IN_A_ROW == 0:
            doorbell.call_for_help()
    return total
