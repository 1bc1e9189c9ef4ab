"""What every process that serves asks before it starts: a plain sentence instead of a traceback."""

from argparse import ArgumentTypeError

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, connection

LARGEST_PORT = 65_535


def port_number(text: str) -> int:
    """A TCP port for an argument parser, which ends with 2 for anything else."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LARGEST_PORT:
        raise ArgumentTypeError(f"{text!r} is not a port from 1 to {LARGEST_PORT}.")
    return int(text)


def require_database() -> None:
    """Raises CommandError, naming the variable to look at, where the database cannot be reached."""
    try:
        connection.ensure_connection()
    except DatabaseError as wrong:
        variable = "SIGNALBOX_DATA" if settings.IS_EMBEDDED else "DATABASE_URL"
        cause = str(wrong).strip().partition("\n")[0].rstrip(".")
        raise CommandError(f"{variable}: the database cannot be reached ({cause}).") from wrong
