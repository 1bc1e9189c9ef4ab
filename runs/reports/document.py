"""What a report says: one JSON document from the figures of a period. A fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Q

from config.web import time
from runs.monitoring import figures
from runs.monitoring.figures import Figures, StepFigures
from runs.monitoring.windows import Window
from runs.reports import impact, standing
from runs.reports.periods import Period
from workflows.models import Scope, Version, Workflow

Document = dict[str, Any]

FORMAT: Final = 1
NAMED: Final = 10
STEPS_NAMED: Final = 5
VERSIONS_NAMED: Final = 20


@dataclass(frozen=True)
class Material:
    """A period of a scope and of what lies inside it, asked for once."""

    period: Period
    scope: Scope
    zone: ZoneInfo

    @cached_property
    def window(self) -> Window:
        return self.period.window(self.zone)

    @cached_property
    def scopes(self) -> list[int]:
        return list(Scope.objects.inside([self.scope.pk]).values_list("pk", flat=True))

    @cached_property
    def totals(self) -> Figures:
        return figures.totals(self.window, scopes=self.scopes)

    @cached_property
    def before(self) -> Figures:
        return figures.totals(self.period.before.window(self.zone), scopes=self.scopes)

    @cached_property
    def each(self) -> Mapping[int, Figures]:
        return figures.by_workflow(self.window, scopes=self.scopes, with_durations=True)

    @cached_property
    def each_before(self) -> Mapping[int, Figures]:
        window = self.period.before.window(self.zone)
        return figures.by_workflow(window, scopes=self.scopes, with_durations=True)

    @cached_property
    def workflows(self) -> Mapping[int, Workflow]:
        """Those that ran in it, and those that stand in it now, deleted ones by their tombstone."""
        concerned = Q(pk__in=list(self.each)) | Q(scope__in=self.scopes)
        rows = (
            Workflow.objects.filter(concerned)
            .select_related("scope")
            .only("name", "scope__name", "deleted_at")
        )
        return {workflow.pk: workflow for workflow in rows}

    @property
    def is_empty(self) -> bool:
        """Whether nothing ran in it nor in the one before."""
        return not self.totals.total and not self.before.total


def document_of(material: Material, *, moment: datetime, is_final: bool) -> Document:
    """The document; `moment` is when it is made."""
    window = material.window
    return {
        "format": FORMAT,
        "kind": material.period.kind.value,
        "period": material.period.name,
        "title": material.period.title,
        "scope": {"ref": material.scope.ref, "name": material.scope.name},
        "from": time.machine(window.start),
        "to": time.machine(window.end),
        "zone": str(material.zone),
        "made_at": time.machine(moment),
        "final": is_final,
        "figures": summary(material.totals),
        "before": {"period": material.period.before.name, **summary(material.before)},
        "change": change(material.totals, material.before),
        "days": _days(material),
        "worst_workflows": _worst(material),
        "steps": _steps(material),
        "standing": standing.of(material.window, material.workflows, moment),
        "missed": impact.missed(material.each, material.workflows, named=NAMED),
        "versions": _versions(material),
        "impact": impact.impact(material.totals, material.each, material.each_before),
    }


def summary(found: Figures) -> Document:
    """The numbers of one period. Durations in milliseconds; `ratio` from 0 to 1, null without finished runs."""
    return {
        "runs": found.executed,
        "success": found.success,
        "failed": found.failed,
        "cancelled": found.cancelled,
        "skipped": found.skipped,
        "ratio": found.ratio,
        "p50_ms": found.durations.percentile(50),
        "p95_ms": found.durations.percentile(95),
        "p99_ms": found.durations.percentile(99),
    }


def change(now: Figures, then: Figures) -> Document:
    """Against the period before: runs and p95 as shares (0.1 is a tenth more), the ratio as a difference; else null."""
    p95, before = now.durations.percentile(95), then.durations.percentile(95)
    is_rated = now.ratio is not None and then.ratio is not None
    return {
        "runs": _share(now.executed, then.executed),
        "ratio": (now.ratio or 0) - (then.ratio or 0) if is_rated else None,
        "p95": _share(p95, before) if p95 is not None and before else None,
    }


def _share(now: int, then: int) -> float | None:
    return (now - then) / then if then else None


def _days(material: Material) -> list[Document]:
    return [
        {
            "date": start.astimezone(material.zone).date().isoformat(),
            "success": found.success,
            "failed": found.failed,
            "cancelled": found.cancelled,
        }
        for start, found in figures.series(material.window, scopes=material.scopes)
    ]


def _worst(material: Material) -> list[Document]:
    failing = [(pk, found) for pk, found in material.each.items() if found.failed]
    ordered = sorted(failing, key=lambda one: (-one[1].failed, one[1].ratio or 0, one[0]))
    return [{**named(material.workflows, pk), **summary(found)} for pk, found in ordered[:NAMED]]


def named(workflows: Mapping[int, Workflow], pk: int) -> Document:
    """A workflow as documents name it."""
    workflow = workflows.get(pk)
    return {
        "workflow": pk,
        "name": workflow.name if workflow else f"#{pk}",
        "scope": workflow.scope.name if workflow else "",
    }


def _steps(material: Material) -> Document:
    found = figures.steps(material.window, scopes=material.scopes, most=STEPS_NAMED)
    slowest = sorted(found, key=lambda one: -(one.mean_milliseconds or 0))[:STEPS_NAMED]
    failing = sorted((one for one in found if one.failed), key=lambda one: -one.failed)[:STEPS_NAMED]
    return {
        "most_failing": [_step(material, one) for one in failing],
        "slowest": [_step(material, one) for one in slowest],
    }


def _step(material: Material, one: StepFigures) -> Document:
    return {
        **named(material.workflows, one.workflow),
        "step": one.step_id,
        "attempts": one.attempts,
        "failed": one.failed,
        "mean_ms": round(one.mean_milliseconds or 0),
        "p95_ms": one.durations.percentile(95),
    }


def _versions(material: Material) -> Document:
    rows = Version.objects.filter(
        workflow__scope__in=material.scopes,
        published_at__gte=material.window.start,
        published_at__lt=material.window.end,
    )
    shown = rows.select_related("workflow__scope").defer("definition").order_by("-published_at", "-pk")
    return {"count": rows.count(), "newest": [_version(row) for row in shown[:VERSIONS_NAMED]]}


def _version(version: Version) -> Document:
    return {
        **named({version.workflow_id: version.workflow}, version.workflow_id),
        "version": version.number,
        "published_at": time.machine(version.published_at) if version.published_at else None,
        "author": version.author or None,
        "note": version.note or None,
    }
