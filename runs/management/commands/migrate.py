"""`manage.py migrate`: Django's, but on PostgreSQL it gives up soon where it would have to queue for a lock."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from audit.commands import whole_number

LOCK_SECONDS = 5
OLDEST = """
    SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::int FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    ORDER BY xact_start LIMIT 1
"""


class Command(migrate.Command):
    """A statement that waits for a table's lock makes everything behind it wait too, claims and triggers first."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-timeout",
            type=whole_number,
            default=LOCK_SECONDS,
            metavar="SECONDS",
            help=f"give up after waiting so long for a table's lock (default {LOCK_SECONDS}; 0 waits for ever)",
        )

    def handle(self, *args: Any, database: str, lock_timeout: int, **options: Any) -> None:
        """Raises CommandError, with the transaction that probably is in the way, where a lock is not to be had."""
        connection = connections[database]
        if connection.vendor != "postgresql":
            super().handle(*args, database=database, **options)
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{lock_timeout}s"])
        try:
            super().handle(*args, database=database, **options)
        except OperationalError as problem:
            if isinstance(problem.__cause__, LockNotAvailable):
                raise CommandError(_refusal(connection, lock_timeout)) from problem
            raise
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")


def _refusal(connection: Any, lock_timeout: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(OLDEST)
        oldest = cursor.fetchone()
    message = _(
        "A migration waited %(seconds)d s for a table that another transaction uses, and gave up; what it had "
        "begun is undone. Run manage.py migrate again when that transaction is over."
    ) % {"seconds": lock_timeout}
    if oldest is None:
        return message
    hint = _("The oldest transaction is open for %(seconds)d s: pid %(pid)d, see pg_stat_activity.")
    return f"{message} {hint % {'pid': oldest[0], 'seconds': oldest[1]}}"
