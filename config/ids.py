"""Time-ordered identifiers."""

import os
import threading
import time
import uuid
from datetime import datetime

_lock = threading.Lock()
_last = 0


def new_id() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562, section 5.7): sorts by the millisecond it was made in, and within one
    process strictly by the order of making."""
    global _last
    with _lock:
        _last = max(_last + 1, time.time_ns() * 4096 // 1_000_000)
        moment = _last
    return _assembled(moment)


def id_at(moment: datetime) -> uuid.UUID:
    """An id that sorts as if it had been made at that moment: for history that is entered afterwards."""
    return _assembled(int(moment.timestamp() * 1000) * 4096 + int.from_bytes(os.urandom(2)) % 4096)


def _assembled(moment: int) -> uuid.UUID:
    milliseconds, fraction = divmod(moment, 4096)
    tail = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | tail)
