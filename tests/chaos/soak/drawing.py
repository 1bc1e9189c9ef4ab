"""The samples as one SVG: memory, lag, open runs and sizes over the same time, with every kill as a line."""

from collections.abc import Sequence
from html import escape

from tests.chaos.soak.samples import ROLES, Sample

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 960, 150, 70, 120, 40, 46
COLOURS = ("#1f6feb", "#2da44e", "#bf8700", "#8250df")

Series = dict[str, list[float]]


def draw(samples: Sequence[Sample], kills: Sequence[float], title: str) -> str:
    """A whole SVG document. `kills`: seconds since the begin."""
    times = [each.at for each in samples]
    panels: dict[str, Series] = {
        "Memory (PSS), MiB": {
            role: [each.memory[role] for each in samples]
            for role in ROLES
            if any(each.memory[role] for each in samples)
        },
        "Lag of the oldest due run, s": {"lag": [each.lag for each in samples]},
        "Open runs": {"open": [float(each.open) for each in samples]},
        "Rows, thousands, and size, MiB": {
            "closed runs": [each.closed / 1000 for each in samples],
            "attempts": [each.attempts / 1000 for each in samples],
            "audit events": [each.events / 1000 for each in samples],
            "database": [each.size for each in samples],
        },
    }
    height = TOP + len(panels) * (PANEL + GAP)
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(LEFT, 22, title, size=15),
    ]
    for number, (name, series) in enumerate(panels.items()):
        body += _panel(TOP + 24 + number * (PANEL + GAP), name, series, times, kills)
    return "\n".join([*body, "</svg>", ""])


def _panel(top: int, name: str, series: Series, times: list[float], kills: Sequence[float]) -> list[str]:
    most = max([1e-9, *(value for values in series.values() for value in values)]) * 1.05
    end = max(times[-1], 1.0)
    bottom = top + PANEL - 24
    lines = [_text(LEFT, top - 6, name)]
    lines.append(f'<path d="M{LEFT} {top}V{bottom}H{WIDTH - RIGHT}" fill="none" stroke="#888888"/>')
    for share in (0.0, 0.5, 1.0):
        y = bottom - share * (bottom - top)
        lines.append(_text(LEFT - 8, y + 4, f"{share * most:,.4g}", anchor="end"))
        lines.append(_text(_x(share * end, end), bottom + 15, _moment(share * end), anchor="middle"))
    marks = "".join(f"M{_x(kill, end):.1f} {top}V{bottom}" for kill in kills if kill <= end)
    lines.append(f'<path d="{marks}" stroke="#cf222e" stroke-opacity="0.35" fill="none"/>')
    for number, (label, values) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(
            f"{_x(at, end):.1f},{bottom - value / most * (bottom - top):.1f}"
            for at, value in zip(times, values, strict=True)
        )
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        lines.append(_text(WIDTH - RIGHT + 8, top + 12 + 16 * number, label, colour=colour))
    return lines


def _x(at: float, end: float) -> float:
    return LEFT + at / end * (WIDTH - RIGHT - LEFT)


def _moment(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 7200 else f"{seconds / 60:.1f} min"


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", size: int = 12, colour: str = "#24292f"
) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">{escape(words)}</text>'
