"""The days of a report as stacked bars, failures at the foot; each mark leads to the runs that it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from config.web import time
from runs.reports.periods import midnight

AXIS: Final = 108.0
HIGHEST: Final = 100
WIDE: Final = 720
DAYS_NAMED: Final = 10


@dataclass(frozen=True)
class Bar:
    """One day of the chart: its failures stand on the axis, its successes on them."""

    x: float
    width: float
    failed: float
    success: float
    label: str
    title: str
    is_named: bool
    failed_runs: str
    success_runs: str

    @property
    def failed_top(self) -> float:
        return round(AXIS - self.failed, 2)

    @property
    def success_top(self) -> float:
        return round(AXIS - self.failed - self.success, 2)


def bars_of(days: Sequence[Mapping[str, Any]], scope: str, zone: ZoneInfo) -> list[Bar]:
    """The bars of these days; of many, some are named."""
    most = max((day["success"] + day["failed"] for day in days), default=0) or 1
    slot, every = WIDE / max(len(days), 1), -(-len(days) // DAYS_NAMED)
    bars = []
    for place, day in enumerate(days):
        when = date.fromisoformat(day["date"])
        label = formats.date_format(when, "j M")
        words = {"day": label, "success": day["success"], "failed": day["failed"]}
        bars.append(
            Bar(
                x=round((place + 0.1) * slot, 2),
                width=round(slot * 0.8, 2),
                failed=round(HIGHEST * day["failed"] / most, 2),
                success=round(HIGHEST * day["success"] / most, 2),
                label=label,
                title=_("%(day)s: %(success)d succeeded, %(failed)d failed") % words,
                is_named=place % every == 0,
                failed_runs=_runs(when, "failed", scope, zone),
                success_runs=_runs(when, "success", scope, zone),
            )
        )
    return bars


def _runs(day: date, status: str, scope: str, zone: ZoneInfo) -> str:
    query = {
        "status": status,
        "scope": scope,
        "ended_from": time.machine(midnight(day, zone)),
        "ended_to": time.machine(midnight(day + timedelta(days=1), zone)),
    }
    return f"{reverse('run_list')}?{urlencode(query)}"
