"""The processes of a trial: forked workers and schedulers, the web server, and what became of each."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.journeys.processes import ROOT, free_port


@dataclass(frozen=True)
class Ended:
    """A process that ended: its role, and its exit code, negative for a signal."""

    role: str
    process: int
    code: int


class Processes:
    """Starts them, keeps as many alive as are wanted, ends them all."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment
        self.port = free_port()
        self.log = folder / "processes.log"
        self.ended: list[Ended] = []
        self._alive: dict[int, str] = {}
        self._arguments: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()
        self._nursery = self._popen(
            [sys.executable, "-m", "tests.chaos.nursery", str(self.log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _popen(self, command: list[str], **streams: int) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=log, **streams)

    def _listen(self) -> None:
        assert self._nursery.stdout is not None
        for line in self._nursery.stdout:
            event = json.loads(line)
            with self._lock:
                if event["event"] == "started":
                    self._alive[event["process"]] = event["role"]
                else:
                    self._alive.pop(event["process"], None)
                    self.ended.append(Ended(event["role"], event["process"], event["code"]))

    def _order(self, **order: object) -> None:
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(json.dumps(order).encode() + b"\n")
        self._nursery.stdin.flush()

    def alive(self, *roles: str) -> list[int]:
        """The process ids of these roles, or of all; the web server's own child is among them."""
        with self._lock:
            found = [process for process, role in self._alive.items() if not roles or role in roles]
        if not roles or "web" in roles:
            found += [child for parent in self.alive("web-main") for child in children(parent)]
        return found

    def keep(self, role: str, count: int, *arguments: str, within: float = 30) -> None:
        """Have so many processes of a role; surplus ones, and those with other arguments, get SIGTERM.

        Returns when they stand, or are gone.
        """
        if count and self._arguments.setdefault(role, arguments) != arguments:
            self.keep(role, 0, *arguments)
            self._arguments[role] = arguments
        self._order(role=role, count=count, arguments=list(arguments))
        eventually(lambda: len(self.alive(role)) == count, within)

    def serve(self, within: float = 60) -> None:
        """Have a web server; returns when it answers."""
        self.keep("web-main", 1, "web", "--port", str(self.port))
        eventually(self.answers, within)

    def answers(self) -> bool:
        return answers_at(self.port)

    def once(self, name: str, *arguments: str, within: float = 60) -> int:
        """Run one command in a forked process; gives its exit code, negative for a signal."""
        self._order(once=name, arguments=list(arguments))
        eventually(lambda: any(end.role == name for end in self.ended), within)
        return next(end.code for end in self.ended if end.role == name)

    def kill_all(self) -> int:
        """SIGKILL to everything at once; what is kept starts anew. Gives how many died."""
        victims = self.alive()
        for process in victims:
            strike(process, signal.SIGKILL)
        return len(victims)

    def close(self) -> None:
        assert self._nursery.stdin is not None
        self._nursery.stdin.close()
        try:
            self._nursery.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._nursery.kill()
            self._nursery.wait()
        eventually(lambda: not any(map(exists, self._alive)), 10)


def answers_at(port: int) -> bool:
    """Whether the web server at a port is ready."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def strike(process: int, number: signal.Signals) -> bool:
    """Send a signal; False when the process is gone already."""
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return False
    return True


def exists(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def children(process: int) -> list[int]:
    """The processes that this one forked."""
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def memory(process: int) -> int:
    """What a process holds by itself (Pss), in bytes."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def eventually(holds: Callable[[], object], within: float, every: float = 0.02) -> float:
    """Wait until it holds; gives the seconds. Raises NotInTime."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > within:
            raise NotInTime(f"{getattr(holds, '__qualname__', holds)} did not hold within {within} s")
        time.sleep(every)
    return time.monotonic() - begun


class NotInTime(Exception):
    """What was waited for did not come."""
