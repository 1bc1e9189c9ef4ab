"""The tables of growth: ratios of the full database to the empty one, backlog, a silent target."""

from typing import TYPE_CHECKING

from bench.required import Bound
from bench.running import percentiles
from bench.tables import Row, markdown, mean_of

if TYPE_CHECKING:
    from bench.backlog import Drained
    from bench.growth import Growth
    from bench.hanging import Slowed
    from bench.session import Figures

GROWN = Bound("≤", 1.15)
DRAIN = Bound("≥", 4)
LAG = Bound("≤", 2_000)
WORKERS = Bound("≤", 1.1)
SLOWED = Bound("≤", 1.5)


def text(growth: "Growth") -> str:
    """All tables of growth."""
    before, after = growth.load_average
    lines = [
        f"### {growth.stack}: {growth.runs:,} runs and {growth.workflows:,} workflows against none",
        "",
        f"Load average {before:.1f} before, {after:.1f} after.",
        "",
        *markdown(("", "empty", "full", "ratio", "required"), list(ratios(growth))),
        "",
    ]
    rows: list[Row] = []
    if growth.backlog:
        rows += backlog_rows(growth.backlog)
    if growth.slowed:
        rows += slowed_rows(growth.slowed)
    return "\n".join(lines + markdown(("", "measured", "required"), rows))


def ratios(growth: "Growth") -> list[Row]:
    """Each figure of the session as time or cost, so that more is worse; the floors show what the machine did."""
    empty, full = costs_of(growth.empty), costs_of(growth.full)
    rows: list[Row] = []
    for name, value in empty.items():
        ratio = full[name] / value
        judged = "" if name.startswith("Floor") else GROWN.judged(ratio)
        rows.append((name, f"{value:.2f}", f"{full[name]:.2f}", f"{ratio:.2f}", judged))
    return rows


def costs_of(figures: "Figures") -> dict[str, float]:
    """Milliseconds, and MiB of memory."""
    costs = {"Floor, plain SQL, ms per run": 1000 / mean_of(figures, "sql").rate}
    for count, load in figures.loads.items():
        costs[f"c{count}, ms per run"] = 1000 / load.rate
        costs[f"c{count}, CPU-ms per run"] = load.cpu
    p50, p95, _p99 = percentiles(figures.idle)
    costs |= {"Idle p50, ms": p50, "Idle p95, ms": p95}
    for name, paused in (("stopped", figures.stopped), ("busy", figures.busy)):
        if paused:
            costs[f"Pause p50, workers {name}, ms"] = percentiles(paused.times)[0]
    costs |= {"Ready, ms": figures.ready * 1000, "Memory, MiB": figures.memory}
    if figures.memory_as_one is not None:
        costs["Memory of `up`, MiB"] = figures.memory_as_one
    return costs


def backlog_rows(backlog: "Drained") -> list[Row]:
    """How fast it drained, and what live triggers waited."""
    rate, arrived = backlog.closed / backlog.seconds, backlog.arrived / backlog.seconds
    title = f"Backlog of {backlog.backlog:,}, {backlog.seconds:.0f} s"
    speed = f"{rate:,.0f} runs/s beside {arrived:.0f} arriving, ratio {backlog.ratio:.1f}"
    rows: list[Row] = [(f"{title}, drained", speed, DRAIN.judged(backlog.ratio))]
    for name, lags in (("same workflow", backlog.behind), ("another", backlog.beside)):
        shown = " / ".join(f"{lag:,.0f}" for lag in lags)
        rows.append(
            (
                f"{title}, start lag of live triggers, {name}, p50 / p95 / p99 / longest",
                f"{shown} ms",
                LAG.judged(lags[3]),
            )
        )
    return rows


def slowed_rows(slowed: "Slowed") -> list[Row]:
    """Time per run and idle latency with the silent target against those without."""
    without, with_it = slowed.loads
    under_load = without.rate / max(with_it.rate, 0.001)
    single = slowed.idle[1] / slowed.idle[0]
    title = f"Silent target, {slowed.hanging} runs hang"
    rows: list[Row] = [
        (
            f"{title}, c16",
            f"{without.rate:,.0f} to {with_it.rate:,.0f} runs/s, slower {under_load:.2f} times",
            SLOWED.judged(under_load),
        ),
        (
            f"{title}, idle p50",
            f"{slowed.idle[0]:.1f} to {slowed.idle[1]:.1f} ms, slower {single:.2f} times",
            SLOWED.judged(single),
        ),
    ]
    return rows
