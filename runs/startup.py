"""What every process that serves asks before it starts: a plain sentence instead of a traceback."""

from argparse import ArgumentTypeError

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, connection

from runs import restored
from workflows.models import Connection, Trigger
from workflows.secrets import SecretUnreadable, decrypt, encrypt

LARGEST_PORT = 65_535
LOOKED_AT = 20


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


def require_secrets() -> None:
    """Also learns whether this is a restored copy. Raises CommandError where none of the stored secrets can be read, ImproperlyConfigured where a key is none.

    Single secrets that cannot be read do not stop the start: `doctor` tells them, and pages can renew them.
    """
    encrypt("")
    try:
        sealed = [
            *Connection.objects.exclude(secret="").values_list("secret", flat=True)[:LOOKED_AT],
            *Trigger.objects.exclude(secret="").values_list("secret", flat=True)[:LOOKED_AT],
        ]
        restored.look()
    except DatabaseError as absent:
        raise CommandError("The database lacks tables. Run manage.py migrate.") from absent
    if sealed and not any(map(_is_readable, sealed)):
        raise CommandError(
            "SIGNALBOX_SECRET_KEYS: no stored secret can be read with these keys. Add the former key at the end."
        )


def _is_readable(token: str) -> bool:
    try:
        decrypt(token)
    except SecretUnreadable:
        return False
    return True
