"""At most so many exchanges with one host at a time, so that a host which never answers cannot take every thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from workflows.outgoing.deadline import Deadline
from workflows.outgoing.errors import HostBusy

STUCK_SECONDS = 1.0
"""When even the newest exchange with a host has lasted so long, nobody waits for it in a thread."""


class HostSlots:
    """The exchanges under way per host, as their beginnings; hosts without an exchange leave nothing behind."""

    def __init__(self) -> None:
        self._begun: dict[str, list[float]] = {}
        self._changed = threading.Condition()

    @contextmanager
    def held(self, host: str, *, limit: int, deadline: Deadline, may_refuse: bool) -> Iterator[None]:
        """A slot for the time of the block.

        Raises HostBusy, if the caller may be refused, when the exchanges that hold the slots hang: at once if they
        have for some time, or as soon as they have. Else waits, and raises DeadlineReached when none becomes free.
        """
        with self._changed:
            while len(self._begun.get(host, ())) >= limit:
                self._wait(host, deadline, may_refuse=may_refuse)
            begun = time.monotonic()
            self._begun.setdefault(host, []).append(begun)
        try:
            yield
        finally:
            with self._changed:
                self._begun[host].remove(begun)
                if not self._begun[host]:
                    del self._begun[host]
                self._changed.notify_all()

    def _wait(self, host: str, deadline: Deadline, *, may_refuse: bool) -> None:
        patience = self._patience(host)
        if may_refuse and patience <= 0:
            raise HostBusy(host)
        left = deadline.remaining()
        self._changed.wait(min(left, patience) if may_refuse else left)

    def _patience(self, host: str) -> float:
        """Seconds until the exchanges with a host count as hanging."""
        return max(self._begun[host]) + STUCK_SECONDS - time.monotonic()

    def is_stuck(self, host: str, *, limit: int) -> bool:
        """Whether `held` would raise HostBusy now."""
        with self._changed:
            return len(self._begun.get(host, ())) >= limit and self._patience(host) <= 0
