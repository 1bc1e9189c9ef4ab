"""The soak in small: it must run, draw and judge; and the line through the memory must be the right one."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.chaos.soak.drawing import draw
from tests.chaos.soak.samples import Sample, growth_an_hour
from tests.chaos.stacks import servers
from tests.chaos.test_rows import BROKER, DATABASE, LETTER
from tests.journeys.processes import ROOT

FLAT = Sample(0.0, {"web": 40.0, "worker": 60.0, "scheduler": 0.0}, 0.1, 3, 1_000, 2_000, 10, 5.0)
SVG = "{http://www.w3.org/2000/svg}"


def over_an_hour(gained: float) -> list[Sample]:
    """One sample a minute, of which the workers gain so many MiB; the first minutes are far below."""
    return [
        replace(
            FLAT,
            at=60.0 * minute,
            memory={**FLAT.memory, "worker": 60.0 + gained * minute / 60 if minute > 9 else 5.0},
        )
        for minute in range(61)
    ]


@pytest.mark.parametrize(("gained", "percent"), [(0.0, 0.0), (1.0, 1.0), (-10.0, -10.0)])
def test_growth_is_the_slope_after_the_beginning(gained: float, percent: float) -> None:
    assert growth_an_hour(over_an_hour(gained)) == pytest.approx(percent, rel=0.1, abs=1e-9)


def test_growth_leaves_out_what_was_seen_while_a_role_was_dead() -> None:
    samples = over_an_hour(1.0)
    samples[50] = replace(samples[50], memory={**samples[50].memory, "web": 0.0})
    assert growth_an_hour(samples) == pytest.approx(1.0, rel=0.1)


def test_drawing_holds_every_series_and_every_kill() -> None:
    drawn = ElementTree.fromstring(draw(over_an_hour(1.0), [30.0, 90.0], "A & B"))

    assert [len(line.get("points", "").split()) for line in drawn.iter(f"{SVG}polyline")] == [61] * 8
    assert [
        path.get("d", "").count("M") for path in drawn.iter(f"{SVG}path") if path.get("stroke") == "#cf222e"
    ] == [2] * 4
    texts = [text.text for text in drawn.iter(f"{SVG}text")]
    assert "A & B" in texts
    assert "scheduler" not in texts


@pytest.mark.journey
@pytest.mark.stack
def test_short_soak_ends_with_the_verdict(tmp_path: Path) -> None:
    given = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    given |= servers(LETTER, DATABASE, BROKER)
    command = [sys.executable, "-m", "tests.chaos.soak", "--stack", LETTER, "--minutes", "0.1"]
    command += ["--kill-every", "3", "--folder", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=400)

    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["accepted"] > 0
    assert result["failures"] == []
    samples = [json.loads(line) for line in (tmp_path / "samples.jsonl").read_text().splitlines()]
    assert samples[-1]["closed"] == result["accepted"]
    assert samples[-1]["memory"]["worker"] > 0
    assert "| R84 |" in done.stdout
