"""What intake remembers for a while only."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from runs.models import Delivery, Tick

PORTION = 500


def forget_deliveries(now: datetime, *, limit: int = 100_000) -> int:
    """Forget delivery ids older than settings.DELIVERY_ID_DAYS, oldest first, at most `limit`; gives how many."""
    old = Delivery.objects.filter(received_at__lt=now - timedelta(days=settings.DELIVERY_ID_DAYS))
    return _forget(old.order_by("received_at"), limit)


def forget_ticks(now: datetime, *, limit: int = 100_000) -> int:
    """Forget which due instants were recorded, as long after as delivery ids; their runs stay. Gives how many."""
    old = Tick.objects.filter(due_at__lt=now - timedelta(days=settings.DELIVERY_ID_DAYS))
    return _forget(old.order_by("due_at"), limit)


def _forget(old: QuerySet, limit: int) -> int:
    """In portions, each its own transaction, so that nobody waits for long."""
    count = 0
    while count < limit:
        ids = list(old.values_list("pk", flat=True)[: min(PORTION, limit - count)])
        old.model._base_manager.filter(pk__in=ids).delete()
        count += len(ids)
        if len(ids) < PORTION:
            break
    return count
