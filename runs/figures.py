"""What runs tell about workflows, in bulk: counts for rows and documents."""

from collections.abc import Collection

from django.db.models import Count, Q

from runs.models import IN_FLIGHT, Run, RunStatus
from workflows import figures
from workflows.figures import Counts


def bind() -> None:
    """Fill the register of workflows/figures.py."""
    figures.bind(counts)


def counts(pks: Collection[int]) -> dict[int, Counts]:
    """Held runs, held triggers among them, and production runs under way; workflows without any are absent. One query."""
    rows = (
        Run.objects.filter(workflow__in=pks, status__in=[RunStatus.HELD, *IN_FLIGHT])
        .values("workflow")
        .annotate(
            held=Count("pk", filter=Q(status=RunStatus.HELD)),
            held_triggers=Count("pk", filter=Q(status=RunStatus.HELD, started_at=None)),
            in_flight=Count("pk", filter=Q(status__in=IN_FLIGHT, is_test=False)),
        )
    )
    return {
        row["workflow"]: Counts(
            held=row["held"], held_triggers=row["held_triggers"], in_flight=row["in_flight"]
        )
        for row in rows
    }
