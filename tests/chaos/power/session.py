"""An installation that is recorded while senders deliver to it."""

import random
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.power.acts import FILES, FLUSH, WRITE, Act, read
from tests.chaos.power.disk import State, as_written
from tests.chaos.senders import DELIVERY, Answer, Post, Stream
from tests.journeys.processes import Installation

DATABASE = "signalbox.sqlite3"
KEEP = {"id": "keep", "kind": "set", "values": {"n": "{{ trigger.body.n }}"}}
SENDERS, BREATH = 16, 0.005


@dataclass(frozen=True)
class Heard:
    """A 2xx answer, and when its sender had it, by the monotonic clock in nanoseconds."""

    delivery: str
    run: str
    at: int


@dataclass(frozen=True)
class Recording:
    """All acts on the database from its first byte to the end of the last process, and what the senders know.

    `clock` is what wall-clock time was ahead of the monotonic one, in seconds.
    """

    acts: list[Act]
    sent: set[str]
    heard: list[Heard]
    clock: float
    left: State

    @property
    def is_complete(self) -> bool:
        """False when something wrote to the files that the recorder did not see."""
        return as_written(self.acts) == self.left

    def heard_before(self, moment: int) -> list[Heard]:
        return [answer for answer in self.heard if answer.at <= moment]

    def moments(self, count: int, chance: random.Random) -> Iterator[int]:
        """When the power goes: as an answer came, within a flush, within a checkpoint, at any time between answers."""
        first, last = self.heard[0].at, self.heard[-1].at
        acts = [act for act in self.acts if act.begin >= first and act.end <= last]
        answers = [(answer.at, answer.at) for answer in self.heard]
        flushes = [(act.begin, act.end) for act in acts if act.operation == FLUSH]
        pages = [(act.begin, act.end) for act in acts if (act.file, act.operation) == ("m", WRITE)]
        ways = [way for way in (answers, flushes, answers, pages, [(first, last)]) if way]
        return (chance.randint(*chance.choice(way)) for way in islice(cycle(ways), count))


def record(library: Path, *, sync: str, seconds: float) -> Recording:
    """Start an installation from nothing, deliver to it for so long, and stop it in order."""
    with TemporaryDirectory(prefix="signalbox-power-") as name:
        folder = Path(name).resolve()
        data, log = folder / "data", folder / "recording"
        data.mkdir()
        installed = Installation(
            data,
            LD_PRELOAD=str(library),
            RECORDED_DATABASE=str(data / DATABASE),
            RECORDING=str(log),
            SIGNALBOX_SQLITE_SYNC=sync,
        )
        try:
            installed.up("--no-samples")
            post = Post(installed.port, folder / "senders.jsonl")
            path = installed.webhook("R14", KEEP, dedupe=f"header:{DELIVERY}")
            sent, heard = _deliver(post, path, seconds)
            installed.stop()
        finally:
            installed.end()
        clock = time.time() - time.monotonic()
        return Recording(read(log), sent, heard, clock, _left(data))


def _deliver(post: Post, path: str, seconds: float) -> tuple[set[str], list[Heard]]:
    """What was sent, and the answers in the order in which they came."""
    sent, heard = set(), []

    def deliver() -> Answer:
        sent.add(delivery := post.name())
        answer = post.deliver(path, delivery)
        if answer.is_accepted:
            heard.append(Heard(delivery, answer.run, time.monotonic_ns()))
        return answer

    with closing(post), Stream(deliver, senders=SENDERS, breath=BREATH):
        time.sleep(seconds)
    return sent, sorted(heard, key=lambda answer: answer.at)


def _left(data: Path) -> State:
    paths = {file: data / f"{DATABASE}{suffix}" for file, suffix in FILES.items()}
    return {file: path.read_bytes() for file, path in paths.items() if path.exists()}
