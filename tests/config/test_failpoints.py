"""Failpoints: what a plan makes them do, that what fires is recorded first, and that no real start takes them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError

from config.failpoints import FailpointReached, Failpoints, Rule, failpoint
from tests.journeys.processes import ROOT

REACH = (
    "import django; django.setup(); from config.failpoints import failpoint; failpoint('K7'); print('lived')"
)


def planned(folder: Path, *lines: str) -> Failpoints:
    (folder / "plan").write_text("\n".join(lines))
    return Failpoints(folder)


def fired(folder: Path) -> list[dict[str, Any]]:
    record = folder / "fired"
    return [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    given = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=60)


def outcomes(points: Failpoints, count: int, point: str = "K7") -> list[bool]:
    """Whether each of so many visits raised."""
    found = []
    for _visit in range(count):
        try:
            points.reach(point)
        except FailpointReached:
            found.append(True)
        else:
            found.append(False)
    return found


def test_failpoint_does_nothing_where_none_is_armed() -> None:
    assert failpoint("K1") is None
    assert failpoint.__name__ == "_pass_by"


def test_failpoint_without_a_plan_does_nothing(tmp_path: Path) -> None:
    Failpoints(tmp_path).reach("K7")
    assert list(tmp_path.iterdir()) == []


def test_once_fires_at_the_first_visit_only(tmp_path: Path) -> None:
    points = planned(tmp_path, "K7 raise once")
    assert outcomes(points, 3) == [True, False, False]
    assert [line["point"] for line in fired(tmp_path)] == ["K7"]


def test_nth_counts_the_visits_of_its_own_point(tmp_path: Path) -> None:
    points = planned(tmp_path, "K7 raise nth:3")
    assert outcomes(points, 2, "K70") == [False, False]
    assert outcomes(points, 4) == [False, False, True, False]


def test_first_fires_so_many_times(tmp_path: Path) -> None:
    assert outcomes(planned(tmp_path, "K7 raise first:2"), 4) == [True, True, False, False]


def test_visits_count_over_all_processes(tmp_path: Path) -> None:
    planned(tmp_path, "K7 raise nth:2")
    assert outcomes(Failpoints(tmp_path), 1) == [False]
    assert outcomes(Failpoints(tmp_path), 1) == [True]


def test_chance_fires_sometimes(tmp_path: Path) -> None:
    assert 0 < sum(outcomes(planned(tmp_path, "K7 raise chance:0.5"), 100)) < 100
    assert outcomes(planned(tmp_path, "K7 raise chance:0"), 20) == [False] * 20


def test_cut_fails_as_a_lost_database_does(tmp_path: Path, db: None) -> None:
    from django.db import connection

    points = planned(tmp_path, "K7 cut once")
    connection.ensure_connection()
    with pytest.raises(OperationalError):
        points.reach("K7")
        connection.cursor().execute("SELECT 1")
    connection.close()


def test_hold_stays_until_its_plan_is_gone(tmp_path: Path) -> None:
    points = planned(tmp_path, "K7 hold:60 once")
    held = Thread(target=points.reach, args=("K7",), daemon=True)
    held.start()
    held.join(0.2)
    assert held.is_alive()

    (tmp_path / "plan").unlink()
    held.join(30)

    assert not held.is_alive()


def test_hold_ends_by_itself_when_its_time_is_over(tmp_path: Path) -> None:
    planned(tmp_path, "K7 hold:0.1 once").reach("K7")
    assert [line["action"] for line in fired(tmp_path)] == ["hold"]


def test_plan_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        planned(tmp_path, "K7 explode once").reach("K7")
    with pytest.raises(ValueError):
        Rule.read("K7 kill sometimes")


def test_kill_is_recorded_before_it_acts(tmp_path: Path) -> None:
    planned(tmp_path, "K7 kill once")
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings.test", "SIGNALBOX_FAILPOINTS": str(tmp_path)}

    first = python("-c", REACH, **environment)
    second = python("-c", REACH, **environment)

    assert first.returncode == -signal.SIGKILL
    assert first.stdout == ""
    assert second.stdout == "lived\n", second.stderr
    assert [(line["point"], line["action"]) for line in fired(tmp_path)] == [("K7", "kill")]


@pytest.mark.parametrize("settings", ["config.settings.production", "config.settings.dev"])
def test_start_outside_the_tests_is_refused_with_one_sentence(tmp_path: Path, settings: str) -> None:
    environment = {
        "DJANGO_SETTINGS_MODULE": settings,
        "SIGNALBOX_FAILPOINTS": str(tmp_path),
        "SIGNALBOX_DATA": str(tmp_path / "data"),
    }
    refused = python("manage.py", "check", **environment)

    assert refused.returncode == 1
    assert refused.stderr == "SIGNALBOX_FAILPOINTS is set, but failpoints are for tests only. Unset it.\n"
