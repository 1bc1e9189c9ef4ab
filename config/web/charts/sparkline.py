"""A small line of counts without axes: its words say what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from config.web.charts.numbers import at

WIDTH: Final = 120
HEIGHT: Final = 28
MARGIN: Final = 2.0


@dataclass(frozen=True)
class Sparkline:
    """What `ui/charts/_sparkline.html` draws: the line, the area below it, the newest point."""

    line: str
    area: str
    last: tuple[str, str] | None
    summary: str
    width: int = WIDTH
    height: int = HEIGHT


def sparkline(values: Sequence[float], summary: str) -> Sparkline:
    """Oldest first, from zero to the largest. Fewer than two values draw nothing."""
    if len(values) < 2:
        return Sparkline("", "", None, summary)
    largest = max(values) or 1
    step = (WIDTH - 2 * MARGIN) / (len(values) - 1)
    points = [
        (at(MARGIN + number * step), at(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * value / largest))
        for number, value in enumerate(values)
    ]
    line = "M" + "L".join(f"{x} {y}" for x, y in points)
    floor = at(HEIGHT - MARGIN)
    return Sparkline(line, f"{line}V{floor}H{points[0][0]}z", points[-1], summary)
