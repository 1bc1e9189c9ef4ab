"""Volume by weekday and hour: a table of counts."""

from collections.abc import Iterator
from typing import Any, Final

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.web.charts import busiest, heat
from runs.monitoring import figures
from runs.views.monitoring import links, words
from runs.views.monitoring.asked import Asked
from runs.views.monitoring.panel import Panel, Row

Counts = dict[tuple[int, int], int]
# Side by side, hours stand in sixes: of five workflows thousands of elements would be cells.
BLOCK: Final = 6


def build(asked: Asked) -> dict[str, Any]:
    size = BLOCK if asked.is_part else 1
    counted = figures.by_hour_of_week(asked.window, **asked.summed)
    columns = [f"{hour:02d}" for hour in range(0, 24, size)]
    rows_ = [
        (str(WEEKDAYS_ABBR[day]), [_cell(asked, counted, day, hour, size) for hour in range(0, 24, size)])
        for day in range(7)
    ]
    return {"heat": heat(columns, rows_), "sentence": _sentence(counted), "is_narrow": size > 1}


def _cell(asked: Asked, counted: Counts, day: int, hour: int, size: int) -> tuple[int, str, str]:
    count = sum(counted.get((day, each), 0) for each in range(hour, hour + size))
    hours = f"{hour}-{hour + size - 1}" if size > 1 else str(hour)
    href = links.runs(asked, links.EXECUTED, also={"weekday": day + 1, "hour": hours}) if count else ""
    return count, f"{words.runs(count)}, {_when(day, hour, hour + size)}", href


def _when(day: int, hour: int, end: int) -> str:
    return _("%(day)s, %(start)02d:00 to %(end)02d:00") % {
        "day": WEEKDAYS[day], "start": hour, "end": end,
    }  # fmt: skip


def _sentence(counted: Counts) -> str:
    key = busiest(counted)
    if key is None:
        return _("No run was executed in this time.")
    day, hour = key
    return _("The most ended on %(when)s: %(n)s of %(all)s.") % {
        "when": _when(day, hour, hour + 1),
        "n": f"{counted[key]:,}",
        "all": words.runs(sum(counted.values())),
    }


def rows(asked: Asked) -> Iterator[Row]:
    """A line for each weekday (1 is Monday) and hour of the workspace's zone."""
    yield ("workflow", "weekday", "hour", "runs")
    for part in asked.parts:
        counted = figures.by_hour_of_week(part.window, **part.summed)
        for day in range(7):
            for hour in range(24):
                yield (part.only.name if part.only else "", day + 1, hour, counted.get((day, hour), 0))


PANEL: Final = Panel(
    "rhythm",
    gettext_lazy("When runs ended, by weekday and hour"),
    "runs/monitoring/_rhythm.html",
    build,
    rows,
    is_split=True,
    is_wide=True,
)
