"""The figures as one Markdown table, each beside what is required."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench import required
from bench.floor import Floor
from bench.running import percentiles

if TYPE_CHECKING:
    from bench.session import Figures

ROOT = Path(__file__).resolve().parent.parent
Row = tuple[str, ...]


def text(figures: "Figures") -> str:
    """All tables of a session."""
    return "\n".join(
        [*heading(figures), "", *floor_table(figures), "", *load_table(figures), "", *rest(figures)]
    )


def heading(figures: "Figures") -> list[str]:
    """When, on what and under which load it was measured."""
    cores = len(os.sched_getaffinity(0))
    before, after = figures.load_average
    return [
        f"### {figures.stack}, {datetime.now(UTC):%Y-%m-%d}",
        "",
        f"Commit {_commit()}; {cores} cores, {_processor()}, Python {platform.python_version()}; "
        f"load average {before:.1f} before, {after:.1f} after.",
    ]


def floor_table(figures: "Figures") -> list[str]:
    """Every floor before and after."""
    rows: list[Row] = []
    for name in figures.before:
        before, after = figures.before[name], figures.after[name]
        mean = before.mean(after)
        rows.append(
            (
                FLOORS.get(name, f"Bare view, c{name[5:]}"),
                f"{before.rate:,.0f}",
                f"{after.rate:,.0f}",
                f"{mean.cpu:.2f}",
            )
        )
    return markdown(("Floor", "per s before", "after", "CPU-ms"), rows)


FLOORS = {"sql": "Plain SQL, 1 insert and 2 updates, 1 thread", "messages": "Bare Dramatiq messages"}


def load_table(figures: "Figures") -> list[str]:
    """The measured workflow by concurrency."""
    rows: list[Row] = []
    for count, load in figures.loads.items():
        sql, messages, view = (
            load.rate / mean_of(figures, name).rate for name in ("sql", "messages", f"view {count}")
        )
        parts = ", ".join(f"{part} {cost:.2f}" for part, cost in load.cost.items() if cost >= 0.005)
        rows.append(
            (
                f"c{count}",
                f"{load.rate:,.0f}",
                beside(f"{sql:.2f}", required.share_of_sql(figures.stack, count), sql),
                f"{messages:.2f}",
                f"{view:.2f}",
                beside(f"{load.cpu:.2f}", required.cpu(figures.stack, count), load.cpu),
                parts,
                f"{load.answer[0]:.1f} / {load.answer[1]:.1f}",
                f"{load.closed:,} of {load.accepted:,}",
            )
        )
    titles = ("", "runs/s", "of plain SQL", "of messages", "of bare view", "CPU-ms per run", "of which")
    return markdown((*titles, "answer p50 / p95 ms", "closed"), rows)


def rest(figures: "Figures") -> list[str]:
    """Latency, memory, start, pauses."""
    rows: list[Row] = [
        ("Ready, database migrated", f"{figures.ready:.1f} s", required.READY.judged(figures.ready)),
        ("Idle memory (PSS)", f"{figures.memory:.0f} MiB", required.MEMORY.judged(figures.memory)),
    ]
    if (as_one := figures.memory_as_one) is not None:
        rows.append(("The same, started by `up`", f"{as_one:.0f} MiB", required.MEMORY.judged(as_one)))
    p50, p95, _p99 = percentiles(figures.idle)
    for name, value, bound in zip(("p50", "p95"), (p50, p95), required.idle(figures.stack), strict=True):
        rows.append(
            (
                f"Idle, trigger to closed, {name}, n = {len(figures.idle)}",
                f"{value:.1f} ms",
                bound.judged(value),
            )
        )
    for name, paused in (("nothing running", figures.stopped), ("workers busy", figures.busy)):
        if paused and paused.times:
            p50, _p95, p99 = percentiles(paused.times)
            title = f"Pause, {paused.pending:,} Pending, {name}, n = {len(paused.times)}"
            rows.append((f"{title}, p50 / p99", f"{p50:.0f} / {p99:.0f} ms", required.PAUSE.judged(p99)))
            rows.append((f"{title}, started after it", str(paused.late), required.LATE.judged(paused.late)))
    return markdown(("", "measured", "required"), rows)


def mean_of(figures: "Figures", name: str) -> Floor:
    """A floor's mean of before and after."""
    return figures.before[name].mean(figures.after[name])


def beside(shown: str, bound: required.Bound | None, value: float) -> str:
    """A figure with its bound where there is one."""
    return f"{shown} ({bound.judged(value)})" if bound else shown


def markdown(titles: Row, rows: list[Row]) -> list[str]:
    """A table with padded columns."""
    widths = [max(len(row[place]) for row in (titles, *rows)) for place in range(len(titles))]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in (titles, *rows)]
    ruled = [lines[0], ["-" * width for width in widths], *lines[1:]]
    return [f"| {' | '.join(line)} |" for line in ruled]


def _commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return asked.stdout.strip() or "unknown"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )
