"""`manage.py worker`: executes runs."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from runs import restored
from runs.engine.worker import WorkerProcess, install_stop
from runs.startup import require_database, require_secrets


class Command(BaseCommand):
    """Any number may run, on any host; the embedded default runs one that schedules too."""

    help = "Execute runs until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--threads", type=int, default=settings.WORKER_THREADS, help="runs at once (default 8)"
        )
        parser.add_argument("--with-scheduler", action="store_true", help="do the scheduler's duties as well")

    def handle(self, *args: Any, threads: int, with_scheduler: bool, **options: Any) -> None:
        require_database()
        require_secrets()
        if restored.wait_until_open(install_stop):
            WorkerProcess(threads=max(1, threads), with_scheduler=with_scheduler).run()
