"""Copies of the SQLite database: taken while everything runs, and put in the place of the present one."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from django.db import connection, connections
from django.utils.translation import gettext as _

from audit.services import change, record
from audit.verbs import AuditWord
from config.clock import stamp
from runs.models import Restoration
from runs.services.restoring import SUBJECT, require_nobody_at_work
from workflows.lifecycle import Refusal

OWN_TABLES = {"django_migrations", "workflows_workflow", "audit_auditevent"}


class CopyRefused(Refusal):
    """The copy cannot be taken or used; nothing was changed."""

    code = "copy_refused"


def take(target: Path) -> datetime:
    """Write a consistent copy, whole or not at all, marked as one: what starts on it waits for a confirmation.

    Writers go on meanwhile. Gives a moment before which everything that was committed is in it.
    """
    _require_sqlite(_("On PostgreSQL use pg_dump (docs/deploy/backup.md)."))
    if target.exists():
        raise CopyRefused(_("%(file)s exists. Choose another name.") % {"file": target})
    with change():
        record(AuditWord.BACKUP_MADE, SUBJECT, after={"file": target.name})
    moment = stamp()
    with _written_whole(target) as partial, closing(sqlite3.connect(partial)) as copy:
        with closing(sqlite3.connect(f"{_present().as_uri()}?mode=ro", uri=True)) as source:
            source.backup(copy)
        _mark(copy, moment)
        _require_sound(copy, target)
    return moment


def _mark(copy: sqlite3.Connection, moment: datetime) -> None:
    """In the copy itself, so that nobody can forget to, whoever puts it into place and however."""
    copy.execute("PRAGMA journal_mode=DELETE")
    at = str(connection.ops.adapt_datetimefield_value(moment))
    table = Restoration._meta.db_table
    with copy:
        copy.execute(f"INSERT INTO {table} (copied_at, marked_at) VALUES (?, ?)", [at, at])  # noqa: S608


def put_into_place(source: Path) -> Path | None:
    """Make a copy the present database; gives under which name the former one is kept, if there was one.

    Raises CopyRefused, and StillAtWork while processes work on the present one.
    """
    _require_sqlite(_("On PostgreSQL use pg_restore, then manage.py restore (docs/deploy/backup.md)."))
    if not source.is_file():
        raise CopyRefused(_("There is no file %(file)s.") % {"file": source})
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        _require_sound(copy, source)
    is_used = bool(connection.introspection.table_names())
    if is_used:
        require_nobody_at_work()
    _settle_present()
    aside = _present().with_name(f"before-restore-{stamp():%Y%m%dT%H%M%S}.sqlite3")
    with _written_whole(_present()) as partial:
        shutil.copyfile(source, partial)
        if is_used:
            os.link(_present(), aside)
    return aside if is_used else None


def _settle_present() -> None:
    """Bring what a killed process left in the write-ahead log into the file; raises CopyRefused while it is in use."""
    connections.close_all()
    with closing(sqlite3.connect(_present())) as present:
        present.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if _present().with_name(f"{_present().name}-wal").exists():
        raise CopyRefused(_("The database is in use. Stop every process first."))


@contextmanager
def _written_whole(target: Path) -> Iterator[Path]:
    """A file beside the target that takes its name once it is complete and on the disk; else it goes."""
    partial = target.with_name(f"{target.name}.partial")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
        yield partial
        _flush(partial)
        partial.replace(target)
        _flush(target.parent)
    except OSError as problem:
        raise CopyRefused(f"{target}: {problem.strerror or problem}") from problem
    finally:
        partial.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _require_sound(copy: sqlite3.Connection, name: Path) -> None:
    try:
        verdict = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError as problem:
        raise CopyRefused(f"{name}: {problem}") from problem
    if verdict != "ok":
        raise CopyRefused(f"{name}: {verdict}")
    if not tables >= OWN_TABLES:
        raise CopyRefused(_("%(file)s is no database of Signalbox.") % {"file": name})


def _require_sqlite(otherwise: str) -> None:
    if connection.vendor != "sqlite":
        raise CopyRefused(otherwise)


def _present() -> Path:
    return Path(str(connection.settings_dict["NAME"])).resolve()
