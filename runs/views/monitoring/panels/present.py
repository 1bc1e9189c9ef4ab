"""What happens now: how many runs are open in which status, how old the oldest is that waits, and how many end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.web import time
from runs.models import OPEN, Run, RunStatus
from runs.models.run import RunQuerySet
from runs.monitoring import figures
from runs.monitoring.windows import Grain, Window
from runs.views.monitoring import links
from runs.views.monitoring.asked import Asked
from runs.views.monitoring.panel import Panel, Row
from workflows.models import Workflow

HOUR: Final = timedelta(hours=1)
ALWAYS: Final = (RunStatus.RUNNING, RunStatus.PENDING, RunStatus.HELD)


@dataclass(frozen=True)
class Standing:
    """How many runs have a status now; `note`: since when the oldest could go on, or was received."""

    status: str
    label: str
    count: int
    note: str
    href: str


def build(asked: Asked) -> dict[str, Any]:
    found = _open(asked)
    lately = Window.between(asked.now - HOUR, asked.now, grain=Grain.QUARTER, zone=asked.window.zone)
    ended = figures.totals(lately, **asked.summed)
    minutes = (asked.now - lately.start) / timedelta(minutes=1)
    return {
        "standings": [
            _standing(asked, status, *found.get(status, (0, None)))
            for status in dict.fromkeys([*ALWAYS, *OPEN])
            if status in ALWAYS or status in found
        ],
        "ended": ended.executed,
        "ended_href": links.runs(asked, links.EXECUTED, start=lately.start, end=lately.end),
        "since": lately.start,
        "per_minute": f"{ended.executed / minutes:.1f}".removesuffix(".0"),
    }


def _open(asked: Asked) -> dict[str, tuple[int, datetime | None]]:
    """By status: how many, and the oldest; one query."""
    rows_ = cast(RunQuerySet, Run.objects.filter(is_test=False)).open()
    if asked.workflows:
        rows_ = rows_.filter(workflow__in=[one.pk for one in asked.workflows])
    elif asked.seen is not None:
        rows_ = rows_.filter(workflow__in=Workflow.objects.filter(scope__in=asked.seen).values("pk"))
    if asked.scopes is not None:
        rows_ = rows_.filter(scope__in=asked.scopes)
    counted = (
        rows_.order_by().values("status").annotate(n=Count("pk"), due=Min("due_at"), came=Min("received_at"))
    )
    return {
        row["status"]: (row["n"], row["due"] if row["status"] == RunStatus.PENDING else row["came"])
        for row in counted
    }


def _standing(asked: Asked, status: RunStatus, count: int, oldest: datetime | None) -> Standing:
    age = max(asked.now - oldest, timedelta()) if oldest else None
    said = _("the oldest waits %(age)s") if status == RunStatus.PENDING else _("the oldest came %(age)s ago")
    note = said % {"age": time.duration(age)} if age is not None else ""
    # Several workflows together have no list of their own.
    href = "" if len(asked.workflows) > 1 else links.open_runs(asked, status)
    return Standing(status, str(status.label), count, note, href)


def rows(asked: Asked) -> Iterator[Row]:
    yield ("status", "runs", "oldest")
    for status, (count, oldest) in sorted(_open(asked).items()):
        yield (status, count, time.machine(oldest) if oldest else "")


PANEL: Final = Panel(
    "now", gettext_lazy("Now"), "runs/monitoring/_now.html", build, rows, is_wide=True, is_live=True
)
