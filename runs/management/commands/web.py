"""`manage.py web`: pages, webhooks and the API."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from config.settings import environment as env
from runs.forking import die_with_parent
from runs.intake import rates
from runs.startup import port_number, require_database, require_secrets

# Its words belong with other messages: standard output carries the line that says where Signalbox is ready.
LOGGING: dict[str, Any] = {
    "handlers": {
        name: {"formatter": format_, "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
        for name, format_ in (("console", "generic"), ("access", "access"))
    }
}
if settings.LOG_FORMAT == "json":
    LOGGING["formatters"] = {name: {"()": "config.logs.JsonFormatter"} for name in ("generic", "access")}


class Command(BaseCommand):
    """Serves under granian; put a proxy that ends TLS in front of it."""

    help = "Serve pages, webhooks and the API until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        port = env.number("SIGNALBOX_PORT", default=8000, least=1, most=65535)
        parser.add_argument("--port", type=port_number, default=port)
        parser.add_argument("--host", default=env.text("SIGNALBOX_HOST", "127.0.0.1"))
        parser.add_argument("--processes", type=int, default=1)
        parser.add_argument("--threads", type=int, default=8, help="requests at once per process (default 8)")

    def handle(self, *args: Any, port: int, host: str, processes: int, threads: int, **options: Any) -> None:
        require_database()
        require_secrets()
        connections.close_all()
        # Before it forks: its processes count deliveries together.
        rates.prepare()
        # The server forks what answers; killed by itself it would leave that behind, on the port of the next start.
        os.register_at_fork(after_in_child=die_with_parent)
        Granian(
            "config.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=processes,
            blocking_threads=threads,
            backlog=1024,
            backpressure=threads * 8,
            respawn_failed_workers=True,
            workers_kill_timeout=10,
            log_level=LogLevels.error,
            log_dictconfig=LOGGING,
        ).serve()
