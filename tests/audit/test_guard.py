"""The database's own triggers."""

import pytest
from django.core.checks import run_checks
from django.db import IntegrityError, connection, transaction

from audit import guard
from audit.models import AuditEvent, AuditEventImmutable, AuditHead
from audit.retention import unlocked
from tests.audit.events import execute, make_event, make_events, unguarded

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

ATTACKS = [
    "UPDATE audit_auditevent SET reason = 'other' WHERE id = 1",
    "UPDATE audit_auditevent SET id = 9 WHERE id = 2",
    "DELETE FROM audit_auditevent WHERE id = 2",
    "DELETE FROM audit_auditevent",
    "UPDATE audit_audithead SET sequence = 1",
    "UPDATE audit_audithead SET first = 0",
    "DELETE FROM audit_audithead",
]


@pytest.mark.parametrize("sql", ATTACKS)
def test_guard_refuses(sql: str) -> None:
    make_events(2)

    with (
        pytest.raises(IntegrityError, match="audit events cannot be changed or deleted"),
        transaction.atomic(),
    ):
        execute(sql)

    assert list(AuditEvent.objects.values_list("id", "reason")) == [(2, ""), (1, "")]
    assert AuditHead.objects.get().sequence == 2


@pytest.mark.parametrize("sql", ATTACKS)
def test_guard_lets_the_unlocked_path_pass(sql: str) -> None:
    make_events(2)

    with unlocked("test"):
        execute(sql)

    assert not guard.standing_unlocks()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite replaces without a DELETE trigger")
def test_guard_refuses_a_replacing_insert() -> None:
    make_events(1)
    columns = ", ".join(field.column for field in AuditEvent._meta.fields)
    copied = columns.replace("reason", "'forged'")

    with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
        execute(f"INSERT OR REPLACE INTO audit_auditevent ({columns}) SELECT {copied} FROM audit_auditevent")

    assert AuditEvent.objects.get().reason == ""


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("table", ["audit_auditevent", "audit_audithead"])
def test_guard_refuses_truncate_while_events_stand(table: str) -> None:
    execute(f"TRUNCATE {table}")
    make_events(1)

    with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
        execute(f"TRUNCATE {table}")

    assert AuditEvent.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no deferred triggers")
@pytest.mark.django_db(transaction=True)
def test_guard_refuses_to_commit_an_unlock() -> None:
    with pytest.raises(IntegrityError, match="an unlock must end with its transaction"), transaction.atomic():
        execute("INSERT INTO audit_auditunlock (purpose) VALUES ('for ever')")

    assert not guard.standing_unlocks()


def test_unlock_ends_when_its_block_fails() -> None:
    make_events(1)

    with pytest.raises(ZeroDivisionError), unlocked("test"):
        raise ZeroDivisionError

    with pytest.raises(IntegrityError), transaction.atomic():
        execute("DELETE FROM audit_auditevent")


def test_installing_again_changes_nothing() -> None:
    assert guard.missing() == []

    guard.install()

    assert guard.missing() == []


def test_missing_names_what_is_absent_and_install_mends_it() -> None:
    guard.uninstall()
    absent = guard.missing()

    guard.install()

    assert "audit_head_forward" in absent
    assert len(absent) == 5
    assert guard.missing() == []


def test_missing_names_a_trigger_that_does_something_else() -> None:
    if connection.vendor == "sqlite":
        execute("DROP TRIGGER audit_head_stays")
        execute("CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_audithead WHEN 0 BEGIN SELECT 1; END")
    else:
        execute("ALTER TABLE audit_audithead DISABLE TRIGGER audit_head_stays")

    assert guard.missing() == ["audit_head_stays"]


def test_check_fails_without_the_guard() -> None:
    assert [problem.id for problem in run_checks(tags=["database"], databases=["default"])] == []
    guard.uninstall()

    problems = run_checks(tags=["database"], databases=["default"])

    assert [problem.id for problem in problems] == ["audit.E001"]
    assert "audit_head_forward" in problems[0].msg
    assert "migrate --skip-checks" in problems[0].hint


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refuses the commit")
def test_check_fails_while_an_unlock_stands() -> None:
    execute("INSERT INTO audit_auditunlock (purpose) VALUES ('forgotten')")

    problems = run_checks(tags=["database"], databases=["default"])

    assert [(problem.id, "forgotten" in problem.msg) for problem in problems] == [("audit.E002", True)]


def test_event_cannot_be_saved_again_or_deleted() -> None:
    event = make_event()

    with pytest.raises(AuditEventImmutable):
        event.save()
    with pytest.raises(AuditEventImmutable):
        event.delete()


def test_attack_succeeds_without_the_guard() -> None:
    make_events(1)

    with unguarded():
        execute("DELETE FROM audit_auditevent")

    assert AuditEvent.objects.count() == 0
