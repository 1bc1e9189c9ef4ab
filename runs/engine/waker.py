"""One thread per bell that wakes workers for instant runs: nobody waits for it, and wakes that come while it is busy
are one."""

import atexit
import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

QUIET_AFTER_FAILURE = 2.0
LAST_CHANCE = 1.0


class Waker:
    """`act` wakes a worker; it may take its time or raise. `apart`: the least seconds between two acts."""

    def __init__(self, act: Callable[[], object], *, apart: float = 0.0) -> None:
        self._act, self._apart = act, apart
        self._wanted, self._is_idle = threading.Event(), threading.Event()
        self._is_idle.set()
        threading.Thread(target=self._run, name="waker", daemon=True).start()
        atexit.register(self._finish)

    def wake(self) -> bool:
        """Take it on, without waiting."""
        self._is_idle.clear()
        self._wanted.set()
        return True

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            # Cleared before it acts: what is committed from here on wants a wake of its own.
            self._wanted.clear()
            try:
                self._act()
            except Exception:  # any broker, any driver: a doorbell's failure is no error
                logger.warning("No worker can be woken; the pump will do it.", exc_info=True)
                time.sleep(QUIET_AFTER_FAILURE)
            if not self._wanted.is_set():
                self._is_idle.set()
            time.sleep(self._apart)

    def _finish(self) -> None:
        """A process that ends at once, as a command does, still gives its last wake a moment."""
        self._is_idle.wait(LAST_CHANCE)
