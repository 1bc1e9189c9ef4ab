"""Real Signalbox processes for journeys: started, killed and stopped as an operator's machine would."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent
READY = "Signalbox is ready at "
PASSWORD = "a-long-test-password"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """One data folder and one port; `up()` may be called again after a kill.

    `code` is where the release lies whose processes are started from now on.
    """

    def __init__(self, data: Path, **environment: str) -> None:
        self.data, self.code = data, ROOT
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data / "up.log"
        kept = {
            k: v
            for k, v in os.environ.items()
            if k not in ("DATABASE_URL", "BROKER_URL", "DJANGO_SETTINGS_MODULE")
        }
        self.environment = {
            **kept,
            "SIGNALBOX_DATA": str(data),
            "SIGNALBOX_ADMIN_PASSWORD": PASSWORD,
            "SIGNALBOX_LEASE_SECONDS": "3",
            "SIGNALBOX_RING_AGAIN_SECONDS": "3",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        given: Any = {"cwd": self.code, "env": self.environment, "timeout": 120, "check": check}
        return subprocess.run(command, capture_output=True, text=True, **given)

    def webhook(self, name: str, *steps: dict[str, Any], **trigger: str) -> str:
        """The path of the webhook of a workflow that is imported and started here, while it is up."""
        hooks, file = [{"id": "hook", "kind": "webhook", **trigger}], self.data / f"{name}.json"
        document = {"format": "signalbox/1", "name": name, "triggers": hooks, "steps": list(steps)}
        file.write_text(json.dumps(document))
        self.manage("workflows", "import", str(file))
        self.manage("workflows", "run", name, "--accept-warnings")
        shown = json.loads(self.manage("workflows", "show", name, "--json").stdout)
        return urlsplit(str(shown["triggers"][0]["address"])).path

    def up(self, *arguments: str, within: float = 90) -> float:
        """Start everything in a process group of its own and wait for the ready line; gives the seconds."""
        begun = time.monotonic()
        self.launch(*arguments)
        self.wait_until_ready(within)
        return time.monotonic() - begun

    def launch(self, *arguments: str) -> None:
        """Start everything in a process group of its own, without waiting."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port), *arguments],
                cwd=self.code,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, within: float = 90) -> None:
        """Until the line that says so, which it writes once."""
        deadline = time.monotonic() + within
        assert self.process is not None
        while f"{READY}{self.url}/\n" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """kill -9 of the whole process group."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """End it as a service manager does; gives the exit code and the seconds it took."""
        assert self.process is not None
        begun = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        return code, time.monotonic() - begun

    def end(self) -> None:
        """Whatever is left of it goes."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def group_members(self) -> list[int]:
        """The processes that are left in its process group."""
        assert self.process is not None
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                if int(fields[2]) == self.process.pid and fields[0] != "Z":
                    found.append(int(entry.name))
        return found

    def named(self, name: str) -> list[int]:
        """The processes of its group that `up` has started under a name, as `ps -o comm` shows it."""
        return [
            pid
            for pid in self.group_members()
            if Path(f"/proc/{pid}/comm").read_text().strip().startswith(name)
        ]

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return httpx.post(self.url + path, json=body, headers=headers, timeout=5, trust_env=False)


class Fleet(Installation):
    """The scaled deployment: web, workers and schedulers as processes of their own on one database and broker."""

    def __init__(self, data: Path, database: str, broker: str, **environment: str) -> None:
        named = {"DATABASE_URL": database, "BROKER_URL": broker, "SECRET_KEY": "for-tests-only-" + "x" * 40}
        super().__init__(data, **named, **environment)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        """Start one process and keep it under a name."""
        with (self.data / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=self.code,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_all(self, *, workers: int = 2, schedulers: int = 2, within: float = 60) -> None:
        """Start everything; returns when a trigger would be accepted."""
        self.start("web", "web", "--port", str(self.port))
        for number in range(workers):
            self.start(f"worker{number}", "worker")
        for number in range(schedulers):
            self.start(f"scheduler{number}", "scheduler")
        deadline = time.monotonic() + within
        while not self.is_ready():
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.1)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def kill_one(self, name: str) -> None:
        """kill -9 of one process."""
        self.processes[name].kill()
        self.processes.pop(name).wait()

    def replace(self, name: str) -> int:
        """End one process politely and start it anew, from the code of now; gives the old one's exit code."""
        old = self.processes[name]
        old.terminate()
        code = old.wait(timeout=30)
        self.start(name, *(str(argument) for argument in old.args[2:]))
        return code

    def stop_all(self) -> dict[str, tuple[int, float]]:
        """SIGTERM to all at once; gives each one's exit code and the seconds it took."""
        begun = time.monotonic()
        for process in self.processes.values():
            process.terminate()
        return {
            name: (process.wait(timeout=30), time.monotonic() - begun)
            for name, process in self.processes.items()
        }

    def end(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def logs(self) -> str:
        """What all processes said."""
        return "\n".join(f"{path.name}:\n{path.read_text()}" for path in sorted(self.data.glob("*.log")))
