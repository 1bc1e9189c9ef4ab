"""Attacks on event 4 of 8, by somebody who holds the database but not the signing key."""

from audit import chain, seals
from audit.models import AuditEvent, AuditHead
from tests.audit.events import execute, rehash


def edit() -> None:
    execute("UPDATE audit_auditevent SET reason = 'other' WHERE id = 4")


def edit_values() -> None:
    execute("UPDATE audit_auditevent SET after = '{}' WHERE id = 4")


def move_in_time() -> None:
    execute("UPDATE audit_auditevent SET time = '2020-01-01 00:00:00+00:00' WHERE id = 4")


def delete() -> None:
    execute("DELETE FROM audit_auditevent WHERE id = 4")


def delete_and_close_up() -> None:
    execute("DELETE FROM audit_auditevent WHERE id = 4")
    for number in range(5, 9):
        execute("UPDATE audit_auditevent SET id = %s WHERE id = %s", number - 1, number)
    execute("UPDATE audit_audithead SET sequence = 7")


def swap() -> None:
    execute("UPDATE audit_auditevent SET id = 99 WHERE id = 4")
    execute("UPDATE audit_auditevent SET id = 4 WHERE id = 6")
    execute("UPDATE audit_auditevent SET id = 6 WHERE id = 99")


def insert() -> None:
    for number in range(8, 3, -1):
        execute("UPDATE audit_auditevent SET id = %s WHERE id = %s", number + 1, number)
    columns = ", ".join(field.column for field in AuditEvent._meta.fields if field.column != "id")
    execute(
        f"INSERT INTO audit_auditevent (id, {columns}) SELECT 4, {columns} FROM audit_auditevent WHERE id = 3"
    )
    execute("UPDATE audit_audithead SET sequence = 9")


def insert_and_rehash() -> None:
    insert()
    rehash(4)


def rewrite() -> None:
    edit()
    rehash(4)


def rewrite_without_head() -> None:
    head = AuditHead.objects.get().hash
    rewrite()
    execute("UPDATE audit_audithead SET hash = %s", head)


def relabel() -> None:
    execute("UPDATE audit_auditevent SET actor_label = 'bert' WHERE id = 4")


def relabel_subject() -> None:
    execute("UPDATE audit_auditevent SET subject_label = 'Other' WHERE id = 4")


def relabel_with_digest() -> None:
    digest = chain.digest_of_label("salt", "bert")
    execute("UPDATE audit_auditevent SET actor_label = 'bert', actor_salt = 'salt' WHERE id = 4")
    execute("UPDATE audit_auditevent SET actor_digest = %s WHERE id = 4", digest)


def erase_by_hand() -> None:
    execute("UPDATE audit_auditevent SET actor_label = %s, actor_salt = '' WHERE id = 4", seals.ERASED_LABEL)


def copy_an_erasure() -> None:
    event = AuditEvent.objects.get(id=5)
    seal = seals.erasure(5, "actor", event.actor_digest)
    execute(
        "UPDATE audit_auditevent SET actor_label = %s, actor_salt = %s WHERE id = 4", seals.ERASED_LABEL, seal
    )


ATTACKS = [
    edit, edit_values, move_in_time, delete, delete_and_close_up, swap, insert, insert_and_rehash, rewrite,
    rewrite_without_head, relabel, relabel_subject, relabel_with_digest, erase_by_hand, copy_an_erasure,
]  # fmt: skip
