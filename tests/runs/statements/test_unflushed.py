"""A claim's commit is not waited for until the disk has it; those of an accepted trigger and of an end are."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from runs import statements
from runs.models import Run
from runs.statements.unflushed import unflushed
from tests.runs.engine.driving import accept, workflow_of
from tests.runs.statements.compared import STEP, ending

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL")


def told() -> str:
    """How the connection commits, or in a transaction how that will be: 1 or off without a flush, 2 or on with one."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


@pytest.fixture
def commits() -> Iterator[list[str]]:
    """What SQLite is told about flushing, and each commit, in their order."""
    said: list[str] = []

    def note(statement: str) -> None:
        if statement.startswith(("PRAGMA synchronous =", "COMMIT")):
            said.append(statement)

    connection.ensure_connection()
    connection.connection.set_trace_callback(note)
    yield said
    connection.connection.set_trace_callback(None)


@on_sqlite
def test_sqlite_claims_without_a_flush_and_enters_and_closes_with_one(commits: list[str]) -> None:
    run = accept(workflow_of(STEP))
    assert "PRAGMA synchronous = 1" not in commits
    commits.clear()

    (taken,) = statements.take("me", 16)
    assert commits == ["PRAGMA synchronous = 1", "COMMIT", "PRAGMA synchronous = 2"]
    commits.clear()

    statements.close([ending(run, taken.fence)])
    assert commits == ["COMMIT"]
    assert (Run.objects.get().status, told()) == ("success", "2")


@on_sqlite
def test_what_was_chosen_is_chosen_again_also_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), unflushed():
        assert told() == "1"
        raise ZeroDivisionError
    assert told() == "2"


@on_sqlite
def test_open_transaction_keeps_its_flush() -> None:
    with transaction.atomic(), unflushed():
        assert told() == "2"


@on_sqlite
def test_installation_without_flushes_stays_as_it_is() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = NORMAL")
        with unflushed():
            assert told() == "1"
        assert told() == "1"
        cursor.execute("PRAGMA synchronous = FULL")


@on_postgresql
@pytest.mark.parametrize(
    ("act", "flushes"),
    [
        (lambda: statements.take("me", 16), "off"),
        (lambda: statements.note(statements.take("me", 16)), "off"),
        (lambda: accept(workflow_of(STEP)), "on"),
    ],
)
def test_postgresql_flushes_what_must_last(act: Callable[[], object], flushes: str) -> None:
    accept(workflow_of(STEP))
    with transaction.atomic():
        act()
        assert told() == flushes
    assert told() == "on"
