"""A child process made by fork: it shares the memory of what its parent has imported, until one of them writes."""

import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import connections

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
LOOK_SECONDS = 0.02


class Forked:
    """A running child. The parent must have no threads: a lock that one of them held would stay locked here."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        # A database connection that two processes share breaks for both.
        connections.close_all()
        parent = os.getpid()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _live(name, parent, work)

    def poll(self) -> int | None:
        """The exit code once it has ended (minus the signal's number where one ended it), else None."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, seconds: float) -> int | None:
        """The exit code, or None if it has not ended within so many seconds."""
        deadline = time.monotonic() + seconds
        while self.poll() is None and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        return self.returncode

    def terminate(self) -> None:
        """SIGTERM, unless it has ended."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, unless it has ended."""
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def _live(name: str, parent: int, work: Callable[[], object]) -> None:
    """The child's whole life. It leaves by os._exit(), so that nothing of the parent's is unwound here."""
    code = 1
    try:
        _settle(name, parent)
        work()
        code = 0
    except SystemExit as ended:
        code = _code_of(ended)
    except (CommandError, ImproperlyConfigured) as refused:
        sys.stderr.write(f"{refused}\n")
        code = getattr(refused, "returncode", 1)
    except BaseException:  # nothing may pass into the parent's frames, which exist here too
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _settle(name: str, parent: int) -> None:
    """Signals as in a new process, nothing to read, a name for `ps`, and the parent's end is the child's too."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode()[:15])
    die_with_parent()
    if os.getppid() != parent:
        raise SystemExit(1)


def die_with_parent() -> None:
    """In a child: get SIGTERM when the parent dies, however it dies, so that nothing is left behind (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _code_of(ended: SystemExit) -> int:
    if isinstance(ended.code, str):
        sys.stderr.write(f"{ended.code}\n")
        return 1
    return ended.code or 0
