"""The first counts of the matrix: on SQLite as reliability.md names them, on the other stacks one trial a row."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.stacks import servers
from tests.journeys.processes import ROOT

DATABASE, BROKER = os.environ.get("DATABASE_URL", ""), os.environ.get("BROKER_URL", "")
LETTER = "E" if not DATABASE else "Q" if BROKER.startswith("amqp") else "P"
# Beside each other where nothing is shared; elsewhere there is one broker.
PARTS = 2 if LETTER == "E" else 1

pytestmark = [pytest.mark.journey, pytest.mark.stack]


def run(letter: str, out: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.chaos", "--stack", letter, "--out", str(out), *arguments]
    given = {**os.environ, **servers(letter, DATABASE, BROKER)}
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=1500)


@pytest.mark.takes_minutes
@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_every_row_holds(part: int, tmp_path: Path) -> None:
    out = tmp_path / "chaos.jsonl"

    done = run(LETTER, out, "--first", "--part", f"{part}/{PARTS}")

    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(lines) > 1
    idle = [line["row"] for line in lines if line["n"] == 0 and not line["measured"].startswith("not run: ")]
    assert idle == []


def test_unknown_row_is_refused_with_one_sentence(tmp_path: Path) -> None:
    done = run("E", tmp_path / "chaos.jsonl", "--rows", "R99")

    assert done.returncode == 1
    assert "There is no row R99." in done.stderr
    assert "Traceback" not in done.stderr
