"""`manage.py scheduler`: everything that becomes due by time."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from runs import restored
from runs.engine.worker import SchedulerProcess, install_stop
from runs.startup import require_database, require_secrets


class Command(BaseCommand):
    """Any number may run, on any host; they share the work."""

    help = "Ring due runs, fire schedules, release, resume and repair until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        require_database()
        require_secrets()
        is_open = restored.wait_until_open(install_stop)
        connections.close_all()
        if is_open:
            SchedulerProcess().run()
