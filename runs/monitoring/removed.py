"""How many of the counted runs retention removed since: their figures stay, their details are gone."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Sum

from runs.models import Tally
from runs.models.tally import of_removed
from runs.monitoring.reading import Choice
from runs.monitoring.windows import Window

CLOSED = F("success") + F("failed") + F("cancelled") + F("skipped")


def removed_by_bucket(
    window: Window,
    *,
    workflows: Collection[int] | QuerySet[Any] | None = None,
    scopes: Collection[int] | None = None,
) -> dict[datetime, int]:
    """Of each bucket of the window that has any; one query."""
    rows = Tally.objects.filter(
        of_removed(True),
        Choice(workflows, scopes).condition,
        level=window.grain.level,
        start__gte=window.start,
        start__lt=window.end,
    )
    found: dict[datetime, int] = {}
    for start, n in rows.order_by().values_list("start").annotate(n=Sum(CLOSED)):
        bucket = window.bucket_at(start)
        found[bucket] = found.get(bucket, 0) + n
    return {bucket: n for bucket, n in found.items() if n}
