"""How much one sender may deliver: each webhook takes so many deliveries a minute, counted over all web processes of a host.

The generic cell rate algorithm (ITU-T I.371, annex A): all that is kept of a sender is the instant up to which its
deliveries are paid for. One that was silent for a minute may send a minute's worth at once, after that one at a time.
"""

import math
import mmap
import struct
import time
from functools import lru_cache

from django.conf import settings

WINDOW = 60.0
PLACES = 8192
LOOKED_AT = 8
"""Places in a row of which one may be a sender's: who finds all of them taken is not counted."""

_PLACE = struct.Struct("<Qd")


class Rates:
    """Senders and the instants up to which they have paid, in memory that processes forked later share.

    Two processes that write one sender's instant at once may count one delivery too few, never one too many.
    """

    def __init__(self, places: int = PLACES) -> None:
        self._places = places
        self._shared = mmap.mmap(-1, places * _PLACE.size)

    def wait(self, sender: int, per_minute: int, now: float) -> float:
        """Seconds until the sender may deliver again; 0.0: it may now, and that is counted.

        `sender`: a number from 1. `now`: seconds of a clock that all processes share, as `time.monotonic` is on Linux.
        """
        place, paid = self._find(sender, now)
        if place is None:
            return 0.0
        apart = WINDOW / per_minute
        ahead = max(paid, now) + apart - now
        # Half a delivery more, or what adding up leaves at the last digits would refuse the last of a minute.
        if ahead > WINDOW + apart / 2:
            return ahead - WINDOW
        _PLACE.pack_into(self._shared, place, sender, now + ahead)
        return 0.0

    def _find(self, sender: int, now: float) -> tuple[int | None, float]:
        """Where a sender is or may be entered, and up to when it has paid. A place whose sender owes nothing is free."""
        free = None
        for number in range(sender, sender + LOOKED_AT):
            place = number % self._places * _PLACE.size
            found, paid = _PLACE.unpack_from(self._shared, place)
            if found == sender:
                return place, paid
            if free is None and paid <= now:
                free = place
        return free, now


@lru_cache(maxsize=1)
def prepare() -> Rates:
    """The one of this process and of those that it forks from now on. A process that was forked before has its own."""
    return Rates()


def seconds_to_wait(trigger_pk: int) -> int:
    """Whole seconds after which this webhook takes the next delivery; 0: it takes this one, and counts it."""
    per_minute = settings.DELIVERIES_PER_MINUTE
    if not per_minute:
        return 0
    return math.ceil(prepare().wait(trigger_pk, per_minute, time.monotonic()))
