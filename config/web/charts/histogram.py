"""How long things took: bars over a logarithmic axis of time, with marks at percentiles."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from config.web import time
from config.web.charts.axis import Tick, anchor
from config.web.charts.numbers import at, nice_step, percent, short

TOP: Final = 46
HEIGHT: Final = 128
LABELS: Final = 26
LEAST_HEIGHT: Final = 2.0
MOST_BARS: Final = 48
# Labels closer than this would touch.
APART: Final = 11.0
ROW: Final = 14
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
ROUND: Final = (
    1, 2, 5, 10, 20, 50, 100, 200, 500,
    *(n * SECOND for n in (1, 2, 5, 10, 20, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 20, 30)),
    *(n * HOUR for n in (1, 2, 4, 8, 12)),
    *(n * DAY for n in (1, 2, 7, 14, 30)),
)  # fmt: skip


@dataclass(frozen=True)
class Bin:
    """How many took at least `low` and less than `high` milliseconds."""

    low: float
    high: float
    count: int
    label: str
    href: str = ""


@dataclass(frozen=True)
class Percentile:
    """A value in milliseconds with its name, such as p95."""

    name: str
    value: float


@dataclass(frozen=True)
class Column:
    """One bar."""

    x: str
    y: str
    width: str
    height: str
    label: str
    href: str


@dataclass(frozen=True)
class Marker:
    """A vertical line at a percentile, its words on a row of their own."""

    x: str
    y: int
    label: str
    anchor: str


@dataclass(frozen=True)
class HistogramChart:
    """What `ui/charts/_histogram.html` draws."""

    columns: Sequence[Column]
    markers: Sequence[Marker]
    grid: Sequence[tuple[str, str]]
    ticks: Sequence[Tick]
    top: int = TOP
    bottom: int = TOP + HEIGHT
    height: int = TOP + HEIGHT + LABELS


def histogram_chart(bins: Sequence[Bin], percentiles: Sequence[Percentile]) -> HistogramChart:
    """The drawing of bins in ascending order; empty ones between them stay empty."""
    if not bins:
        return HistogramChart([], [], [], [])
    axis = _Axis(bins[0].low, bins[-1].high)
    largest = max(one.count for one in bins)
    step = nice_step(largest)
    return HistogramChart(
        columns=[_column(one, axis, largest) for one in bins if one.count],
        markers=[_marker(one, axis, row) for row, one in enumerate(percentiles)],
        grid=[(at(_y(n, largest)), short(n)) for n in range(step, largest + 1, step)],
        ticks=axis.ticks(),
    )


@dataclass(frozen=True)
class _Axis:
    low: float
    high: float

    def place(self, value: float) -> float:
        left, right = _log(self.low), _log(self.high)
        return 100 * min(max((_log(value) - left) / (right - left), 0.0), 1.0)

    def ticks(self) -> list[Tick]:
        kept: list[tuple[float, str]] = []
        for value in ROUND:
            x = self.place(value)
            if self.low <= value <= self.high and (not kept or x - kept[-1][0] >= APART):
                kept.append((x, time.duration(timedelta(milliseconds=value))))
        return [Tick(percent(x), label, anchor(x), number % 2 == 1) for number, (x, label) in enumerate(kept)]


def _log(value: float) -> float:
    # Shifted by one, so that nothing at all has a place too.
    return math.log(value + 1)


def _y(count: int, largest: int) -> float:
    return TOP + HEIGHT - HEIGHT * count / largest


def _column(one: Bin, axis: _Axis, largest: int) -> Column:
    left, right = axis.place(one.low), axis.place(one.high)
    height = max(HEIGHT * one.count / largest, LEAST_HEIGHT)
    gap = (right - left) * 0.08
    return Column(
        percent(left + gap),
        at(TOP + HEIGHT - height),
        percent(right - left - 2 * gap),
        at(height),
        one.label,
        one.href,
    )


def _marker(one: Percentile, axis: _Axis, row: int) -> Marker:
    x = axis.place(one.value)
    words = f"{one.name} {time.duration(timedelta(milliseconds=one.value))}"
    return Marker(percent(x), 10 + row * ROW, words, "end" if x > 70 else "start")
