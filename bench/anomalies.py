"""How often the detectors of findings are right, on simulated histories: `python bench/anomalies.py`, see docs/findings.md.

Every history passes through the very functions that the product runs, at every quarter-hour, learning anew at every
midnight. Thresholds were set on the seeds of `--seed 1`; the figures in the documentation come from another seed.
"""

import argparse
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.histories import PATTERNS, PER_DAY, ZONE, Anomaly, History, Pattern, simulate
from bench.replaying import Opened, opened
from runs.monitoring.detecting.failing import RULE
from runs.monitoring.detecting.verdicts import Kind

LEARNING = 8
STARTS = (datetime(2026, 1, 11, 23, tzinfo=UTC), datetime(2026, 8, 9, 22, tzinfo=UTC))
"""Local midnights; clocks are set on 29 March and on 25 October, in the weeks that are judged."""
JUDGED = 10
SLACK = {Kind.FAILURES: 4, Kind.SPIKE: 4, Kind.SILENCE: 8, Kind.DURATION: 24, Kind.SLOW_SCHEDULE: 24}
"""Quarter-hours after an anomaly's end in which a finding still belongs to it: the window it is seen through."""


@dataclass
class Tally:
    """Of one kind. `delays`: quarter-hours from the beginning to the finding."""

    planted: int = 0
    found: int = 0
    false: int = 0
    delays: list[int] = field(default_factory=list)


@dataclass
class Outcome:
    """All that was simulated. `false_in`: false alarms by rhythm, `by_rhythm`: planted and found by rhythm and kind.

    `by_rule`: findings about failures while the simulated chance itself lay above the rule: true, though not planted.
    """

    seed: int
    clean_weeks: int = 0
    planted_weeks: int = 0
    by_rule: int = 0
    kinds: dict[Kind, Tally] = field(default_factory=lambda: {kind: Tally() for kind in Kind})
    false_in: Counter[str] = field(default_factory=Counter)
    by_rhythm: dict[tuple[str, Kind], list[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One history to be made and judged; the same one comes of the same case."""

    seed: int
    number: int
    has_anomaly: bool

    def history(self) -> History:
        rng = random.Random(f"{self.seed} {'planted' if self.has_anomaly else 'clean'} {self.number}")
        start = STARTS[self.number % 2]
        if not self.has_anomaly:
            pattern = PATTERNS[self.number // 2 % len(PATTERNS)]
            return simulate(pattern, rng, start=start, weeks=LEARNING + JUDGED)
        kind = list(Kind)[self.number % len(Kind)]
        pattern = rng.choice([one for one in PATTERNS if _suits(one, kind)])
        anomaly = _anomaly(rng, pattern, kind)
        start -= timedelta(weeks=rng.randrange(2))
        return simulate(pattern, rng, start=start, weeks=LEARNING + 1, anomalies=(anomaly,))


@dataclass(frozen=True)
class Judged:
    """A history's rhythm, its anomalies, and what was found."""

    rhythm: str
    interval_ms: float | None
    anomalies: list[Anomaly]
    findings: list[Opened]
    by_rule: int


def run(*, seed: int, clean: int, planted: int, processes: int = 1) -> Outcome:
    """At least so many workflow-weeks without and with an anomaly; the same seed gives the same outcome."""
    cases = [Case(seed, n, has_anomaly=False) for n in range(-(-clean // JUDGED))]
    cases += [Case(seed, n, has_anomaly=True) for n in range(planted)]
    return outcome_of(cases, processes=processes)


def outcome_of(cases: list[Case], *, processes: int = 1) -> Outcome:
    """What came of these histories, all of one seed."""
    outcome = Outcome(cases[0].seed)
    for case, judged in zip(cases, _judged(cases, processes), strict=True):
        if case.has_anomaly:
            outcome.planted_weeks += 1
        else:
            outcome.clean_weeks += JUDGED
        _count(outcome, judged)
    return outcome


def _judged(cases: list[Case], processes: int) -> Iterator[Judged]:
    if processes < 2:
        yield from map(judge_case, cases)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(judge_case, cases)


def judge_case(case: Case) -> Judged:
    history = case.history()
    found = opened(history, first=LEARNING * 7 * PER_DAY)
    true = [one for one in found if one.kind is Kind.FAILURES and history.chances[one.quarter - 1] > RULE]
    others = [one for one in found if one not in true]
    return Judged(history.rhythm, history.interval_ms, history.anomalies, others, len(true))


def _suits(pattern: Pattern, kind: Kind) -> bool:
    """Whether an anomaly of this kind is one at all: a spike or a failure ratio of a run a day says nothing."""
    single = pattern.spread is None and pattern.interval is None
    if kind is Kind.SLOW_SCHEDULE:
        return pattern.interval is not None
    if kind is Kind.SILENCE:
        return pattern.name not in ("sparse, one in ten hours", "Mondays, one run")
    if pattern.interval is not None:
        return kind is not Kind.SPIKE
    return not single and pattern.name != "sparse, one in ten hours"


def _anomaly(rng: random.Random, pattern: Pattern, kind: Kind) -> Anomaly:
    begin = LEARNING * 7 * PER_DAY + PER_DAY + rng.randrange(4 * PER_DAY)
    week = [pattern.volume(rng, _local(begin + quarter), LEARNING) for quarter in range(7 * PER_DAY)]
    begin += next(quarter for quarter, volume in enumerate(week) if volume >= min(1, max(week)))
    sizes = {
        Kind.FAILURES: (rng.choice([0.15, 0.3, 0.6, 1.0]), rng.randint(8, 96)),
        Kind.SPIKE: (rng.choice([4.0, 6.0, 10.0]), rng.randint(4, 16)),
        Kind.SILENCE: (0.0, rng.randint(24, 120)),
        Kind.DURATION: (rng.choice([0.3, 2.0, 3.0, 5.0]), rng.randint(24, 144)),
        Kind.SLOW_SCHEDULE: (60.0, rng.randint(24, 144)),
    }
    size, length = sizes[kind]
    return Anomaly(Kind.DURATION if kind is Kind.SLOW_SCHEDULE else kind, begin, begin + length, size)


def _local(quarter: int) -> datetime:
    return (STARTS[0] + quarter * timedelta(minutes=15)).astimezone(ZONE)


def _count(outcome: Outcome, judged: Judged) -> None:
    outcome.by_rule += judged.by_rule
    for anomaly in judged.anomalies:
        kind = _looked_for(judged, anomaly)
        tally = outcome.kinds[kind]
        counts = outcome.by_rhythm.setdefault((judged.rhythm, kind), [0, 0])
        hits = [one for one in judged.findings if one.kind == kind and _belongs(one, anomaly, kind)]
        tally.planted, counts[0] = tally.planted + 1, counts[0] + 1
        if hits:
            tally.found, counts[1] = tally.found + 1, counts[1] + 1
            tally.delays.append(hits[0].quarter - anomaly.begin)
    for one in judged.findings:
        if not any(_explains(one, anomaly) for anomaly in judged.anomalies):
            outcome.kinds[one.kind].false += 1
            outcome.false_in[f"{judged.rhythm}: {one.kind}"] += 1


def _looked_for(judged: Judged, anomaly: Anomaly) -> Kind:
    """Sixty times as long is meant as slower than the interval."""
    is_slow = anomaly.kind is Kind.DURATION and judged.interval_ms and anomaly.size == 60.0
    return Kind.SLOW_SCHEDULE if is_slow else anomaly.kind


def _belongs(one: Opened, anomaly: Anomaly, kind: Kind) -> bool:
    return anomaly.begin < one.quarter <= anomaly.end + SLACK[kind]


def _explains(one: Opened, anomaly: Anomaly) -> bool:
    """A finding of another kind that the anomaly itself brings about is no false alarm, nor a miss."""
    brings = {Kind.DURATION: (Kind.DURATION, Kind.SLOW_SCHEDULE)}.get(anomaly.kind, (anomaly.kind,))
    return one.kind in brings and _belongs(one, anomaly, one.kind)


def report(outcome: Outcome) -> str:
    """The figures as a table of Markdown, then the false alarms by rhythm."""
    weeks = outcome.clean_weeks + outcome.planted_weeks
    lines = [
        f"Seed {outcome.seed}: {outcome.clean_weeks} workflow-weeks without anomaly, {outcome.planted_weeks} with one;",
        f"{outcome.by_rule} findings on days whose simulated chance of failure lay above the rule by itself.",
        "",
        "Kind | Planted | Found | Recall | False alarms | Precision | Delay, median | Delay, worst | False a workflow-week",
        "---|---|---|---|---|---|---|---|---",
        *(_line(kind, tally, weeks) for kind, tally in outcome.kinds.items()),
        _line("all", _sum(outcome), weeks),
        "",
        *(f"{name}: {count} false" for name, count in outcome.false_in.most_common()),
        *(
            f"{rhythm}: {kind} {found} of {planted}"
            for (rhythm, kind), (planted, found) in sorted(outcome.by_rhythm.items())
            if found < planted
        ),
    ]
    return "\n".join(lines)


def _sum(outcome: Outcome) -> Tally:
    total = Tally()
    for tally in outcome.kinds.values():
        total.planted, total.found = total.planted + tally.planted, total.found + tally.found
        total.false, total.delays = total.false + tally.false, total.delays + tally.delays
    return total


def _line(name: str, tally: Tally, weeks: int) -> str:
    hours = sorted(delay / 4 for delay in tally.delays)
    recall = f"{tally.found / tally.planted:.2f}" if tally.planted else "-"
    precision = f"{tally.found / (tally.found + tally.false):.2f}" if tally.found + tally.false else "-"
    delay = (f"{median(hours):.2f} h", f"{hours[-1]:.2f} h") if hours else ("-", "-")
    cells = [
        name,
        tally.planted,
        tally.found,
        recall,
        tally.false,
        precision,
        *delay,
        f"{tally.false / weeks:.4f}",
    ]
    return " | ".join(str(cell) for cell in cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--clean", type=int, default=1120, help="workflow-weeks without anomaly")
    parser.add_argument("--planted", type=int, default=250, help="workflow-weeks with one")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    print(report(run(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
