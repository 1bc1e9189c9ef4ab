"""A table of counts whose cells also show by shade how large they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from config.web.charts.numbers import short

LEVELS: Final = 5


@dataclass(frozen=True)
class HeatCell:
    """One count: `text` is short, `label` says everything, `level` runs from 0 (none) to 5 (the most)."""

    count: int
    text: str
    level: int
    label: str
    href: str = ""


@dataclass(frozen=True)
class Heat:
    """What `ui/charts/_heat.html` draws: a row for each name."""

    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[HeatCell]]]


def heat(
    columns: Sequence[str],
    rows: Sequence[tuple[str, Sequence[tuple[int, str, str]]]],
) -> Heat:
    """The table of rows of (count, label, href)."""
    most = max((count for _name, cells in rows for count, _label, _href in cells), default=0)
    return Heat(
        columns,
        [(name, [_cell(count, label, href, most) for count, label, href in cells]) for name, cells in rows],
    )


def _cell(count: int, label: str, href: str, most: int) -> HeatCell:
    level = -(-count * LEVELS // most) if count else 0
    return HeatCell(count, short(count), level, label, href if count else "")


def busiest(counts: Mapping[tuple[int, int], int]) -> tuple[int, int] | None:
    """The key of the largest count; None where there is none."""
    key = max(counts, key=lambda key: counts[key], default=None)
    return key if key is not None and counts[key] else None
