"""Workflows compared, the worst first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs.models import RunStatus
from runs.monitoring import figures
from runs.monitoring.figures import Figures
from runs.summaries import RATIO_LEAST
from runs.views.monitoring import links
from runs.views.monitoring.asked import Asked
from runs.views.monitoring.panel import Panel, Row
from runs.views.monitoring.remembered import remembered
from runs.views.monitoring.told import Told
from workflows.models import Workflow

SHOWN: Final = 10


@dataclass(frozen=True)
class Compared(Told):
    """A workflow with its figures; one that was deleted leads nowhere, as its runs are listed no more by its name."""

    place: int
    href: str

    @property
    def failed_share(self) -> str:
        """The failed among the finished, as the width of a bar."""
        return f"{100 * self.figures.failed / (self.figures.finished or 1):.1f}%"


def ranked(found: dict[int, Figures]) -> list[int]:
    """The workflows by their share of failures, as far as it tells; then by how many failed; then by volume."""

    def badness(pk: int) -> tuple[float, int, int, int]:
        one = found[pk]
        share = one.failed / one.finished if one.finished >= RATIO_LEAST else 0.0
        return -share, -one.failed, -one.total, pk

    return sorted(found, key=badness)  # fmt: skip


def build(asked: Asked) -> dict[str, Any]:
    order = remembered("comparison", asked, lambda: ranked(figures.by_workflow(asked.window, **asked.choice)))
    first = min(asked.place, max(len(order), 1)) - 1
    shown = order[first : first + SHOWN]
    before, after = max(first - SHOWN, 0) + 1, first + SHOWN + 1
    return {
        "compared": _compared(asked, shown, first + 1),
        "count": len(order),
        "first": first + 1,
        "last": first + len(shown),
        "before": links.monitoring(asked, place=before) if first else "",
        "after": links.monitoring(asked, place=after) if after <= len(order) else "",
        "sentence": _("No run ended in this time.") if not order else "",
        "statuses": (RunStatus.SUCCESS, RunStatus.FAILED),
    }


def _compared(asked: Asked, pks: list[int], place: int) -> list[Compared]:
    if not pks:
        return []
    scopes = asked.choice["scopes"]
    full = figures.by_workflow(asked.window, workflows=pks, scopes=scopes, with_durations=True)
    known = Workflow.objects.in_bulk(pks)
    return [_one(asked, known.get(pk), full.get(pk, Figures()), place + n) for n, pk in enumerate(pks)]


def _one(asked: Asked, workflow: Workflow | None, found: Figures, place: int) -> Compared:
    if workflow is None or workflow.deleted_at is not None:
        name = workflow.name if workflow else "—"
        return Compared(_("%(name)s (deleted)") % {"name": name}, found, {}, place, "")
    targets = {
        "success": links.runs(asked, [RunStatus.SUCCESS], workflow=workflow.pk),
        "failed": links.runs(asked, [RunStatus.FAILED], workflow=workflow.pk),
        "skipped": links.runs(asked, [RunStatus.SKIPPED], workflow=workflow.pk),
    }
    page = reverse("workflow_metrics", args=[workflow.pk])
    query = f"?range={asked.range}" if "range" in asked.values() else ""
    return Compared(workflow.name, found, targets, place, page + query)


def rows(asked: Asked) -> Iterator[Row]:
    """All of them, the worst first."""
    yield ("id", "workflow", "success", "failed", "cancelled", "skipped", "success_ratio", "mean_ms")
    found = figures.by_workflow(asked.window, **asked.choice)
    names = dict(Workflow.objects.values_list("pk", "name"))
    for pk in ranked(found):
        one = found[pk]
        counts = (one.success, one.failed, one.cancelled, one.skipped)
        yield (pk, names.get(pk, ""), *counts, one.ratio, one.mean_milliseconds)


PANEL: Final = Panel(
    "comparison",
    gettext_lazy("Workflows, worst first"),
    "runs/monitoring/_comparison.html",
    build,
    rows,
    is_wide=True,
)
