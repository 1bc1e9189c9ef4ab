"""How many runs closed in a window, as an annotation of workflows: for lists that are sorted or narrowed by it."""

from functools import reduce
from operator import add
from typing import Any

from django.db.models import BigIntegerField, Case, F, FloatField, OuterRef, QuerySet, Subquery, Value, When

from runs.models import RunStatus, Tally, TallyEntry
from runs.models.tally import of_removed
from runs.monitoring.windows import Window


class Total(Subquery):
    """The sum of a subquery's column `n`; 0 for no row."""

    template = "(SELECT COALESCE(SUM(n), 0) FROM (%(subquery)s) AS counted)"
    output_field = BigIntegerField()


class Share(Subquery):
    """Of a subquery's columns `part` and `whole` the sums' ratio; none where the whole is nothing."""

    template = (
        "(SELECT CAST(SUM(part) AS double precision) / NULLIF(SUM(whole), 0) FROM (%(subquery)s) AS counted)"
    )
    output_field = FloatField()


def closed_in(window: Window, *outcomes: str) -> Any:
    """Of each workflow the production runs that ended so in the window: one look into an index per stretch of it."""
    return Total(_counts(window, n=outcomes))


def success_in(window: Window) -> Any:
    """The share of successes among those that succeeded or failed, found in one go for both."""
    return Share(_counts(window, part=(RunStatus.SUCCESS,), whole=(RunStatus.SUCCESS, RunStatus.FAILED)))


def _counts(window: Window, **columns: tuple[str, ...]) -> QuerySet[Any, Any]:
    """What is folded and what is not yet: rows whose columns add up to the runs of those outcomes."""
    own = {"workflow": OuterRef("pk")}
    folded = {name: reduce(add, (F(one) for one in outcomes)) for name, outcomes in columns.items()}
    pending = {
        name: Case(
            When(status__in=outcomes, then=F("runs")), default=Value(0), output_field=BigIntegerField()
        )
        for name, outcomes in columns.items()
    }
    first, *others = (
        Tally.objects.filter(of_removed(False), **own, level=level, start__gte=start, start__lt=end)
        .order_by()
        .values(**folded)
        for level, start, end in window.stretches()
    )
    entries = TallyEntry.objects.filter(**own, at__gte=window.start, at__lt=window.end)
    return first.union(*others, entries.order_by().values(**pending), all=True)
