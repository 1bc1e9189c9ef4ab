"""Two counts over time, one above and one below a line, with their ratio in a band of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from config.web.charts.axis import Tick, TimeAxis
from config.web.charts.numbers import at, nice_step, percent, short

RATIO_TOP: Final = 14
RATIO_HEIGHT: Final = 48
BARS_TOP: Final = 84
BARS_HEIGHT: Final = 150
LABELS: Final = 26
# A count of one beside thousands is still seen, and still has room for a label.
LEAST_HEIGHT: Final = 2.0
LEAST_SIDE: Final = 14.0
FILL: Final = 0.8


@dataclass(frozen=True)
class Bucket:
    """What was counted from `start` to `end`. `ratio` (0 to 1) is None where too little was counted for one."""

    start: datetime
    end: datetime
    label: str
    up: int
    down: int
    up_href: str = ""
    down_href: str = ""
    ratio: float | None = None
    note: str = ""
    is_unfinished: bool = False


@dataclass(frozen=True)
class Names:
    """How many are above, below: functions from a count to words such as "3 failed"."""

    up: Callable[[int], str]
    down: Callable[[int], str]


@dataclass(frozen=True)
class Rule:
    """A level of the ratio (0 to 1) that means something, such as a limit."""

    ratio: float
    label: str
    tone: str = "amber"


@dataclass(frozen=True)
class Shade:
    """A span of time that is marked, such as a pause."""

    start: datetime
    end: datetime
    label: str


@dataclass(frozen=True)
class Bar:
    """One mark: where it stands, what it says, where it leads."""

    x: str
    y: str
    width: str
    height: str
    side: str
    label: str
    href: str
    is_unfinished: bool


@dataclass(frozen=True)
class Line:
    """A horizontal line with its words."""

    y: str
    label: str
    tone: str = ""


@dataclass(frozen=True)
class Band:
    """A shaded span."""

    x: str
    width: str
    label: str


@dataclass(frozen=True)
class BarChart:
    """What `ui/charts/_bars.html` draws; heights in pixels, places in percent."""

    height: str
    baseline: str
    bars: Sequence[Bar]
    grid: Sequence[Line]
    ratio: str
    ratio_rules: Sequence[Line]
    ratio_note: str
    shades: Sequence[Band]
    ticks: Sequence[Tick]
    ratio_top: int = RATIO_TOP
    ratio_height: int = RATIO_HEIGHT
    ratio_bottom: int = RATIO_TOP + RATIO_HEIGHT
    bars_top: int = BARS_TOP
    bars_bottom: int = BARS_TOP + BARS_HEIGHT
    shade_height: int = BARS_TOP + BARS_HEIGHT - RATIO_TOP


@dataclass(frozen=True)
class _Scale:
    up: int
    down: int

    @property
    def baseline(self) -> float:
        """The line that counts grow from; each side has room for its label."""
        share = BARS_HEIGHT * self.up / ((self.up + self.down) or 1)
        lower = LEAST_SIDE if self.down else 0.0
        return BARS_TOP + min(max(share, LEAST_SIDE), BARS_HEIGHT - lower)

    @property
    def unit(self) -> float:
        """Pixels for one: the same on both sides."""
        above, below = self.baseline - BARS_TOP, BARS_TOP + BARS_HEIGHT - self.baseline
        fits = [room / count for room, count in ((above, self.up), (below, self.down)) if count]
        return min(fits, default=0.0)

    def height(self, count: int) -> float:
        return max(count * self.unit, LEAST_HEIGHT)

    def grid(self) -> list[Line]:
        step = nice_step(max(self.up + self.down, 1))
        above = [(self.baseline - n * self.unit, n) for n in range(step, self.up + 1, step)]
        below = [(self.baseline + n * self.unit, n) for n in range(step, self.down + 1, step)]
        return [Line(at(y), short(n)) for y, n in (*above, *below)]


def bar_chart(
    buckets: Sequence[Bucket],
    axis: TimeAxis,
    names: Names,
    *,
    rules: Sequence[Rule] = (),
    shades: Sequence[Shade] = (),
    ratio_note: str = "",
) -> BarChart:
    """The drawing of these buckets. `ratio_note` stands in the band where no bucket has a ratio."""
    scale = _Scale(max((b.up for b in buckets), default=0), max((b.down for b in buckets), default=0))
    bars = [bar for bucket in buckets for bar in _bars(bucket, axis, scale, names)]
    ratio = _path(buckets, axis)
    return BarChart(
        height=at(BARS_TOP + BARS_HEIGHT + LABELS),
        baseline=at(scale.baseline),
        bars=bars,
        grid=scale.grid(),
        ratio=ratio,
        ratio_rules=[Line(at(_ratio_y(rule.ratio) + RATIO_TOP), rule.label, rule.tone) for rule in rules],
        ratio_note="" if ratio else ratio_note,
        shades=[_band(shade, axis) for shade in shades],
        ticks=axis.ticks(),
    )


def _bars(bucket: Bucket, axis: TimeAxis, scale: _Scale, names: Names) -> list[Bar]:
    left, right = axis.place(bucket.start), axis.place(bucket.end)
    x, width = percent(left + (right - left) * (1 - FILL) / 2), percent((right - left) * FILL)
    sides = (
        ("up", bucket.up, names.up, bucket.up_href, scale.baseline - scale.height(bucket.up)),
        ("down", bucket.down, names.down, bucket.down_href, scale.baseline),
    )
    return [
        Bar(x, at(y), width, at(scale.height(count)), side, _says(bucket, name(count)), href, bucket.is_unfinished)
        for side, count, name, href, y in sides
        if count
    ]  # fmt: skip


def _says(bucket: Bucket, words: str) -> str:
    return ", ".join(filter(None, [words, bucket.label, bucket.note]))


def _ratio_y(ratio: float) -> float:
    return RATIO_HEIGHT * (1 - ratio)


def _path(buckets: Sequence[Bucket], axis: TimeAxis) -> str:
    """The ratio as one path over a hundred units of width; it breaks where there is none. A lone point is a dot."""
    path, is_open = "", False
    for bucket in buckets:
        if bucket.ratio is None:
            is_open = False
            continue
        x = axis.place(bucket.start + (bucket.end - bucket.start) / 2)
        path += f"{'L' if is_open else 'M'}{at(x)} {at(_ratio_y(bucket.ratio))}{'' if is_open else 'h0'}"
        is_open = True
    return path


def _band(shade: Shade, axis: TimeAxis) -> Band:
    left, right = axis.place(shade.start), axis.place(shade.end)
    return Band(percent(left), percent(max(right - left, 0.2)), shade.label)


def peak(buckets: Sequence[Bucket]) -> Bucket | None:
    """The bucket in which most was counted; None where nothing was."""
    best = max(buckets, key=lambda bucket: bucket.up + bucket.down, default=None)
    return best if best is not None and best.up + best.down else None
