"""The supervisor behind `manage.py up`: starts the processes, notices when one dies or freezes, starts it anew."""

import gc
import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from django.conf import settings
from django.db import Error, connections

from config.clock import stamp
from runs import restored
from runs.engine import heartbeat
from runs.forking import Forked
from runs.models import Heartbeat

logger = logging.getLogger(__name__)

STOP_SECONDS = 12.0
FROZEN_SECONDS = 30.0
LOOK_SECONDS = 0.5
ENOUGH_TO_DIE = 5.0


@dataclass
class Child:
    """One process to keep alive. `is_well` says whether it still does its work; asked every few seconds."""

    name: str
    work: Callable[[], object]
    is_well: Callable[[], bool]
    process: Forked | None = None
    start_at: float = 0.0
    well_at: float = 0.0
    failures: int = field(default=0)

    def start(self) -> None:
        """Start it in this process group; it ends with its parent, however that ends."""
        self.process = Forked(self.name, self.work)
        self.well_at = time.monotonic()

    def tend(self) -> None:
        """Start it again after an end, a growing while later each time; end it when it froze."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
        elif self.process.poll() is not None:
            logger.error(
                "The %s process ended with code %s; it is started again.", self.name, self.process.returncode
            )
            self._again(now)
        elif self.is_well():
            self.well_at, self.failures = now, 0
        elif now - self.well_at > FROZEN_SECONDS:
            logger.error("The %s process does not answer; it is ended and started again.", self.name)
            self.process.kill()
            self.process.wait(ENOUGH_TO_DIE)
            self._again(now)

    def _again(self, now: float) -> None:
        self.process, self.failures = None, self.failures + 1
        self.start_at = now + min(0.2 * 2 ** min(self.failures, 7), 15)


class Supervisor:
    """Web and worker processes of the embedded default."""

    def __init__(
        self,
        *,
        stopping: threading.Event,
        host: str,
        port: int,
        web: Callable[[], object],
        worker: Callable[[], object],
        workers: int,
        on_ready: Callable[[], None],
    ) -> None:
        self.stopping = stopping
        self.shown_address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        # Asked without a client library: a new one reads all certificates, twice a second.
        self.host, self.port = "127.0.0.1" if host in ("0.0.0.0", "") else host, port  # noqa: S104
        self.on_ready = on_ready
        self.children = [Child("web", web, self.web_answers)]
        self.children += [self._worker(number, worker) for number in range(workers)]

    def _worker(self, number: int, work: Callable[[], object]) -> Child:
        child = Child(f"worker {number + 1}", work, lambda: True)
        child.is_well = lambda: self._beats(child)
        return child

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; then end the children, all within 15 s."""
        # What is here now the children share: the collector must neither move nor mark it in any of them.
        gc.collect()
        gc.freeze()
        for child in self.children:
            child.start()
        is_ready = False
        next_look = 0.0
        while not self.stopping.wait(0.05 if not is_ready else LOOK_SECONDS):
            if not is_ready and self._is_ready():
                is_ready = True
                self.on_ready()
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + LOOK_SECONDS
                for child in self.children:
                    child.tend()
        self._end()

    def _is_ready(self) -> bool:
        return self._asks("/health/ready")

    def web_answers(self) -> bool:
        """Whether the pages answer."""
        return self._asks("/health/live")

    def _asks(self, path: str) -> bool:
        with closing(HTTPConnection(self.host, self.port, timeout=2)) as web:
            try:
                web.request("GET", path, headers=_host())
                return web.getresponse().status == 200
            except (OSError, HTTPException):
                return False

    def _beats(self, child: Child) -> bool:
        since = stamp() - heartbeat.ALIVE
        pid = child.process.pid if child.process else 0
        try:
            beats = Heartbeat.objects.filter(kind="worker", pid=pid, beat_at__gt=since).exists()
            # One that waits until a restored copy is confirmed does not beat.
            return beats or restored.look()
        except Error:
            # Nothing is known; a connection that broke is opened anew for the next question.
            connections.close_all()
            return True

    def _end(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            if process.wait(max(0.1, deadline - time.monotonic())) is None:
                process.kill()


def _host() -> dict[str, str]:
    """A Host header that ALLOWED_HOSTS takes: the first name in it without a wildcard."""
    named = [host for host in settings.ALLOWED_HOSTS if "*" not in host and not host.startswith(".")]
    return {"Host": named[0]} if named else {}


def is_free(host: str, port: int) -> bool:
    """Whether this port can be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
