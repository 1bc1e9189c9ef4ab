"""The slowest and the most failing steps, of those that act outside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs.monitoring import figures
from runs.monitoring.figures import StepFigures
from runs.views.monitoring import words
from runs.views.monitoring.asked import Asked
from runs.views.monitoring.panel import Panel, Row
from runs.views.monitoring.remembered import remembered
from workflows.models import Workflow

SHOWN: Final = 5


@dataclass(frozen=True)
class Step:
    """A step of a workflow with its attempts."""

    workflow: str
    href: str
    figures: StepFigures

    @property
    def mean(self) -> str:
        return words.milliseconds(self.figures.mean_milliseconds)

    @property
    def p95(self) -> str:
        return words.milliseconds(self.figures.durations.percentile(95))

    @property
    def failed_share(self) -> str:
        share = self.figures.ratio
        return "—" if share is None else words.percent(share)


def build(asked: Asked) -> dict[str, Any]:
    found = remembered("steps", asked, lambda: figures.steps(asked.window, **asked.choice, most=SHOWN))
    known = Workflow.objects.in_bulk({one.workflow for one in found}) if found else {}
    by_time = sorted(found, key=lambda one: -(one.mean_milliseconds or 0))[:SHOWN]
    failing = sorted((one for one in found if one.failed), key=lambda one: (-one.failed, -(one.ratio or 0)))
    return {
        "slowest": _steps(by_time, known),
        "failing": _steps(failing[:SHOWN], known),
        "is_one": asked.only is not None,
        "sentence": "" if found else _("No step acted outside in this time."),
    }


def _steps(found: Sequence[StepFigures], known: dict[int, Workflow]) -> list[Step]:
    return [_step(one, known.get(one.workflow)) for one in found]


def _step(one: StepFigures, workflow: Workflow | None) -> Step:
    if workflow is None or workflow.deleted_at is not None:
        return Step(workflow.name if workflow else "—", "", one)
    return Step(workflow.name, reverse("workflow_page", args=[workflow.pk]), one)


def rows(asked: Asked) -> Iterator[Row]:
    """The slowest hundred and the hundred that fail most."""
    yield ("workflow_id", "step", "attempts", "failed", "mean_ms", "p95_ms")
    for one in figures.steps(asked.window, **asked.choice, most=100):
        counts = (one.attempts, one.failed, one.mean_milliseconds, one.durations.percentile(95))
        yield (one.workflow, one.step_id, *counts)


PANEL: Final = Panel(
    "steps", gettext_lazy("Steps that act outside"), "runs/monitoring/_steps.html", build, rows, is_wide=True
)
