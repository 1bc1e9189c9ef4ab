"""The load whose figures are verified: it closes what it accepts in every way, and it would say that a figure is wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.journey
def test_load_is_counted_exactly_and_one_success_too_many_is_found(tmp_path: Path) -> None:
    told = tmp_path / "figures.json"
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "bench/figures.py", "--runs", "320", "--turn", "40", "--seed", "3", "--spoil"]

    done = subprocess.run(
        [*command, "--json", str(told)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
    )

    assert done.returncode == 1, done.stderr
    assert done.stdout.rstrip().endswith("Verdict: WRONG.")
    found = json.loads(told.read_text())
    whole, spoiled, pruned = (one["told"] for one in found["verified"])
    assert (whole["ok"], whole["differing"], whole["differences"]) == (True, 0, [])
    # The month of one workflow, and therefore that of its scope.
    assert [(one["ok"], one["differing"]) for one in (spoiled, pruned)] == [(False, 2), (False, 2)]
    assert (found["taken"], found["left_open"]) == (found["counted"], 0)
    assert found["taken"] >= 320
    assert min(found["outcomes"].values()) > 0
    assert found["kinds"].keys() >= {"webhook", "event", "schedule", "manual"}
    assert min(found["verified"][-1]["removed"], found["verified"][-1]["runs"]) > 0
