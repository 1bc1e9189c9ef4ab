"""The units and the Procfile of docs/deploy: each process is started by the very line that stands there."""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.processes import ROOT, Installation, free_port

pytestmark = pytest.mark.journey

DEPLOY = ROOT / "docs" / "deploy"
UNITS = DEPLOY / "systemd"
INSTALLED = "/opt/signalbox"
ENOUGH = 40


def unit_commands(port: int) -> dict[str, str]:
    """The ExecStart line of each unit, as systemd would run it for an instance named after the port."""
    found = {}
    for unit in UNITS.glob("*.service"):
        (line,) = [line for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
        command = line.removeprefix("ExecStart=").replace("%i", str(port)).replace(INSTALLED, str(ROOT))
        found[unit.stem.rstrip("@").removeprefix("signalbox-")] = command
    return found


def procfile_commands(port: int) -> dict[str, str]:
    """The lines of the Procfile, as its runner would run them with PORT set."""
    lines = (DEPLOY / "Procfile").read_text().splitlines()
    pairs = [line.partition(": ") for line in lines]
    return {name: command.replace("$PORT", str(port)) for name, _, command in pairs}


class Started:
    """Processes by name, each started from its line; whatever is left ends with the test."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: str) -> None:
        with (self.installation.data / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                command.split(),
                cwd=ROOT,
                env=self.installation.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + ENOUGH
        while not holds():
            for name, process in self.processes.items():
                assert process.poll() is None, (self.installation.data / f"{name}.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def stop(self) -> dict[str, int]:
        """SIGTERM to all at once, as a service manager does; their exit codes."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(timeout=15) for name, process in self.processes.items()}


@pytest.fixture
def started(installation: Installation) -> Iterator[Started]:
    made = Started(installation)
    yield made
    for process in made.processes.values():
        if process.poll() is None:
            process.kill()
            process.wait()


def answers(port: int) -> bool:
    try:
        address = f"http://127.0.0.1:{port}/health/ready"
        return httpx.get(address, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def is_alive(installation: Installation, kind: str) -> bool:
    document = json.loads(installation.manage("doctor", "--json", check=False).stdout)
    return any(finding["name"] == kind and finding["level"] == "ok" for finding in document["findings"])


@pytest.mark.parametrize("lines", [unit_commands, procfile_commands])
def test_each_process_starts_by_its_line_and_ends_with_zero(
    started: Started, lines: Callable[[int], dict[str, str]]
) -> None:
    port = free_port()
    commands = lines(port)
    started.installation.manage(*procfile_commands(port)["release"].split("manage.py ")[1].split())

    for name in ("web", "worker", "scheduler"):
        started.start(name, commands[name])
    started.wait_until(lambda: answers(port))
    started.wait_until(lambda: is_alive(started.installation, "worker"))
    started.wait_until(lambda: is_alive(started.installation, "scheduler"))

    assert started.stop() == {"web": 0, "worker": 0, "scheduler": 0}


def test_unit_of_the_embedded_default_starts_everything_and_ends_with_zero(started: Started) -> None:
    port = free_port()

    started.start("up", unit_commands(port)["up"].replace("8000", str(port)))
    started.wait_until(lambda: answers(port))
    started.wait_until(lambda: is_alive(started.installation, "worker"))

    assert started.stop() == {"up": 0}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        instance = unit.name.replace("@.", "@8000.")
        (tmp_path / instance).write_text(unit.read_text().replace(INSTALLED, str(ROOT)))

    verified = subprocess.run(
        ["systemd-analyze", "verify", *sorted(str(unit) for unit in tmp_path.iterdir())],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (verified.returncode, verified.stderr) == (0, "")
