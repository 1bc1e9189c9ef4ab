"""An installation that goes from an older release to this one, in the steps of docs/deploy/README.md, "Upgrading"."""

from collections.abc import Callable
from pathlib import Path

from tests.chaos.processes import eventually
from tests.chaos.stacks import Stack
from tests.journeys.processes import ROOT, Fleet, Installation

GIVEN = {"LOG_LEVEL": "warning"}
WITHIN = 300.0


class OneHost(Installation):
    """SQLite: stop, upgrade, start."""

    is_beside = False

    def begin(self) -> None:
        self.up("--no-samples", within=WITHIN)

    def change(self, beside: Callable[[], list[str]]) -> list[str]:
        """Gives what went wrong. No older process sees the newer schema, so nothing is done beside."""
        problems = self.finish()
        self.code, self.log = ROOT, self.data / "new.log"
        self.begin()
        return problems

    def finish(self) -> list[str]:
        code, _seconds = self.stop()
        return [f"up ended with {code}"] if code else []


class SeveralProcesses(Fleet):
    """PostgreSQL: migrate while the older release runs, then restart one process after the other."""

    is_beside = True

    def begin(self) -> None:
        self.manage("migrate", "--no-input")
        self.start_all(within=WITHIN)

    def change(self, beside: Callable[[], list[str]]) -> list[str]:
        """Gives what went wrong. `beside` is done when the schema is new and every process still old."""
        older, self.code = self.code, ROOT
        self.manage("migrate", "--no-input")
        self.code = older
        problems = beside()
        self.code = ROOT
        ends = {name: self.replace(name) for name in sorted(self.processes, key="web".__eq__)}
        eventually(self.is_ready, WITHIN)
        return problems + ended_badly(ends)

    def finish(self) -> list[str]:
        return ended_badly({name: code for name, (code, _seconds) in self.stop_all().items()})


def ended_badly(codes: dict[str, int]) -> list[str]:
    return [f"{name} ended with {code}" for name, code in codes.items() if code]


def installation(stack: Stack, data: Path, database: str, code: Path) -> OneHost | SeveralProcesses:
    """One of the older release, not started yet."""
    data.mkdir()
    made = (
        OneHost(data, **GIVEN)
        if stack.is_embedded
        else SeveralProcesses(data, database, stack.broker, **GIVEN)
    )
    made.code = code
    return made


def complaints(data: Path) -> list[str]:
    """The last line of each traceback that a process wrote."""
    found = []
    for log in sorted(data.glob("*.log")):
        for after in log.read_text(errors="replace").split("Traceback (most recent call last):\n")[1:]:
            error = next((line for line in after.splitlines() if not line.startswith(" ")), "")
            found.append(f"{log.stem} wrote a traceback: {error}")
    return found
