"""How long a workflow had which status in the window."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy

from config.web import time
from config.web.charts.numbers import percent
from runs.monitoring import figures
from runs.views.monitoring import words
from runs.views.monitoring.asked import Asked
from runs.views.monitoring.panel import Panel, Row


@dataclass(frozen=True)
class Length:
    """A status with its time, and its share of all the time that is known."""

    status: str
    time: str
    share: str
    width: str


def seconds(asked: Asked) -> dict[str, timedelta]:
    """The time in each status within the window and until now, the longest first."""
    found: dict[str, timedelta] = {}
    pks = [one.pk for one in asked.workflows]
    end = min(asked.window.end, asked.now)
    for span in figures.statuses(asked.window, pks):
        length = min(span.until or end, end) - max(span.since, asked.window.start)
        found[span.status] = found.get(span.status, timedelta()) + max(length, timedelta())
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def build(asked: Asked) -> dict[str, Any]:
    found = seconds(asked)
    whole = sum(found.values(), timedelta()) or timedelta(seconds=1)
    return {
        "lengths": [
            Length(
                status, time.duration(length), words.percent(length / whole), percent(100 * length / whole)
            )
            for status, length in found.items()
            if length
        ]
    }


def rows(asked: Asked) -> Iterator[Row]:
    yield ("status", "seconds")
    yield from ((status, length.total_seconds()) for status, length in seconds(asked).items())


PANEL: Final = Panel(
    "standing",
    gettext_lazy("Time in each status"),
    "runs/monitoring/_standing.html",
    build,
    rows,
    needs_one=True,
)
