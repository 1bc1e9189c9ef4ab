"""Named places at which tests let a process die, fail, stall or lose its database (reliability.md, sections 3 and 5).

Alive only under the test settings with SIGNALBOX_FAILPOINTS set: it names a folder whose file `plan` says what
happens where, one line a failpoint: point, action, times. It is read whenever a point is reached, so that a plan
may change while processes run; a plan written anew counts from nothing, over all processes together.

    K7 kill once
    K7 kill first:4
    K8 sleep:5 nth:3
    K8 kill:11 once
    K8 hold:60 once
    K2 raise chance:0.1
    K9 cut always

`hold` stays there until this plan is taken away or written anew, though no longer than so many seconds: unlike after
`sleep`, nobody comes back by itself while a busy machine keeps the test from what it does meanwhile.

What fires is appended to the file `fired`, and flushed to the disk, before it acts. The file `reached` counts.
"""

import fcntl
import json
import os
import random
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.utils.translation import gettext as _

VARIABLE = "SIGNALBOX_FAILPOINTS"


class FailpointReached(Exception):
    """What the action `raise` raises."""


@dataclass(frozen=True)
class Rule:
    """One line of a plan. Raises ValueError for a line that is none."""

    point: str
    action: str
    amount: float
    times: str
    number: float

    @classmethod
    def read(cls, line: str) -> "Rule":
        point, what, when = line.split()
        action, _colon, amount = what.partition(":")
        times, _colon, number = when.partition(":")
        if action not in ACTIONS or times not in TIMES:
            raise ValueError(line)
        return cls(point, action, float(amount or 0), times, float(number or 0))

    def fires(self, reached: int, fired: int) -> bool:
        """Whether it fires when its point was reached so many times, this one included, and fired so often before."""
        return TIMES[self.times](self, reached, fired)


LAST_MOMENTS = 10.0

TIMES: dict[str, Callable[[Rule, int, int], bool]] = {
    "always": lambda rule, reached, fired: True,
    "once": lambda rule, reached, fired: fired == 0,
    "first": lambda rule, reached, fired: fired < rule.number,
    "nth": lambda rule, reached, fired: reached == rule.number,
    "chance": lambda rule, reached, fired: random.random() < rule.number,  # noqa: S311 - no secret depends on it
}


class Failpoints:
    """The plan, and the record of what fired, in one folder that all processes of a test share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def reach(self, point: str) -> None:
        """Act as the plan says; returns when nothing is planned here, or after a stall."""
        try:
            plan = (self.folder / "plan").read_text().splitlines()
        except FileNotFoundError:
            return
        for rule in (Rule.read(line) for line in plan if line.startswith(f"{point} ")):
            if self._is_due(rule):
                ACTIONS[rule.action](rule, self.folder / "plan")

    def _is_due(self, rule: Rule) -> bool:
        """Count the visit and, where the rule fires, record that; one process at a time."""
        with self._locked("reached") as reached, self._locked("fired") as fired:
            _append(reached, rule.point)
            is_due = rule.fires(_count(reached, rule.point), _count(fired, f'{{"point": "{rule.point}"'))
            if is_due:
                line = {"point": rule.point, "action": rule.action, "process": os.getpid(), "at": time.time()}
                _append(fired, json.dumps(line))
        return is_due

    @contextmanager
    def _locked(self, name: str) -> Iterator[TextIO]:
        with (self.folder / name).open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file


def _append(file: TextIO, line: str) -> None:
    file.write(f"{line}\n")
    file.flush()
    os.fsync(file.fileno())


def _count(file: TextIO, start: str) -> int:
    file.seek(0)
    return sum(line.startswith(start) for line in file.read().splitlines())


def _kill(rule: Rule, plan: Path) -> None:
    os.kill(os.getpid(), int(rule.amount) or signal.SIGKILL)
    # A signal to the process may be taken by another thread some moments later: nothing must go on here meanwhile.
    time.sleep(LAST_MOMENTS)


def _raise(rule: Rule, plan: Path) -> None:
    raise FailpointReached(rule.point)


def _sleep(rule: Rule, plan: Path) -> None:
    time.sleep(rule.amount)


def _hold(rule: Rule, plan: Path) -> None:
    until, written = time.monotonic() + rule.amount, _written(plan)
    while time.monotonic() < until and _written(plan) == written:
        time.sleep(0.02)


def _written(plan: Path) -> tuple[int, int]:
    """Which file it is; file systems give the number of a removed one to the next."""
    try:
        found = plan.stat()
    except FileNotFoundError:
        return (0, 0)
    return (found.st_ino, found.st_mtime_ns)


def _cut(rule: Rule, plan: Path) -> None:
    """The database goes away: the socket to PostgreSQL is shut; SQLite, which has none, fails as by a bad disk."""
    if connection.vendor != "postgresql":
        raise OperationalError("disk I/O error")
    if connection.connection is not None:
        with suppress(OSError), socket.socket(fileno=os.dup(connection.connection.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)


ACTIONS: dict[str, Callable[[Rule, Path], None]] = {
    "kill": _kill,
    "raise": _raise,
    "sleep": _sleep,
    "hold": _hold,
    "cut": _cut,
}


def _armed(folder: str) -> Callable[[str], None]:
    if folder != settings.FAILPOINTS:
        raise ImproperlyConfigured(
            _("%(variable)s is set, but failpoints are for tests only. Unset it.") % {"variable": VARIABLE}
        )
    return Failpoints(Path(folder)).reach if folder else _pass_by


def _pass_by(point: str) -> None:
    return None


failpoint: Callable[[str], None] = _armed(os.environ.get(VARIABLE, ""))
"""Call it as failpoint("K7"). Unless armed it does nothing at all."""
