"""The oracle: a process of its own that judges a rig by its records.

`python -m tests.chaos.oracle FOLDER` prints one JSON object, invariant by invariant the breaches it found.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.chaos.evidence import gather
from tests.chaos.invariants import INVARIANTS, to_remember
from tests.journeys.processes import ROOT

MOST_SHOWN = 20


def ask(folder: Path, environment: dict[str, str]) -> dict[str, list[str]]:
    """Start the oracle and give its verdict; raises when it cannot judge."""
    command = [sys.executable, "-m", "tests.chaos.oracle", str(folder)]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    if answer.returncode != 0:
        raise RuntimeError(answer.stderr)
    return dict(json.loads(answer.stdout))


def judge(folder: Path) -> dict[str, list[str]]:
    seen = gather(folder, os.environ.get("DATABASE_URL", ""), float(os.environ["SIGNALBOX_LEASE_SECONDS"]))
    verdict = {name: list(check(seen))[:MOST_SHOWN] for name, check in INVARIANTS.items()}
    (folder / "oracle.json").write_text(to_remember(seen))
    return verdict


if __name__ == "__main__":
    print(json.dumps(judge(Path(sys.argv[1]))))
