"""R14: the power goes, and the disk drops what was not flushed."""

import tempfile
from pathlib import Path

from tests.chaos.matrix import Outcome, row
from tests.chaos.power.acts import compiled
from tests.chaos.power.session import Recording, record
from tests.chaos.power.verdict import Verdict, verdicts
from tests.chaos.rig import Rig
from tests.chaos.trials import batches

LOSSES, SECONDS = 10, 4.0
"""Of one recording."""


@row("R14", "Power loss undoes no accepted trigger",
     fault="what was recorded as written and not yet flushed is dropped, in whole or in part, or torn",
     first=0, full=50, stacks="E", on_commit=False)  # fmt: skip
def power_loss(rig: Rig, trials: int) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="signalbox-recorder-") as folder:
        library = compiled(Path(folder))
        if library is None:
            return Outcome(measured="not run: there is no C compiler (cc) for the recorder")
        outcome, found = Outcome(), []
        for count in batches(trials, LOSSES):
            recording = record(library, sync="full", seconds=SECONDS)
            outcome.failures += _incomplete(recording)
            found += verdicts(recording, count, rig.random)
        for verdict in found:
            outcome.add(1, verdict.problems)
        outcome.measured = f"{_lost(found)}; the control: {_control(rig, library, outcome)}"
    return outcome


def _control(rig: Rig, library: Path, outcome: Outcome) -> str:
    """The same with synchronous=NORMAL, which may lose the newest: where nothing is lost, the method sees no loss."""
    recording = record(library, sync="normal", seconds=SECONDS)
    found = list(verdicts(recording, LOSSES, rig.random))
    outcome.failures += _incomplete(recording) + [told for verdict in found for told in verdict.broken]
    if not any(verdict.missing for verdict in found):
        outcome.failures.append("with synchronous=NORMAL nothing was lost: the method cannot fail")
    return f"synchronous=NORMAL, {_lost(found)} in {sum(bool(verdict.missing) for verdict in found)} of {len(found)}"


def _lost(found: list[Verdict]) -> str:
    missing = sum(len(verdict.missing) for verdict in found)
    return f"{missing} of {sum(len(verdict.accepted) for verdict in found)} accepted lost"


def _incomplete(recording: Recording) -> list[str]:
    return [] if recording.is_complete else ["the recording does not give the files that stand at the end"]
