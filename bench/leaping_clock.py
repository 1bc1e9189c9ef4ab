"""A host's clock that can be set ahead, for all processes that are forked after it was put in: days pass in minutes.

On PostgreSQL the product asks the database's clock, which stays; there nothing leaps.
"""

import multiprocessing
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

from django.conf import settings
from django.utils import timezone

from config import clock


class LeapingClock:
    """Stands for `datetime` where the product asks what time it is on the host."""

    def __init__(self, behind: timedelta) -> None:
        self.leaps = "postgresql" not in settings.DATABASES["default"]["ENGINE"]
        self._ahead: Any = multiprocessing.Value("d", -behind.total_seconds() if self.leaps else 0.0)

    def install(self) -> None:
        """For this process and those that it forks from now on."""
        if self.leaps:
            clock.datetime = self  # type: ignore[misc,assignment]
            timezone.now = self.now

    def now(self, zone: object = UTC) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead.value)

    def leap(self, seconds: float) -> None:
        """Set it ahead, for all processes at once."""
        if self.leaps:
            with self._ahead.get_lock():
                self._ahead.value += seconds

    def retention(self) -> Any:
        """A context in which retention takes runs for old where the clock cannot make them so."""
        from runs.services import removing  # noqa: PLC0415 - the models need the environment

        later = timedelta(days=0 if self.leaps else 200)
        return mock.patch.object(removing, "stamp", lambda: clock.stamp() + later)
