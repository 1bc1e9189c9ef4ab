"""The one clock of an exchange."""

from time import monotonic

from workflows.outgoing.errors import DeadlineReached

LONGEST = 3600.0


class Deadline:
    """A moment that lies `seconds` ahead; raises ValueError unless 0 < seconds <= 3600."""

    def __init__(self, seconds: float) -> None:
        if not 0 < seconds <= LONGEST:
            raise ValueError("A timeout lies between 0 and 3600 seconds.")
        self.seconds = seconds
        self._end = monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, always more than 0; raises DeadlineReached when none are."""
        left = self._end - monotonic()
        if left <= 0:
            raise DeadlineReached
        return left
