"""Whether a copy of the database that a power loss left holds what was promised."""

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from tests.chaos.chain import AS_TEXT
from tests.chaos.evidence import gather
from tests.chaos.invariants import INVARIANTS
from tests.chaos.power.acts import FILES
from tests.chaos.power.disk import State, after_power_loss
from tests.chaos.power.session import DATABASE, Heard, Recording
from tests.chaos.stacks import LEASE


@dataclass(frozen=True)
class Verdict:
    """`missing` of the `accepted` triggers have no run or no delivery id; `broken` are sentences about the rest."""

    accepted: list[Heard]
    missing: list[Heard]
    broken: list[str]

    @property
    def problems(self) -> list[str]:
        """One sentence for a power loss that broke the promise, none for one that kept it."""
        lost = (
            [f"{len(self.missing)} of {len(self.accepted)} accepted triggers are missing"]
            if self.missing
            else []
        )
        return ["; ".join(lost + self.broken)] if lost or self.broken else []


def verdicts(recording: Recording, count: int, chance: random.Random) -> Iterator[Verdict]:
    """So many power losses during one recording, each at a moment of its own."""
    for moment in recording.moments(count, chance):
        yield judged(after_power_loss(recording.acts, moment, chance), recording, moment)


def judged(state: State, recording: Recording, moment: int) -> Verdict:
    """Let SQLite recover the files, which power loss at the moment left, and look."""
    with TemporaryDirectory(prefix="signalbox-copy-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        for file, content in state.items():
            (data / f"{DATABASE}{FILES[file]}").write_bytes(content)
        # It stays open meanwhile: the last connection to close would take the -wal away from the oracle's reader.
        with closing(sqlite3.connect(data / DATABASE)) as copy:
            return _look(Path(folder), copy, recording, moment)


def _look(folder: Path, copy: sqlite3.Connection, recording: Recording, moment: int) -> Verdict:
    accepted = recording.heard_before(moment)
    try:
        found = copy.execute("PRAGMA integrity_check").fetchall()
        broken = [] if found == [("ok",)] else [f"integrity: {found[:3]}"]
        broken += _breaches(folder, copy, recording, moment)
        return Verdict(accepted, list(_missing(copy, accepted)), broken)
    except sqlite3.DatabaseError as unreadable:
        return Verdict(accepted, accepted, [f"the copy cannot be read: {unreadable}"])


def _missing(copy: sqlite3.Connection, accepted: list[Heard]) -> Iterator[Heard]:
    runs = {str(UUID(run)) for (run,) in copy.execute("SELECT id FROM runs_run")}
    deliveries = dict(copy.execute("SELECT delivery_id, run_id FROM runs_delivery"))
    for answer in accepted:
        told = deliveries.get(answer.delivery)
        if answer.run not in runs or told is None or str(UUID(told)) != answer.run:
            yield answer


def _breaches(folder: Path, copy: sqlite3.Connection, recording: Recording, moment: int) -> Iterator[str]:
    """Of all invariants, at the moment of the loss; I1 has no answers here, they are judged above."""
    seen = replace(
        gather(folder, "", LEASE),
        audit=list(_audit(copy)),
        sent={delivery: {} for delivery in recording.sent},
        now=moment / 1e9 + recording.clock,
    )
    for name, check in INVARIANTS.items():
        yield from (f"{name}: {breach}" for breach in check(seen))


def _audit(copy: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """The events as their export spells them."""
    found = copy.execute("SELECT * FROM audit_auditevent ORDER BY id")
    names = [column[0] for column in found.description]
    for row in found:
        event = dict(zip(names, row, strict=True))
        event["time"] = f"{datetime.fromisoformat(event['time']).isoformat(timespec='microseconds')}Z"
        yield event | {name: json.loads(event[name]) for name in AS_TEXT}
