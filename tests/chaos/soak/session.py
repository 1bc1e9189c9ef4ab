"""One soak from the first delivery to the oracle's verdict."""

import argparse
import json
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from tests.chaos.__main__ import version
from tests.chaos.killer import RandomKiller
from tests.chaos.processes import NotInTime, eventually
from tests.chaos.rig import Flow, Rig
from tests.chaos.soak.drawing import draw
from tests.chaos.soak.load import Pauser, Steady, flows, held_left
from tests.chaos.soak.samples import Sampler, growth_an_hour
from tests.chaos.stacks import Place

WORKERS, THREADS, SCHEDULERS = 2, 4, 2
FROZEN = 3.0
SAMPLES = 240
SHORTEST_APART = 5.0
REST = 180.0
SHOWN = 10


@dataclass
class Result:
    """The line for docs/reliability.md, R84. Lags in seconds, memory in MiB; `growth` in per cent an hour."""

    stack: str
    seed: int
    version: str
    minutes: float
    accepted: int = 0
    refused: int = 0
    blows: int = 0
    pauses: int = 0
    growth: float = 0.0
    memory: float = 0.0
    longest_lag: float = 0.0
    median_lag: float = 0.0
    size: float = 0.0
    date: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())
    failures: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """One row of a Markdown table."""
        found = (
            f"{self.accepted:,} runs, {self.blows} kills and freezes, {self.pauses} pauses; memory {self.memory:.0f} MiB,"
            f" {self.growth:+.1f} % an hour; lag median {self.median_lag:.1f} s, longest {self.longest_lag:.1f} s"
        )
        verdict = "all I hold" if not self.failures else f"{len(self.failures)} failures"
        return f"| R84 | {self.stack} | {self.minutes:g} min at 20/s | {found} | {verdict} | {self.version}, {self.date} |"


def soak(given: argparse.Namespace, place: Place) -> int:
    """Run it, write samples.jsonl, soak.svg and result.json, print the row; 1 when something failed."""
    stack, seed = place.stack, place.seed
    result = Result(stack.letter, seed, version(), given.minutes)
    with Rig(place) as rig:
        rig.staff(WORKERS, threads=THREADS, schedulers=SCHEDULERS)
        sampler = Sampler(rig, given.folder / "samples.jsonl")
        kills = _watch(rig, sampler, given, result)
        result.failures += rig.breaches()
    samples = sampler.samples
    lags = sorted(each.lag for each in samples)
    result.growth, result.memory, result.size = (
        growth_an_hour(samples),
        samples[-1].total_memory,
        samples[-1].size,
    )
    result.median_lag, result.longest_lag = lags[len(lags) // 2], lags[-1]
    (given.folder / "soak.svg").write_text(
        draw(samples, kills, f"Soak, {stack.title}, seed {seed}, {result.date}")
    )
    (given.folder / "result.json").write_text(json.dumps(asdict(result), indent=1))
    print(result.line, *result.failures[:SHOWN], sep="\n", flush=True)
    return 1 if result.failures else 0


def _watch(rig: Rig, sampler: Sampler, given: argparse.Namespace, result: Result) -> list[float]:
    """Let it go on for the minutes, sampling; then wait until all is at rest. Gives when blows fell, in seconds."""
    targets, seconds, kills = flows(rig), given.minutes * 60, []
    apart = max(SHORTEST_APART, seconds / SAMPLES)
    with ExitStack() as kept:
        killer = RandomKiller(rig.processes.alive, rig.place.seed, mean=given.kill_every, frozen=FROZEN)
        pauser = kept.enter_context(Pauser(rig, targets))
        load = kept.enter_context(Steady(rig, targets, given.rate))
        kept.enter_context(killer)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            at = sampler.take().at
            kills += [at] * (len(killer.blows) - len(kills))
            time.sleep(min(apart, left))
    accepted = [answer for answer in load.answers if answer.is_accepted]
    result.accepted, result.refused = len(accepted), len(load.answers) - len(accepted)
    result.blows, result.pauses = len(killer.blows), pauser.count
    result.failures += pauser.problems + _rested(rig, [answer.run for answer in accepted], targets)
    sampler.take()
    return kills


def _rested(rig: Rig, runs: list[str], targets: list[Flow]) -> list[str]:
    try:
        eventually(lambda: not held_left(targets), REST)
    except NotInTime:
        return [f"{held_left(targets)} runs are held after {REST:.0f} s"]
    return rig.unrested(runs, REST)
