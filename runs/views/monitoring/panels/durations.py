"""How long runs took: a histogram over a logarithmic axis with p50, p95 and p99."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.web.charts import Bin, Cell, Percentile, Twin, histogram_chart
from runs.monitoring.histogram import LONGEST, Histogram, bounds
from runs.views.monitoring import links, words
from runs.views.monitoring.asked import Asked
from runs.views.monitoring.panel import Panel, Row

MOST_BARS: Final = 48
SIDE_BY_SIDE: Final = 20
PERCENTILES: Final = (50, 95, 99)


def build(asked: Asked) -> dict[str, Any]:
    durations = asked.totals.durations
    bins = _bins(asked, durations, SIDE_BY_SIDE if asked.is_part else MOST_BARS)
    marks = [
        Percentile(f"p{p}", value) for p in PERCENTILES if (value := durations.percentile(p)) is not None
    ]
    return {
        "chart": histogram_chart(bins, marks),
        "count": durations.count,
        "percentiles": [(one.name, words.milliseconds(one.value)) for one in marks],
        "sentence": _sentence(durations),
        "twin": Twin(
            [_("Duration"), _("Runs"), _("Share")],
            [
                (_range(one.low, one.high), [Cell(f"{one.count:,}", one.href), Cell(words.percent(one.count / durations.count))])
                for one in bins
                if one.count
            ],
        ),
    }  # fmt: skip


def _bins(asked: Asked, durations: Histogram, most: int) -> list[Bin]:
    """The counted buckets, so many of them together that no more bars are needed than `most`, each about as wide.

    Buckets divide each power of two into equal parts, which a logarithmic axis draws ever narrower.
    """
    counted = {bounds(bucket)[0]: n for bucket, n in durations.counts.items() if n}
    if not counted:
        return []
    edges = next(edges for edges in _edges() if _needed(edges, counted) <= most)
    first, last = bisect_right(edges, min(counted)) - 1, bisect_right(edges, max(counted))
    return [_bin(asked, counted, low, high) for low, high in pairwise(edges[first : last + 1])]


def _edges() -> Iterator[list[int]]:
    """Where bars may begin, from fine to coarse: beginnings of buckets in milliseconds."""
    octaves = range(4, LONGEST.bit_length() + 1)
    for parts in ((16, 19, 23, 27), (16, 23), (16,)):
        yield [0, *range(1, 16), *((part << octave) >> 4 for octave in octaves for part in parts)]
    for step in range(2, len(octaves)):
        yield [0, *(1 << octave for octave in octaves[::step]), 1 << LONGEST.bit_length() + 1]


def _needed(edges: list[int], counted: dict[int, int]) -> int:
    return bisect_right(edges, max(counted)) - bisect_right(edges, min(counted)) + 1


def _bin(asked: Asked, counted: dict[int, int], low: int, high: int) -> Bin:
    count = sum(n for begins, n in counted.items() if low <= begins < high)
    # Below the first bucket lies what a clock that was set back made negative.
    also = {"duration_from": low or None, "duration_to": high}
    href = links.runs(asked, links.FINISHED, also=also) if count else ""
    return Bin(low, high, count, f"{words.runs(count)}, {_range(low, high)}", href)


def _range(low: float, high: float) -> str:
    return _("%(low)s to %(high)s") % {"low": words.milliseconds(low), "high": words.milliseconds(high)}


def _sentence(durations: Histogram) -> str:
    half, most = durations.percentile(50), durations.percentile(95)
    if half is None or most is None:
        return _("No run succeeded or failed in this time.")
    return _("Half of %(runs)s took at most %(half)s, 95 of 100 at most %(most)s.") % {
        "runs": words.runs(durations.count),
        "half": words.milliseconds(half),
        "most": words.milliseconds(most),
    }


def rows(asked: Asked) -> Iterator[Row]:
    """One line a bucket that is not empty: from so many milliseconds on, below so many."""
    yield ("workflow", "from_ms", "below_ms", "runs")
    for part in asked.parts:
        durations = part.totals.durations
        for bucket, n in sorted(durations.counts.items()):
            low, high = bounds(bucket)
            yield (part.only.name if part.only else "", low, high, n)


PANEL: Final = Panel(
    "durations",
    gettext_lazy("How long runs took"),
    "runs/monitoring/_durations.html",
    build,
    rows,
    is_split=True,
)
