"""The door for writes: `change()` around every transaction that changes something, `record()` inside it."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from audit import chain, context, seals
from audit.models import AuditEvent, AuditHead
from audit.verbs import AuditWord
from config.clock import stamp

_depth: ContextVar[int] = ContextVar("audit_change_depth", default=0)


@dataclass(frozen=True)
class Subject:
    """What an event is about. `kind`: workflow, version, run, connection, scope, member, token, person, audit, installation."""

    kind: str
    id: str
    label: str
    scope_id: int | None = None


@contextmanager
def change() -> Iterator[None]:
    """One transaction of a service. Nests as savepoints; model saves outside any are audited as such."""
    token = _depth.set(_depth.get() + 1)
    try:
        with transaction.atomic():
            yield
    finally:
        _depth.reset(token)


def is_changing() -> bool:
    """Whether a service's `change()` is open in this context."""
    return _depth.get() > 0


def record(
    word: AuditWord,
    subject: Subject,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    history: dict[str, int] | None = None,
) -> AuditEvent:
    """Append one event to the chain in the caller's transaction.

    `before` and `after` hold plain JSON values; `history` maps a model's name to the id of the row that
    django-simple-history wrote in the same transaction. Locks the chain's head, so call it last.
    Raises django.db.transaction.TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "An audit event belongs into the transaction of its change."
        )
    head = locked_head()
    event = _event(head, AuditWord(word), subject, reason)
    event.before, event.after = chain.canonical(plain(before)), chain.canonical(plain(after))
    event.history = chain.canonical(history or {})
    event.hash = chain.hash_of(event, head.hash)
    event.signature = seals.sign("event", event.hash)
    event.save()
    AuditHead.objects.filter(pk=head.pk).update(sequence=event.id, hash=event.hash)
    return event


def locked_head() -> AuditHead:
    """The end of the chain, locked until the transaction ends: nobody records meanwhile."""
    head = AuditHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        AuditHead.objects.get_or_create(pk=1)
        return AuditHead.objects.select_for_update().get(pk=1)
    return head


def _event(head: AuditHead, word: AuditWord, subject: Subject, reason: str) -> AuditEvent:
    circumstances = context.current()
    actor, salt, subject_salt = circumstances.actor, secrets.token_hex(16), secrets.token_hex(16)
    actor_label, subject_label = _storable(actor.label)[:200], _storable(subject.label)[:200]
    return AuditEvent(
        id=head.sequence + 1,
        time=stamp(),
        event=word.value,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor_label,
        actor_salt=salt,
        actor_digest=chain.digest_of_label(salt, actor_label),
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_label=subject_label,
        subject_salt=subject_salt,
        subject_digest=chain.digest_of_label(subject_salt, subject_label),
        scope_id=subject.scope_id,
        reason=_storable(reason),
        origin=_storable(circumstances.origin)[:100],
        correlation=_storable(circumstances.correlation)[:64],
        previous_hash=head.hash,
    )


def _storable(text: str) -> str:
    # PostgreSQL takes no NUL, and no database takes half a surrogate pair, as argv may bring one.
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def plain(values: dict[str, Any] | None) -> dict[str, Any]:
    """Values as events hold them: JSON, times as their one spelling, everything else as text."""
    return json.loads(json.dumps(values or {}, default=_text))


def _text(value: Any) -> Any:
    if hasattr(value, "astimezone"):
        return chain.instant(value)
    return str(value)


def history_id(instance: models.Model) -> int | None:
    """The id of the newest history row of an instance that was just saved."""
    return instance.history.order_by("-history_id").values_list("history_id", flat=True).first()  # type: ignore[attr-defined]
