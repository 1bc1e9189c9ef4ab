"""How long a failed step waits before its next try."""

import random
from datetime import timedelta

from workflows.steps.model import Retry

LONGEST_RETRY_AFTER = timedelta(hours=1)


def backoff(retry: Retry, attempt: int, problem: Exception) -> timedelta:
    """How long to wait before the next try: doubled each time, capped, with jitter; Retry-After is the least.

    The jitter takes away up to a fifth, so that many runs that failed together do not return together.
    """
    doubled = min(retry.backoff * 2 ** min(attempt - 1, 30), retry.max_backoff)
    jittered = doubled * (1 - random.random() / 5)  # noqa: S311 - no secret depends on it
    asked = getattr(problem, "retry_after", None)
    return max(jittered, min(timedelta(seconds=asked), LONGEST_RETRY_AFTER)) if asked else jittered
