"""How often intake refused something: all that a refused signature or value leaves behind.

Counted in the memory of this process, since whoever sends rubbish must not make the database grow; each
refusal is also logged, without anything the sender wrote.
"""

import logging
import threading
from collections import Counter

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_counts: Counter[tuple[str, str]] = Counter()


def refused(what: str, reason: str, *, trigger: int | None = None) -> None:
    """Count one refusal. `what`: webhook, event or condition; `reason` a stable word; `trigger` its key."""
    with _lock:
        _counts[what, reason] += 1
    logger.warning("Refused: %s (%s), trigger %s.", what, reason, trigger or "-")


def counts() -> dict[tuple[str, str], int]:
    """The refusals since this process started, by what and reason."""
    with _lock:
        return dict(_counts)
