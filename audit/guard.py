"""Database triggers that refuse to change or delete events, outside the unlocked path of audit/retention.py.

Installed after every migration, because altering the table would drop them silently.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from audit import guard_postgresql, guard_sqlite

EVENTS = "audit_auditevent"
UNLOCKS = "audit_auditunlock"
_BY_VENDOR = {"sqlite": guard_sqlite, "postgresql": guard_postgresql}


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Create what is missing; repeating does nothing. Does nothing before the first migration either."""
    connection = connections[using]
    if not _has_tables(connection) or not missing(using):
        return
    with connection.cursor() as cursor:
        for statement in _BY_VENDOR[connection.vendor].statements():
            cursor.execute(statement)


def uninstall(using: str = DEFAULT_DB_ALIAS) -> None:
    """Remove every trigger, for an attack in a test or a repair by hand; `migrate` installs them again."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in _BY_VENDOR[connection.vendor].removals():
            cursor.execute(statement)


def missing(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The names of triggers that are absent, altered or disabled; empty when the guard stands."""
    connection = connections[using]
    if not _has_tables(connection):
        return []
    with connection.cursor() as cursor:
        return _BY_VENDOR[connection.vendor].missing(cursor)


def standing_unlocks(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Purposes of unlock rows that were committed: each leaves the guard open. Must be empty."""
    connection = connections[using]
    if not _has_tables(connection):
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT purpose FROM {UNLOCKS} ORDER BY id")  # noqa: S608 - a constant
        return [row[0] for row in cursor.fetchall()]


def install_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Receiver of post_migrate."""
    install(using)


def check_guard(
    *, app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """System check (tag "database"): audit.E001 triggers absent, audit.E002 the guard left open."""
    problems: list[CheckMessage] = []
    for using in databases or []:
        absent, open_for = missing(using), standing_unlocks(using)
        if absent:
            problems.append(
                Error(
                    _("The audit log is unguarded: database triggers are absent or altered: %(names)s.")
                    % {"names": ", ".join(absent)},
                    hint=_("Run: python manage.py migrate --skip-checks"),
                    id="audit.E001",
                )
            )
        if open_for:
            problems.append(
                Error(
                    _("The audit log's guard is left open for: %(purposes)s.")
                    % {"purposes": ", ".join(open_for)},
                    hint=_("Run `python manage.py audit verify`, then delete the rows of audit_auditunlock."),
                    id="audit.E002",
                )
            )
    return problems


def _has_tables(connection: BaseDatabaseWrapper) -> bool:
    return {EVENTS, UNLOCKS} <= set(connection.introspection.table_names())
