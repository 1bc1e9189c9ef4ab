"""What a form or API call answered, by its idempotency key: sent twice, it acts once."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Final

from django.db import IntegrityError
from django.utils import timezone

from audit import context
from audit.services import change
from workflows.models import Receipt

KEPT: Final = timedelta(days=1)


def acting() -> str:
    """Whose keys these are: a key is known to its own actor only."""
    actor = context.current().actor
    return f"{actor.kind}:{actor.id or actor.label}"


def answered(key: str, actor: str) -> str | None:
    """What the act with this key answered its actor, or None. An empty key is never known."""
    if not key:
        return None
    return Receipt.objects.filter(key=_stored(key, actor)).values_list("answer", flat=True).first()


def remember(key: str, actor: str, verb: str, answer: str) -> None:
    """Keep an answer, in the transaction of its act. Raises IntegrityError when a twin was quicker."""
    if key:
        Receipt.objects.create(key=_stored(key, actor), actor=actor[:120], verb=verb[:40], answer=answer)


def once(key: str, verb: str, act: Callable[[], str]) -> str:
    """Perform `act` in one transaction with its receipt; a second call with the key gives the first answer.

    `verb` names the act and its subject ("clone 7"), so that one key means one act. Two at the same moment act
    once too: the later one is rolled back. Whatever `act` raises is passed on, and nothing is kept.
    """
    actor, full_key = acting(), f"{verb} {key}" if key else ""
    try:
        with change():
            known = answered(full_key, actor)
            if known is not None:
                return known
            answer = act()
            remember(full_key, actor, verb, answer)
            return answer
    except IntegrityError:
        known = answered(full_key, actor)
        if known is None:
            raise
        return known


def forget_old() -> int:
    """Delete the receipts older than a day; gives how many."""
    return Receipt.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def _stored(key: str, actor: str) -> str:
    # A digest, since actors' names and clients' keys may be of any length.
    return sha256(f"{actor}\n{key}".encode("utf-8", "replace")).hexdigest()
