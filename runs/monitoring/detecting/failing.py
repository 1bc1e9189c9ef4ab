"""The failure ratio: above what is usual for this workflow, or above the rule that warns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from runs.monitoring.detecting.tails import beta_binomial_upper, binomial_upper
from runs.monitoring.detecting.verdicts import Kind, Verdict, score

CHANCE: Final = 1e-5
STILL_CHANCE: Final = 1e-2
LEAST_FAILED: Final = 5
LEAST_ENDED: Final = 20
TIMES: Final = 2.0
RULE: Final = 0.10
"""product.md, section 5: the ratio above which a workflow is failing."""
PRIOR: Final = (0.5, 9.5)
"""What is taken as usual before anything is known: as if half a run in ten had failed."""
LEAST_DAYS: Final = 7
LEAST_CORRELATION: Final = 0.002


@dataclass(frozen=True)
class Ended:
    """Production runs that ended within a span, by outcome."""

    succeeded: int
    failed: int

    @property
    def total(self) -> int:
        return self.succeeded + self.failed

    @property
    def ratio(self) -> float:
        return self.failed / self.total if self.total else 0.0


@dataclass(frozen=True)
class Usual:
    """A Beta distribution of the day's failure ratio. `bad_day`: the ratio of the second worst day that was seen."""

    a: float
    b: float
    bad_day: float = 0.0

    @property
    def ratio(self) -> float:
        return self.a / (self.a + self.b)


def usual(days: Sequence[Ended]) -> Usual:
    """Learned from past days, the worst one left out: a single incident is not usual.

    The mean is Laplace-smoothed; how much days differ beyond chance is estimated by moments (Kleinman 1973) and gives
    the weight a + b.
    """
    ended = sorted((day for day in days if day.total), key=lambda day: day.ratio)
    kept = ended[:-1] if len(ended) > LEAST_DAYS else ended
    total, failed = sum(day.total for day in kept), sum(day.failed for day in kept)
    mean = (failed + PRIOR[0]) / (total + sum(PRIOR))
    weight = 1 / _correlation(kept, mean) - 1
    # No more is known than the runs that were seen: the weight of the mean is bounded by their number.
    weight = min(weight, total + sum(PRIOR))
    full = [day.ratio for day in ended if day.total >= LEAST_ENDED]
    return Usual(mean * weight, (1 - mean) * weight, full[-2] if len(full) > 1 else 0.0)


def failures(
    windows: Sequence[tuple[datetime, Ended]], known: Usual, *, now: datetime, is_open: bool = False
) -> Verdict | None:
    """The most telling of the windows that end now, the shortest first, each with its beginning.

    The shortest window with enough runs must be above by the looser measure too, so that what is over opens nothing;
    a finding that is open stays so as long as that holds.
    """
    telling = [(begin, ended) for begin, ended in windows if ended.total >= LEAST_ENDED]
    # What only the past part of a window shows is over: it would be closed as soon as it was opened.
    if not telling or _of_window(*telling[0], known, now, STILL_CHANCE) is None:
        return None
    limit = STILL_CHANCE if is_open else CHANCE
    found = [_of_window(begin, ended, known, now, limit) for begin, ended in telling]
    return max((one for one in found if one), key=lambda verdict: verdict.score, default=None)


def _of_window(begin: datetime, ended: Ended, known: Usual, now: datetime, limit: float) -> Verdict | None:
    if ended.failed < LEAST_FAILED:
        return None
    unusual = above = 1.0
    if ended.ratio >= TIMES * known.ratio and ended.ratio > known.bad_day:
        unusual = beta_binomial_upper(ended.failed, ended.total, known.a, known.b)
    if ended.ratio > RULE:
        above = binomial_upper(ended.failed, ended.total, RULE)
    p = min(unusual, above)
    if p > limit:
        return None
    facts = {"failed": ended.failed, "ended": ended.total, "above_rule": int(ended.ratio > RULE)}
    observed, expected = round(ended.ratio, 4), round(known.ratio, 4)
    return Verdict(Kind.FAILURES, begin, now, score(p), observed, expected, facts)


def _correlation(days: Sequence[Ended], mean: float) -> float:
    """Within-day correlation: 0 where days differ by chance alone; bounded away from 0 and 1."""
    if len(days) < 2 or not 0 < mean < 1:
        return LEAST_CORRELATION
    total = sum(day.total for day in days)
    spread = sum(day.total * (day.ratio - mean) ** 2 for day in days)
    chance = mean * (1 - mean)
    freedom = total - sum(day.total**2 for day in days) / total
    if freedom <= 0:
        return LEAST_CORRELATION
    value = (spread - (len(days) - 1) * chance) / (chance * max(freedom - (len(days) - 1), 1.0))
    return min(max(value, LEAST_CORRELATION), 0.5)
