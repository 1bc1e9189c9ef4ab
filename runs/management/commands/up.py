"""`manage.py up`: the whole of Signalbox from one command."""

import os
import signal
import socket
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.servers.basehttp import get_internal_wsgi_application
from django.urls import reverse
from django.utils.crypto import get_random_string

from audit.context import Actor, acting
from config.settings import environment as env
from runs.forking import Forked
from runs.management.commands import web, worker
from runs.samples import endpoint, history, loading
from runs.startup import port_number, require_database, require_secrets
from runs.supervisor import Supervisor, is_free
from workflows.services.members import ensure_first_manager
from workflows.services.scopes import ensure_workspace

ASKED_EVERY = 0.2
# Two interpreters take deliveries at once; on one core they would only take turns.
WEB_PROCESSES = min(2, os.cpu_count() or 1)
# Senders fall unevenly on the two, and those that wait for a thread share no commit.
WEB_THREADS = 12
FIRST_MANAGER = "admin"
STARTING = Actor("system", "up", "Signalbox")


class Command(BaseCommand):
    """Migrates, makes the first manager, loads the samples, and serves pages, workers and schedules."""

    help = "Prepare the database and serve everything until stopped."
    samples: socket.socket | None = None
    stopping: threading.Event

    def add_arguments(self, parser: ArgumentParser) -> None:
        port = env.number("SIGNALBOX_PORT", default=8000, least=1, most=65535)
        parser.add_argument("--port", type=port_number, default=port)
        parser.add_argument("--host", default=env.text("SIGNALBOX_HOST", "127.0.0.1"))
        parser.add_argument("--workers", type=int, default=1, help="worker processes (default 1)")
        parser.add_argument(
            "--web-processes",
            type=int,
            default=WEB_PROCESSES,
            help=f"processes that answer pages and webhooks (default here {WEB_PROCESSES})",
        )
        parser.add_argument("--no-samples", action="store_true", help="leave an empty database empty")

    def handle(
        self,
        *args: Any,
        host: str,
        port: int,
        workers: int,
        web_processes: int,
        no_samples: bool,
        **options: Any,
    ) -> None:
        if not is_free(host, port):
            raise CommandError(
                f"Something listens on {host}:{port} already. Choose another port with --port."
            )
        self.stopping = self._told_to_stop()
        require_database()
        self._in_a_child("migrate", partial(call_command, "migrate", interactive=False, verbosity=0))
        require_secrets()
        is_new = not no_samples and loading.is_wanted()
        self._listen_for_samples(wanted=is_new)
        self._in_a_child("prepare", partial(self._prepare, load=is_new))
        preload()
        supervisor = Supervisor(
            stopping=self.stopping,
            host=host,
            port=port,
            web=partial(
                call_command,
                web.Command(),
                host=host,
                port=port,
                processes=max(1, web_processes),
                threads=WEB_THREADS,
            ),
            worker=self._work,
            workers=max(1, workers),
            on_ready=lambda: self._ready(supervisor, is_new=is_new),
        )
        supervisor.run()

    def _told_to_stop(self) -> threading.Event:
        """What SIGTERM and SIGINT set from now on."""
        stopping = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        return stopping

    def _in_a_child(self, name: str, work: Callable[[], object]) -> None:
        """Do it in a process that ends with it: what it imports and leaves behind is no burden on those that stay."""
        child = Forked(name, work)
        while child.wait(ASKED_EVERY) is None:
            if self.stopping.is_set():
                child.terminate()
        if self.stopping.is_set() or child.returncode:
            raise SystemExit(0 if self.stopping.is_set() else 1)

    def _listen_for_samples(self, *, wanted: bool) -> None:
        """Listen for what the samples ask, where there are samples; the processes learn the port from us."""
        if not wanted and not loading.uses_samples():
            return
        self.samples = endpoint.listen(loading.known_port())
        port = self.samples.getsockname()[1]
        settings.SAMPLE_ENDPOINT_PORT = port
        os.environ["SIGNALBOX_SAMPLE_ENDPOINT_PORT"] = str(port)

    def _prepare(self, *, load: bool) -> None:
        with acting(STARTING, origin="system"):
            self._make_first_manager()
            if self.samples is not None:
                endpoint.serve(self.samples)
                loading.connect(settings.SAMPLE_ENDPOINT_PORT)
            if load:
                loading.load()

    def _make_first_manager(self) -> None:
        ensure_workspace()
        given = os.environ.get("SIGNALBOX_ADMIN_PASSWORD", "")
        password = given or get_random_string(16)
        if ensure_first_manager(FIRST_MANAGER, password) and not given:
            self._say(f"The first manager is {FIRST_MANAGER} with the password {password} (shown this once).")

    def _work(self) -> None:
        if self.samples is not None:
            endpoint.serve(self.samples)
        call_command(worker.Command(), with_scheduler=True)

    def _ready(self, supervisor: Supervisor, *, is_new: bool) -> None:
        if is_new:
            self._in_a_child("history", self._make_history)
        self._say(f"Signalbox is ready at {supervisor.shown_address}/")

    def _make_history(self) -> None:
        with acting(STARTING, origin="system"):
            history.make()
            loading.hold_some()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def preload() -> None:
    """Import here, once, what the processes forked from this one will use: middleware, and every view."""
    get_internal_wsgi_application()
    reverse(settings.LOGIN_URL)
