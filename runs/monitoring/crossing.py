"""Whether the sums of scopes tell what workflows ran: they do unless one was moved over the scopes' border."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, Sum

from runs.models import Level, ScopeTally, Tally, TallyEntry
from runs.models.tally import of_removed
from runs.monitoring.removed import CLOSED
from runs.monitoring.windows import start_of, workspace_zone


def is_uncrossed(workflows: QuerySet[Any], scopes: Collection[int], since: datetime) -> bool:
    """Whether what closed since then in these scopes is exactly what these workflows ran; three queries.

    `workflows`: a queryset of the ids of those that lie in the scopes now. A run belongs to the scope in which it was
    accepted, so a workflow that was moved in or out makes a difference. Asks by whole months, hence may find one
    that does not matter.
    """
    recent = {"level": Level.MONTH, "start__gte": start_of(since, Level.MONTH, workspace_zone())}
    own = Tally.objects.filter(of_removed(False), workflow__in=workflows, **recent).aggregate(
        all=Sum(CLOSED), here=Sum(CLOSED, filter=Q(scope__in=scopes))
    )
    # In this order: what is folded meanwhile makes the second sum larger, and then nothing is taken for equal.
    summed = ScopeTally.objects.filter(scope__in=scopes, **recent).aggregate(all=Sum(CLOSED))
    is_own, is_here = Q(workflow__in=workflows), Q(scope__in=scopes)
    crossing = TallyEntry.objects.filter(is_own & ~is_here | ~is_own & is_here)
    return own["all"] == own["here"] == summed["all"] and not crossing.exists()
