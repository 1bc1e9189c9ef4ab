"""What intake remembers for a while only."""

from datetime import datetime, timedelta

from django.conf import settings

from runs.models import Delivery


def forget_deliveries(now: datetime, *, limit: int = 500) -> int:
    """Forget delivery ids older than settings.DELIVERY_ID_DAYS, at most `limit`; returns how many it forgot."""
    old = Delivery.objects.filter(received_at__lt=now - timedelta(days=settings.DELIVERY_ID_DAYS))
    ids = list(old.order_by("received_at").values_list("pk", flat=True)[:limit])
    Delivery.objects.filter(pk__in=ids).delete()
    return len(ids)
