"""The first day as a drawing: a bar an hour on a true time axis, which leads to the runs that it counts."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.web.time import machine
from runs.first_day import HOURS, RAN, FirstDay, Hour
from workflows.models import Workflow

SLOT, GAP, TALL, BASE = 24, 4, 72, 88
WIDTH = HOURS * SLOT
MARKED = (0, 6, 12, 18)
"""Hours whose clock stands below the axis."""


@dataclass(frozen=True)
class Bar:
    """One hour. Heights and places are in the drawing's own units."""

    hour: Hour
    href: str
    left: int
    height: int
    failed_height: int

    @property
    def top(self) -> int:
        return BASE - self.height

    @property
    def failed_top(self) -> int:
        return BASE - self.failed_height

    @property
    def middle(self) -> int:
        return self.left + (SLOT - GAP) // 2

    @property
    def mark_top(self) -> int:
        """Where the sign of a spike stands."""
        return self.top - 12


@dataclass(frozen=True)
class Chart:
    """The drawing. `paused`: left edge and width of each shaded stretch."""

    bars: list[Bar]
    paused: list[tuple[int, int]]
    most: int
    summary: str
    marked: list[Bar]
    width: int = WIDTH
    bar_width: int = SLOT - GAP
    slot: int = SLOT
    base: int = BASE
    top: int = BASE - TALL


def chart_of(day: FirstDay, workflow: Workflow) -> Chart:
    """The chart of a panel."""
    most = max((hour.runs for hour in day.hours), default=0)
    bars = [_bar(hour, workflow, most) for hour in day.hours]
    paused = [(_x(day, start), max(_x(day, end) - _x(day, start), 2)) for start, end in day.paused]
    return Chart(bars, paused, most, summary(day), [bars[number] for number in MARKED])


def summary(day: FirstDay) -> str:
    """The chart in one sentence."""
    runs = ngettext("%(n)d run", "%(n)d runs", day.runs) % {"n": day.runs}
    spikes = ngettext("%(n)d spike", "%(n)d spikes", len(day.spikes)) % {"n": len(day.spikes)}
    return _("%(runs)s since the start, %(failed)d failed, %(spikes)s.") % {
        "runs": runs,
        "failed": day.failed,
        "spikes": spikes,
    }


def runs_between(workflow: Workflow, start: datetime, end: datetime) -> str:
    """Where exactly the runs stand that an hour counts."""
    query = {"status": ",".join(RAN), "from": machine(start), "to": machine(end)}
    return f"{reverse('workflow_runs', args=[workflow.pk])}?{urlencode(query)}"


def _bar(hour: Hour, workflow: Workflow, most: int) -> Bar:
    def tall(count: int) -> int:
        return max(round(TALL * count / most), 2) if count else 0

    href = runs_between(workflow, hour.start, hour.end) if hour.runs else ""
    return Bar(hour, href, hour.number * SLOT + GAP // 2, tall(hour.runs), tall(hour.failed))


def _x(day: FirstDay, moment: datetime) -> int:
    return round((min(moment, day.until) - day.since) / (day.until - day.since) * WIDTH)
