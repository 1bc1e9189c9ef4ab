"""`manage.py up`: the whole of Signalbox from one command."""

import os
import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils.crypto import get_random_string

from audit.context import Actor, acting
from config.settings import environment as env
from runs.samples import history, loading
from runs.startup import port_number, require_database, require_secrets
from runs.supervisor import Supervisor, is_free
from workflows.services.members import ensure_first_manager
from workflows.services.scopes import ensure_workspace

FIRST_MANAGER = "admin"
STARTING = Actor("system", "up", "Signalbox")


class Command(BaseCommand):
    """Migrates, makes the first manager, loads the samples, and serves pages, workers and schedules."""

    help = "Prepare the database and serve everything until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        port = env.number("SIGNALBOX_PORT", default=8000, least=1, most=65535)
        parser.add_argument("--port", type=port_number, default=port)
        parser.add_argument("--host", default=env.text("SIGNALBOX_HOST", "127.0.0.1"))
        parser.add_argument("--workers", type=int, default=1, help="worker processes (default 1)")
        parser.add_argument("--no-samples", action="store_true", help="leave an empty database empty")

    def handle(
        self, *args: Any, host: str, port: int, workers: int, no_samples: bool, **options: Any
    ) -> None:
        if not is_free(host, port):
            raise CommandError(
                f"Something listens on {host}:{port} already. Choose another port with --port."
            )
        require_database()
        call_command("migrate", interactive=False, verbosity=0)
        require_secrets()
        with acting(STARTING, origin="system"):
            self._make_first_manager()
            is_new = not no_samples and loading.is_wanted()
            self._prepare_samples(load=is_new)
        connections.close_all()
        supervisor = Supervisor(
            host=host,
            port=port,
            workers=max(1, workers),
            on_ready=lambda: self._ready(supervisor, is_new=is_new),
        )
        self._serve(supervisor)

    def _make_first_manager(self) -> None:
        ensure_workspace()
        given = os.environ.get("SIGNALBOX_ADMIN_PASSWORD", "")
        password = given or get_random_string(16)
        if ensure_first_manager(FIRST_MANAGER, password) and not given:
            self._say(f"The first manager is {FIRST_MANAGER} with the password {password} (shown this once).")

    def _prepare_samples(self, *, load: bool) -> None:
        """Serve what the samples talk to, where there are samples; the processes learn its port from us."""
        if not load and not loading.uses_samples():
            return
        port = loading.serve_endpoint()
        settings.SAMPLE_ENDPOINT_PORT = port
        os.environ["SIGNALBOX_SAMPLE_ENDPOINT_PORT"] = str(port)
        loading.connect(port)
        if load:
            loading.load()

    def _serve(self, supervisor: Supervisor) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            supervisor.stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        supervisor.run()

    def _ready(self, supervisor: Supervisor, *, is_new: bool) -> None:
        if is_new:
            with acting(STARTING, origin="system"):
                history.make(supervisor.stopping.is_set)
                loading.hold_some()
        self._say(f"Signalbox is ready at {supervisor.shown_address}/")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
