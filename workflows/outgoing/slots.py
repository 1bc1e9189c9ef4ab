"""At most so many exchanges with one host at a time, so that a host which never answers cannot take every thread."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from workflows.outgoing.deadline import Deadline
from workflows.outgoing.errors import DeadlineReached


class HostSlots:
    """Counts per host; hosts without an exchange leave nothing behind."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def held(self, host: str, *, limit: int, deadline: Deadline) -> Iterator[None]:
        """A slot for the time of the block; raises DeadlineReached when none becomes free in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._taken[host] < limit, deadline.remaining()):
                raise DeadlineReached
            self._taken[host] += 1
        try:
            yield
        finally:
            with self._changed:
                self._taken[host] -= 1
                if not self._taken[host]:
                    del self._taken[host]
                self._changed.notify_all()
