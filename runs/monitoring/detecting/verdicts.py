"""What a detector says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import log10
from typing import Final

HIGHEST_SCORE: Final = 99.0


class Kind(StrEnum):
    """What can be unusual about a workflow."""

    FAILURES = "failures"
    SPIKE = "spike"
    SILENCE = "silence"
    DURATION = "duration"
    SLOW_SCHEDULE = "slow_schedule"


@dataclass(frozen=True)
class Verdict:
    """Something unusual that holds now.

    `since` and `until` bound the runs that show it. `score` is minus the decimal logarithm of the probability of
    seeing this by chance, 99 at most. `observed` and `expected` are in the kind's own unit: ratios of failure, runs
    in an hour, milliseconds; of a silence `observed` is 0 and `expected` the runs that should have come.
    """

    kind: Kind
    since: datetime
    until: datetime
    score: float
    observed: float
    expected: float
    facts: Mapping[str, float | int] = field(default_factory=dict)


def score(chance: float) -> float:
    """Minus the decimal logarithm of a probability, at most HIGHEST_SCORE."""
    return round(min(HIGHEST_SCORE, -log10(max(chance, 1e-99))), 2)
