"""A process that has Signalbox imported and forks workers, schedulers and commands: a new one costs milliseconds.

What it forks runs `manage.py`'s own commands and dies as any process does. It keeps as many of a role alive as it was
told, as a service manager would. One JSON line on standard input is an order, one on standard output an event:

    {"role": "worker", "count": 4, "arguments": ["worker", "--threads", "1"]}
    {"once": "verb-1", "arguments": ["workflows", "pause", "Counter", "--reason", "maintenance"]}
    {"event": "started", "role": "worker", "process": 4711}
    {"event": "ended", "role": "worker", "process": 4711, "code": -9}
"""

import ctypes
import json
import os
import select
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

from tests.chaos import clocks

LOOK = 0.02
PR_SET_PDEATHSIG = 1


@dataclass
class Role:
    """How many processes are wanted, and which there are."""

    arguments: list[str]
    count: int
    is_kept: bool = True
    processes: set[int] = field(default_factory=set)


class Nursery:
    """`run` returns in each forked process, with its role and the arguments of the command that it shall become."""

    def __init__(self) -> None:
        self.roles: dict[str, Role] = {}
        self.unread = b""

    def run(self) -> tuple[str, list[str]]:
        while True:
            if not self._obey():
                self._end()
            self._reap()
            for name, role in self.roles.items():
                while len(role.processes) < role.count:
                    child = os.fork()
                    if child == 0:
                        return name, role.arguments
                    role.processes.add(child)
                    if not role.is_kept:
                        role.count = 0
                    tell(event="started", role=name, process=child)

    def _obey(self) -> bool:
        """Take the orders that came; False at the end of the input."""
        if not select.select([0], [], [], LOOK)[0]:
            return True
        received = os.read(0, 65536)
        *lines, self.unread = (self.unread + received).split(b"\n")
        for line in lines:
            self._take(json.loads(line))
        return bool(received)

    def _take(self, order: dict[str, Any]) -> None:
        if "once" in order:
            self.roles[order["once"]] = Role(order["arguments"], 1, is_kept=False)
            return
        role = self.roles.setdefault(order["role"], Role(order["arguments"], 0))
        role.arguments, role.count = order["arguments"], order["count"]
        for surplus in sorted(role.processes)[role.count :]:
            os.kill(surplus, signal.SIGTERM)

    def _reap(self) -> None:
        for name, role in self.roles.items():
            for process in list(role.processes):
                ended, status = os.waitpid(process, os.WNOHANG)
                if ended:
                    role.processes.discard(process)
                    tell(event="ended", role=name, process=process, code=os.waitstatus_to_exitcode(status))

    def _end(self) -> None:
        for role in self.roles.values():
            for process in role.processes:
                os.kill(process, signal.SIGKILL)
        os._exit(0)


def tell(**event: object) -> None:
    os.write(1, json.dumps(event).encode() + b"\n")


def become(role: str, arguments: list[str], log: str) -> None:
    """In the forked process: leave the nursery behind and run the command to its end."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    with open(log, "ab") as file, open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    clocks.follow(Path(log).parent, role, arguments[0])
    from django.core.management import execute_from_command_line

    sys.argv = ["manage.py", *arguments]
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    # The command's modules are imported before the fork, as little as possible after it.
    django.setup()
    import runs.management.commands.scheduler
    import runs.management.commands.web
    import runs.management.commands.worker
    import runs.management.commands.workflows  # noqa: F401

    become(*Nursery().run(), sys.argv[1])
