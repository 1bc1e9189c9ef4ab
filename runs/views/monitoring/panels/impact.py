"""What a workflow gave: minutes of people's time, and the values that its steps recorded."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy

from config.web import time
from runs.views.monitoring import words
from runs.views.monitoring.asked import Asked
from runs.views.monitoring.panel import Panel, Row


def build(asked: Asked) -> dict[str, Any]:
    total = asked.totals
    return {
        "minutes": time.duration(timedelta(minutes=total.minutes)) if total.minutes else "",
        "values": [(unit, _written(value)) for unit, value in total.values.items()],
        "runs": words.runs(total.success),
    }


def _written(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rows(asked: Asked) -> Iterator[Row]:
    total = asked.totals
    yield ("unit", "value")
    yield ("minutes saved", total.minutes)
    yield from ((unit, f"{value:f}") for unit, value in total.values.items())


PANEL: Final = Panel(
    "impact", gettext_lazy("Business impact"), "runs/monitoring/_impact.html", build, rows, needs_one=True
)
