"""A database that lacks something, or lies where it must not: the fault is made, then the doctor is asked."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from runs.doctor import database, examine
from tests.runs.doctor.looking import said

on_postgresql = pytest.mark.skipif(settings.IS_EMBEDDED, reason="needs PostgreSQL")
on_sqlite = pytest.mark.skipif(not settings.IS_EMBEDDED, reason="needs SQLite")


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.stack
@pytest.mark.django_db
def test_database_as_migrated_lacks_nothing() -> None:
    assert [said(name).level for name in ("database", "migrations", "indexes", "audit")] == ["ok"] * 4


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_migration_that_is_not_applied_is_found() -> None:
    call_command("migrate", "runs", "0001", verbosity=0)
    try:
        found = said("migrations")
        assert (found.level, found.fix) == ("error", "manage.py migrate")
        assert found.numbers["not_applied"] >= 1
    finally:
        call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_migration_of_a_newer_release_is_found() -> None:
    MigrationRecorder(connection).record_applied("runs", "9999_from_the_future")

    found = said("migrations")

    assert found.level == "warning"
    assert "runs.9999_from_the_future" in found.message
    assert found.fix == "Upgrade this host's processes as well."


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_missing_index_is_found_and_the_remedy_makes_it_again() -> None:
    execute("DROP INDEX run_due")

    found = said("indexes")

    assert found.level == "error"
    assert found.message.startswith("runs_run lacks run_due:")
    execute(found.fix)
    assert said("indexes").level == "ok"


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_missing_index_of_a_single_field_is_found_and_the_remedy_makes_it_again() -> None:
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, "runs_heartbeat")
    (name,) = [name for name, part in there.items() if part["columns"] == ["beat_at"] and part["index"]]
    execute(f'DROP INDEX "{name}"')

    found = said("indexes")

    assert found.message.startswith("runs_heartbeat lacks beat_at:")
    execute(found.fix)
    assert said("indexes").level == "ok"


@on_postgresql
@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_index_whose_building_was_broken_off_is_found_and_the_remedy_mends_it() -> None:
    execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'run_due'::regclass")

    found = said("indexes")

    assert (found.level, found.fix) == ("error", 'REINDEX INDEX CONCURRENTLY "run_due";')
    execute(found.fix)
    assert said("indexes").level == "ok"


@on_sqlite
@pytest.mark.django_db
def test_network_disk_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test can mount one: the disk that the test's database lies on is declared to be such."""
    kind = database.disk_kind(str(settings.DATABASES["default"]["NAME"]))
    assert kind
    assert said("disk").level == "ok"
    monkeypatch.setattr(database, "NETWORK_DISKS", {kind})

    found = said("disk")

    assert found.level == "error"
    assert kind in found.message
    assert found.fix == "Put SIGNALBOX_DATA on a local disk, or use PostgreSQL."


def test_kind_of_a_disk_is_the_one_in_the_systems_own_table() -> None:
    mounted = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]

    assert database.disk_kind("/proc/anything") == next(
        fields[2] for fields in mounted if fields[1] == "/proc"
    )


def test_database_that_cannot_be_reached_is_the_only_thing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)

    (found,) = examine()

    assert (found.level, found.message) == ("error", "OperationalError: connection refused")
