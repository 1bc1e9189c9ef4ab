"""What the audit tests share: recording some events, and attacking them as somebody who holds the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from audit import chain, guard
from audit.context import Actor, acting
from audit.models import AuditEvent
from audit.services import Subject, change, record
from audit.verbs import AuditWord

ANNA = Actor("person", "7", "anna")


def make_events(
    count: int, *, actor: Actor = ANNA, word: AuditWord = AuditWord.WORKFLOW_DESCRIBED
) -> list[int]:
    """Record events about workflow 1 by one actor, each in its own transaction; their numbers."""
    with acting(actor, origin="page", correlation="c-1"):
        return [make_event(word=word, after={"n": number}).pk for number in range(count)]


def make_event(
    *,
    word: AuditWord = AuditWord.WORKFLOW_DESCRIBED,
    subject: Subject = Subject("workflow", "1", "Digest"),  # noqa: B008 - frozen
    **data: Any,
) -> AuditEvent:
    with change():
        return record(word, subject, **data)


@contextmanager
def unguarded() -> Iterator[None]:
    """The triggers out of the way, as for somebody who owns the database."""
    guard.uninstall()
    yield
    guard.install()


def execute(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def rehash(first: int) -> None:
    """Recompute every hash from an event on, without the signing key, and set the head to fit."""
    before = AuditEvent.objects.filter(id=first - 1).first()
    previous = before.hash if before else chain.GENESIS
    for event in AuditEvent.objects.filter(id__gte=first).order_by("id"):
        event.previous_hash = previous
        previous = chain.hash_of(event, previous)
        execute(
            "UPDATE audit_auditevent SET previous_hash = %s, hash = %s WHERE id = %s",
            event.previous_hash,
            previous,
            event.pk,
        )
    execute("UPDATE audit_audithead SET hash = %s WHERE id = 1", previous)
