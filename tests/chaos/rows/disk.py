"""R15: a disk that is full."""

import os
import random
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.chaos.matrix import Outcome, row
from tests.chaos.rig import Rig
from tests.chaos.steps import KEEP
from tests.chaos.trials import in_time
from tests.journeys.processes import Installation


@row("R15", "A full disk corrupts nothing", fault="the data folder's small file system filled to the last byte", first=0, full=20,
     stacks="E", on_commit=False)  # fmt: skip
def full_disk(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="until a trigger was accepted again")
    with tempfile.TemporaryDirectory(prefix="signalbox-full-") as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", folder], capture_output=True
        )
        if mounted.returncode != 0:
            return Outcome(measured="not run: no file system may be mounted here")
        try:
            _fill_and_free(rig, Path(folder), trials, outcome)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)
    return outcome


def _fill_and_free(rig: Rig, folder: Path, trials: int, outcome: Outcome) -> None:
    installed = Installation(folder)
    try:
        installed.up("--no-samples")
        address = installed.webhook("R15", KEEP)
        for _trial in range(trials):
            outcome.add(1, *_fill_once(installed, address, folder, rig.random))
        installed.stop()
        with closing(sqlite3.connect(folder / "signalbox.sqlite3")) as left:
            told = left.execute("PRAGMA integrity_check").fetchall()
        outcome.failures += [f"integrity: {told}"] * (told != [("ok",)])
    finally:
        installed.end()


def _fill_once(
    installed: Installation, address: str, folder: Path, chance: random.Random
) -> tuple[list[str], float]:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:  # what stood in a buffer would fail at its close
        try:
            while True:
                file.write(os.urandom(4096))
                file.flush()
        except OSError:
            pass
    refused = [installed.post(address, {"n": chance.random()}).status_code for _ in range(20)]
    problems = [f"a trigger was answered {status}" for status in refused if status not in (202, 503)]
    problems += ["nothing was refused although the disk was full"] * (503 not in refused)
    ballast.unlink()
    begun = time.monotonic()
    problems += in_time(
        lambda: installed.post(address, {"n": 1}).status_code == 202, 60, "it did not recover"
    )
    return problems, time.monotonic() - begun
