"""The last 24 hours of a workflow at a glance: a small line, success, how long runs took."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from config.web.charts import Sparkline, sparkline
from runs.monitoring import figures
from runs.monitoring.figures import Figures
from runs.monitoring.windows import Window
from runs.views.monitoring import words

RANGE: Final = "24h"
QUARTERS: Final = 4


@dataclass(frozen=True)
class Glance:
    """`spark`: executed runs by hour; `half` and `p95`: of those that succeeded or failed."""

    spark: Sparkline
    total: Figures
    ratio: str
    half: str
    p95: str


def glance(workflow: Any) -> Glance:
    """One query."""
    counted = figures.series(Window.of(RANGE, timezone.now()), workflows=[workflow.pk])
    hours = [
        sum(one.executed for _start, one in counted[first : first + QUARTERS])
        for first in range(0, len(counted), QUARTERS)
    ]
    total = sum((one for _start, one in counted), Figures())
    said = _("%(n)s in 24 hours") % {"n": words.runs(total.executed)}
    return Glance(
        sparkline(hours, said),
        total,
        words.ratio(total),
        words.milliseconds(total.durations.percentile(50)),
        words.milliseconds(total.durations.percentile(95)),
    )
