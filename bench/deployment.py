"""The product's own processes, started as an operator would and ended by their ids."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import httpx

from bench.costs import memory, name_of, tree
from bench.stacks import Stack

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Deployment:
    """One command, `up --no-samples`, or web, workers and a scheduler, each a command of its own.

    Embedded it is one command, elsewhere only `as_one`. Runs while inside; may be started again.
    """

    def __init__(self, stack: Stack, *, workers: int = 1, as_one: bool = False) -> None:
        self.stack, self.workers, self.is_one = stack, workers, as_one or stack.is_embedded
        self.port = free_port()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.log = stack.data / "processes.log"
        self.said_before = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    @property
    def roots(self) -> dict[str, int]:
        """Process ids by what they do; of one command the web process and the workers are told apart."""
        roots = {name: process.pid for name, process in self.processes.items()}
        if self.is_one and self.processes:
            # What a process forks has its name, and comes later.
            named = {name_of(pid): pid for pid in sorted(tree(roots.values()), reverse=True)}
            roots |= {name: pid for name, pid in named.items() if name.startswith(("web", "worker"))}
        return roots

    @property
    def memory(self) -> float:
        """MiB of all processes (PSS)."""
        return memory(tree(process.pid for process in self.processes.values()))

    def start(self) -> float:
        """Start everything; gives the seconds until a trigger would be accepted by a worker that lives."""
        begun = time.monotonic()
        self.said_before = self.log.stat().st_size if self.log.exists() else 0
        for name, arguments in self._commands().items():
            self._start(name, arguments)
        while not self._is_ready():
            if time.monotonic() - begun > PATIENCE or self._ended():
                self.stop()
                raise RuntimeError(f"The deployment did not start:\n{self._said()}")
            time.sleep(0.02)
        return time.monotonic() - begun

    def stop(self) -> None:
        """SIGTERM to all, and SIGKILL to what is left after a while."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def _commands(self) -> dict[str, list[str]]:
        port = ["--port", str(self.port)]
        if self.is_one:
            return {"up": ["up", "--no-samples", "--workers", str(self.workers), *port]}
        workers = {f"worker{number or ''}": ["worker"] for number in range(self.workers)}
        return {"web": ["web", *port], **workers, "scheduler": ["scheduler"]}

    def _start(self, name: str, arguments: list[str]) -> None:
        with self.log.open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "manage.py", *arguments], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
            )

    def _said(self) -> str:
        return self.log.read_bytes()[self.said_before :].decode()

    def _ended(self) -> bool:
        return any(process.poll() is not None for process in self.processes.values())

    def _is_ready(self) -> bool:
        if self.is_one:
            return f"is ready at http://127.0.0.1:{self.port}/" in self._said()
        try:
            address = f"http://127.0.0.1:{self.port}/health/ready"
            return httpx.get(address, timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False
