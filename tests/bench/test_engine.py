"""The measuring itself, with tiny counts: it must count what happened. No time is asserted anywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GROWN = [
    "--growth",
    "--seconds",
    "0.3",
    "--concurrency",
    "1",
    "--idle",
    "2",
    "--pauses",
    "1",
    "--pending",
    "10",
]
GROWN += ["--runs", "500", "--workflows", "20", "--backlog", "60", "--drain-seconds", "4"]
TINY = ["--seconds", "0.5", "--concurrency", "1,4", "--idle", "3", "--pauses", "2", "--pending", "30"]


def printed_by(*asked: str) -> str:
    """What one small measurement printed."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "bench/engine.py", *asked]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    return done.stdout


def measured(told: Path, *more: str) -> tuple[dict[str, Any], str]:
    """What one told as JSON, and what it printed."""
    printed = printed_by(*more, "--json", str(told))
    return json.loads(told.read_text()), printed


@pytest.mark.journey
def test_engine_measures_every_figure_and_prints_it_beside_what_is_required(tmp_path: Path) -> None:
    figures, printed = measured(tmp_path / "figures.json", *TINY)

    assert figures["loads"].keys() == {"1", "4"}
    for load in figures["loads"].values():
        assert load["closed"] == load["accepted"] > 0
        assert load["cost"]["web"] > 0
        assert load["cost"]["worker"] > 0
    assert len(figures["idle"]) == 3
    assert min(figures["idle"]) > 0
    assert [len(figures[name]["times"]) for name in ("stopped", "busy")] == [2, 2]
    assert [figures[name]["late"] for name in ("stopped", "busy")] == [0, 0]
    assert figures["before"].keys() == figures["after"].keys() == {"sql", "messages", "view 1", "view 4"}
    assert figures["memory"] > 20
    assert "| c4 " in printed
    assert "met" in printed


@pytest.mark.journey
def test_growth_measures_the_full_database_backlog_and_a_silent_target(tmp_path: Path) -> None:
    figures, printed = measured(tmp_path / "growth.json", *GROWN)

    for name in ("empty", "full"):
        load = figures[name]["loads"]["1"]
        assert load["closed"] == load["accepted"] > 0
    assert figures["slowed"]["hanging"] > 0
    backlog = figures["backlog"]
    assert backlog["arrived"] > 0
    assert 0 < backlog["closed"] <= backlog["backlog"] == 60
    assert min(backlog["behind"] + backlog["beside"]) >= 0
    assert "500 runs and 20 workflows against none" in printed


@pytest.mark.journey
def test_load_is_verified_to_the_last_run(tmp_path: Path) -> None:
    found, printed = measured(tmp_path / "verified.json", "--verify", "100", "--seconds", "0.5")

    # The runs that warmed it up are counted by the figures too.
    assert found["runs"] == sum(turn["closed"] for turn in found["turns"]) + 200
    assert found["compared"] > 0
    assert found["differing"] == 0
    assert "0 differ" in printed


@pytest.mark.journey
def test_sides_take_turns() -> None:
    asked = (
        "--by-turns",
        "1",
        "--seconds",
        "0.5",
        "--runs",
        "300",
        "--workflows",
        "10",
        "--concurrency",
        "4",
        "--pending",
        "20",
    )
    printed = printed_by(*asked)

    assert "300 runs and 10 workflows" in printed
    for side in ("One worker, empty database", "Two workers", "Four workers", "One worker, full database"):
        assert f"{side}, c4" in printed
        assert f"{side}, idle" in printed
        assert f"{side}, pause" in printed
