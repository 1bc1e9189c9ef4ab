"""One thread per process that hands doorbell messages to the broker: nobody else ever waits for it."""

import atexit
import logging
import queue
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

MOST_WAITING = 1_000
"""Messages that may wait, here or at the broker; beyond, rings are dropped and the pump rings later."""
QUIET_AFTER_FAILURE = 5.0
LOOK_EVERY = 0.5
LAST_CHANCE = 1.0


class Ringer:
    """`send` may take its time or raise; `waiting` says how many messages lie at the broker."""

    def __init__(self, send: Callable[[str], object], waiting: Callable[[], int]) -> None:
        self._send, self._waiting = send, waiting
        self._rings: queue.Queue[str] = queue.Queue(MOST_WAITING)
        self._quiet_until = self._look_at = 0.0
        self.is_full = False
        """Whether feeding is to stop for now: enough waits at the broker, or it cannot be reached."""
        threading.Thread(target=self._run, name="ringer", daemon=True).start()
        atexit.register(self._finish)

    def ring(self, run_id: str) -> bool:
        """Take it on, without waiting; False when too much waits already."""
        try:
            self._rings.put_nowait(run_id)
        except queue.Full:
            return False
        return True

    def _run(self) -> None:
        while True:
            try:
                run_id = self._rings.get(timeout=LOOK_EVERY if self.is_full else None)
            except queue.Empty:
                self._turn("")
                continue
            self._turn(run_id)
            self._rings.task_done()

    def _turn(self, run_id: str) -> None:
        if time.monotonic() < self._quiet_until:
            return
        try:
            if run_id and not self.is_full:
                self._send(run_id)
            if time.monotonic() >= self._look_at:
                self._look_at = time.monotonic() + LOOK_EVERY
                self.is_full = self._waiting() + self._rings.qsize() >= MOST_WAITING
        except Exception:  # any broker, any client library: a doorbell's failure is no error
            logger.warning("The broker cannot be reached; the pump will ring.", exc_info=True)
            self._quiet_until = time.monotonic() + QUIET_AFTER_FAILURE
            self._look_at, self.is_full = 0.0, True

    def _finish(self) -> None:
        """A process that ends at once, as a command does, still gives its last rings a moment."""
        deadline = time.monotonic() + LAST_CHANCE
        while self._rings.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)
