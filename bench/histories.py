"""Simulated histories of workflows, in quarter-hours: rhythms of many kinds, and anomalies planted into them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import cos, exp, log, pi, sqrt
from statistics import NormalDist
from zoneinfo import ZoneInfo

from runs.monitoring.detecting.verdicts import Kind
from runs.monitoring.histogram import bucket_of

QUARTER = timedelta(minutes=15)
PER_DAY = 96
DURATIONS = 256
NORMAL = NormalDist()
ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Anomaly:
    """Planted from quarter `begin` on, before quarter `end`. `size`: a ratio of failure, or a factor."""

    kind: Kind
    begin: int
    end: int
    size: float


@dataclass
class History:
    """One workflow. Lists go by quarter-hour from `start`; `durations` holds runs by bucket."""

    rhythm: str
    start: datetime
    interval_ms: float | None
    succeeded: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    durations: list[dict[int, int]] = field(default_factory=list)
    is_active: list[bool] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)
    chances: list[float] = field(default_factory=list)

    def moment(self, quarter: int) -> datetime:
        return self.start + quarter * QUARTER


Volume = Callable[[random.Random, datetime, float], float]
"""Runs to come in a quarter-hour, from its local beginning and the weeks since the start; whole numbers are exact."""


@dataclass(frozen=True)
class Pattern:
    """A kind of workflow. `spread`: 1/k of negative binomial counts, None for exact ones; `daily`: of whole days."""

    name: str
    volume: Volume
    spread: float | None = 0.0
    daily: float = 0.0
    interval: timedelta | None = None
    is_bursty: bool = False


def _office(_r: random.Random, at: datetime, _w: float) -> float:
    busy = 8 <= at.hour < 18 and at.weekday() < 5
    return (7 + 3 * cos((at.hour - 11) / 5 * pi)) if busy else 0.05


def _evening(_r: random.Random, at: datetime, _w: float) -> float:
    return (15 if at.weekday() > 4 else 10) * exp(-(((at.hour - 20 + 36) % 24 - 12) ** 2) / 18) + 0.5


def _steady(_r: random.Random, at: datetime, _w: float) -> float:
    return 10 + 2 * cos((at.hour - 14) / 12 * pi)


def _growing(_r: random.Random, at: datetime, weeks: float) -> float:
    return (5 + 2 * cos((at.hour - 14) / 12 * pi)) * 1.05**weeks


def _shrinking(_r: random.Random, at: datetime, weeks: float) -> float:
    return (7 + 3 * cos((at.hour - 14) / 12 * pi)) * 0.94**weeks


def _at(hour: int, minute: int, runs: int, days: range = range(7), late: float = 0.1) -> Volume:
    """So many runs once a day; now and then a quarter-hour later."""

    def volume(r: random.Random, at: datetime, _w: float) -> float:
        begins = at.hour == hour and at.minute == minute and at.weekday() in days
        return float(runs) if begins else 0.0

    return volume


def _utc(inner: Volume) -> Volume:
    return lambda r, at, w: inner(r, at.astimezone(UTC), w)


def _every(minutes: int, runs: int = 1) -> Volume:
    return lambda _r, at, _w: float(runs) if (at.hour * 60 + at.minute) % minutes == 0 else 0.0


def _flat(per_hour: float) -> Volume:
    return lambda _r, _at, _w: per_hour / 4


PATTERNS = [
    Pattern("office hours", _office, 0.15, 0.02),
    Pattern("evenings and weekends", _evening, 0.03, 0.03),
    Pattern("around the clock", _steady, 0.01, 0.002),
    Pattern("growing 5 % a week", _growing, 0.05, 0.01),
    Pattern("shrinking 6 % a week", _shrinking, 0.05, 0.01),
    Pattern("bursts on a low base", _flat(6), 0.8, 0.1, is_bursty=True),
    Pattern("sparse, one in ten hours", _flat(0.1)),
    Pattern("random, two an hour", _flat(2)),
    Pattern("nightly, one run", _at(2, 30, 1), None),
    Pattern("weekdays at 6:00 UTC, one run", _utc(_at(6, 0, 1, range(5))), None),
    Pattern("nightly batch of 120", _at(1, 15, 120), 0.01),
    Pattern("Mondays, one run", _at(7, 0, 1, range(1)), None),
    Pattern("schedule, every 15 minutes", _every(15), None, interval=QUARTER),
    Pattern("schedule, hourly", _every(60), None, interval=timedelta(hours=1)),
]


def simulate(
    pattern: Pattern, rng: random.Random, *, start: datetime, weeks: int, anomalies: tuple[Anomaly, ...] = ()
) -> History:
    """One workflow's history of whole weeks."""
    interval = pattern.interval.total_seconds() * 1000 if pattern.interval else None
    history = History(pattern.name, start, interval, anomalies=list(anomalies))
    quarters = weeks * 7 * PER_DAY
    volumes = _volumes(pattern, rng, history, quarters)
    _pause(rng, history, volumes)
    base, correlation = rng.choice([0.0, 0.002, 0.01, 0.03, 0.05]), rng.choice([0.002, 0.005, 0.01])
    median = interval / 40 if interval else exp(rng.uniform(log(200), log(600_000)))
    sigma, night = rng.uniform(0.3, 0.9), rng.choice([1.0, 1.0, 1.4])
    chance = factor = 1.0
    for quarter, runs in enumerate(volumes):
        if quarter % PER_DAY == 0:
            chance = _beta(rng, base, correlation)
            factor = exp(rng.gauss(0, 0.08))
        slow = median * factor * (night if history.moment(quarter).hour < 6 else 1.0)
        slow *= _factor(anomalies, Kind.DURATION, quarter)
        _add(history, rng, runs, chance, _table(slow, sigma), quarter)
    return history


def _volumes(pattern: Pattern, rng: random.Random, history: History, quarters: int) -> list[int]:
    volumes, day, late = [], 1.0, 0
    for quarter in range(quarters):
        local = history.moment(quarter).astimezone(ZONE)
        if quarter % PER_DAY == 0:
            day = rng.gammavariate(1 / pattern.daily, pattern.daily) if pattern.daily else 1.0
        mean = pattern.volume(rng, local, quarter / PER_DAY / 7) * day
        mean *= _factor(history.anomalies, Kind.SPIKE, quarter)
        runs = _count(rng, mean, pattern.spread) + late
        late = runs if runs and pattern.spread is None and not pattern.interval and rng.random() < 0.1 else 0
        silent = _factor(history.anomalies, Kind.SILENCE, quarter) == 0
        volumes.append(0 if silent else runs - late)
    if pattern.is_bursty:
        for _ in range(int(quarters / PER_DAY / 7 * 1.5)):
            at = rng.randrange(quarters)
            volumes[at] += 0 if _factor(history.anomalies, Kind.SILENCE, at) == 0 else rng.randint(40, 150)
    return volumes


def _pause(rng: random.Random, history: History, volumes: list[int]) -> None:
    """About one pause in three weeks, 2 to 30 hours; what came meanwhile is held and released afterwards, 60 a minute."""
    history.is_active = [True] * len(volumes)
    for _ in range(len(volumes) // (PER_DAY * 21)):
        begin = rng.randrange(len(volumes) - PER_DAY * 2)
        end = begin + rng.randint(8, 120)
        if any(a.begin - 96 < end and begin < a.end + 96 for a in history.anomalies):
            continue
        held = 0 if history.interval_ms else sum(volumes[begin:end])
        volumes[begin:end] = [0] * (end - begin)
        history.is_active[begin:end] = [False] * (end - begin)
        place = end
        while held and place < len(volumes):
            volumes[place] += min(held, 900)
            held, place = max(0, held - 900), place + 1


def _add(
    history: History, rng: random.Random, runs: int, chance: float, table: list[int], quarter: int
) -> None:
    planted = _factor(history.anomalies, Kind.FAILURES, quarter, absent=-1.0)
    chance = chance if planted < 0 else planted
    failed = _binomial(rng, runs, chance)
    history.chances.append(0.0 if planted >= 0 else chance)
    buckets: dict[int, int] = {}
    for _ in range(runs):
        bucket = table[int(rng.random() * DURATIONS)]
        buckets[bucket] = buckets.get(bucket, 0) + 1
    history.succeeded.append(runs - failed)
    history.failed.append(failed)
    history.durations.append(buckets)


@lru_cache(maxsize=8)
def _table(median: float, sigma: float) -> list[int]:
    """Buckets of a log-normal distribution at evenly spaced chances: drawing one is drawing a place."""
    quantiles = (NORMAL.inv_cdf((place + 0.5) / DURATIONS) for place in range(DURATIONS))
    return [bucket_of(int(median * exp(sigma * z))) for z in quantiles]


def _factor(
    anomalies: list[Anomaly] | tuple[Anomaly, ...], kind: Kind, quarter: int, absent: float = 1.0
) -> float:
    return next((a.size for a in anomalies if a.kind == kind and a.begin <= quarter < a.end), absent)


def _count(rng: random.Random, mean: float, spread: float | None) -> int:
    if spread is None or mean <= 0:
        return round(mean)
    return _poisson(rng, rng.gammavariate(1 / spread, mean * spread) if spread else mean)


def _poisson(rng: random.Random, mean: float) -> int:
    if mean > 60:
        return max(0, round(rng.gauss(mean, sqrt(mean))))
    limit, product, n = exp(-mean), rng.random(), 0
    while product > limit:
        product, n = product * rng.random(), n + 1
    return n


def _binomial(rng: random.Random, trials: int, chance: float) -> int:
    return sum(rng.random() < chance for _ in range(trials)) if chance > 0 else 0


def _beta(rng: random.Random, mean: float, correlation: float) -> float:
    if mean <= 0:
        return 0.0
    weight = 1 / correlation - 1
    return rng.betavariate(mean * weight, (1 - mean) * weight)
