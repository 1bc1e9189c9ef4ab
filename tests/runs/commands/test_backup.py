"""`manage.py backup` and `manage.py restore` on files: whole or not at all, never over something, never under somebody."""

import json
import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from runs.models import Restoration
from runs.services import copying
from tests.factories import make_workflow

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.IS_EMBEDDED, reason="files are SQLite's"),
]


def command(*arguments: str) -> dict[str, Any]:
    output = StringIO()
    call_command(*arguments, "--json", stdout=output)
    return dict(json.loads(output.getvalue()))


def rows(file: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as copy:
        return copy.execute(statement).fetchall()


def test_copy_holds_everything_and_says_what_it_is(tmp_path: Path) -> None:
    make_workflow("Kept")
    file = tmp_path / "copy.sqlite3"

    told = command("backup", str(file))

    assert told["changed"] is True
    assert told["bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    assert rows(file, "SELECT name FROM workflows_workflow") == [("Kept",)]
    assert rows(file, "SELECT confirmed_at FROM runs_restoration") == [(None,)]
    assert [path.name for path in tmp_path.iterdir()] == ["copy.sqlite3"]


def test_copying_is_recorded_and_marks_the_copy_only(tmp_path: Path) -> None:
    command("backup", str(tmp_path / "copy.sqlite3"))

    event = AuditEvent.objects.order_by("id").last()
    assert (event.event, json.loads(event.after)) == ("Backup made", {"file": "copy.sqlite3"})
    assert rows(tmp_path / "copy.sqlite3", "SELECT max(id) FROM audit_auditevent") == [(event.id,)]
    assert not Restoration.objects.exists()


def test_copy_never_goes_over_a_file(tmp_path: Path) -> None:
    file = tmp_path / "copy.sqlite3"
    file.write_text("something else")

    with pytest.raises(CommandError, match=r"exists\. Choose another name"):
        call_command("backup", str(file))

    assert file.read_text() == "something else"
    assert not AuditEvent.objects.filter(event="Backup made").exists()


def test_copy_that_breaks_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_full(copy: sqlite3.Connection, moment: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "_mark", disk_full)

    with pytest.raises(CommandError, match="No space left on device"):
        call_command("backup", str(tmp_path / "copy.sqlite3"))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no database at all, only text", "file is not a database"),
        (b"", "is no database of Signalbox"),
    ],
)
def test_what_is_no_copy_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    make_workflow("Kept")
    file = tmp_path / "copy.sqlite3"
    file.write_bytes(content)

    with pytest.raises(CommandError, match=sentence):
        call_command("restore", str(file))

    assert command("workflows", "list")["workflows"][0]["name"] == "Kept"


def test_file_and_confirmation_together_are_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not allowed with argument"):
        call_command("restore", str(tmp_path / "copy.sqlite3"), "--confirm")
