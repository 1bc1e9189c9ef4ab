"""The budgets of pages, and what breaks them. Bytes are those of the gzipped answer, nodes are elements."""

from dataclasses import dataclass, field, replace

SCRIPT_BYTES = 15_000
STYLE_BYTES = 30_000
RATIO = 1.5
# Of a monitoring page's time to that with a tenth of the runs and the same figures: what it costs must not grow with runs.
GROWTH = 1.5
# Time below which a ratio says more about the machine than about the page, in CPU-milliseconds.
TELLING = 2.0


@dataclass(frozen=True)
class Budget:
    """What one page may cost; None where nothing is asked. `ratio`: of its time to that on a small database, if it is
    timed; `growth`: to that with a tenth of the runs. `target` is the p95 in milliseconds that is told beside. `share`:
    of the requests that are timed, so many."""

    queries: int
    size: int | None = None
    nodes: int | None = None
    target: int | None = None
    ratio: float | None = None
    growth: float | None = None
    share: float = 1


WORKFLOWS = Budget(12, 45_000, 4_000, target=300, ratio=RATIO)
RUNS = Budget(10, 40_000, 3_500, target=300, ratio=RATIO)
RUN = Budget(14, 60_000, 5_000, target=350, ratio=RATIO)
# 8 for the page and 4 for each of its 9 panels; side by side three of them are five.
MONITORING = Budget(44, 60_000, 4_000, target=500, ratio=RATIO, growth=GROWTH)
BESIDE = replace(MONITORING, queries=8 + 4 * (6 + 3 * 5))
METRICS = replace(MONITORING, queries=48)
PANEL = Budget(12, ratio=RATIO, growth=GROWTH, share=1 / 3)
PANEL_BESIDE = replace(PANEL, queries=8 + 4 * 5)
DIALOG = Budget(14)
POLL = Budget(5, size=0)


@dataclass
class Measured:
    """One page: queries by how many workflows there are, the size and nodes of the full database's answer; CPU seconds on
    the small, the full and the one with fewer runs, of the full one also those when nothing was remembered, and waited."""

    name: str
    budget: Budget
    queries: dict[int, int] = field(default_factory=dict)
    status: int = 0
    size: int = 0
    nodes: int = 0
    small: list[float] = field(default_factory=list)
    full: list[float] = field(default_factory=list)
    fewer: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """CPU time on the full database by that on the small one, each the quickest of all requests."""
        return min(self.full) / min(self.small) if self.small and self.full else 0.0

    @property
    def growth(self) -> float:
        """The same by that with a tenth of the runs."""
        return min(self.full) / min(self.fewer) if self.fewer and self.full else 0.0

    def broken(self) -> list[str]:
        """What this page breaks, as sentences."""
        budget, most = self.budget, max(self.queries.values())
        found = []
        if self.status not in (200, 204):
            found.append(f"answers {self.status}")
        if len(set(self.queries.values())) > 1:
            found.append(f"queries grow with the rows: {self.queries}")
        if most > budget.queries:
            found.append(f"{most} queries, {budget.queries} allowed")
        if budget.size is not None and self.size > budget.size:
            found.append(f"{self.size:,} bytes, {budget.size:,} allowed")
        if budget.nodes is not None and self.nodes > budget.nodes:
            found.append(f"{self.nodes:,} nodes, {budget.nodes:,} allowed")
        found += self.slow()
        return [f"{self.name}: {sentence}" for sentence in found]

    def slow(self) -> list[str]:
        """Of that, what the times say."""
        budget, found = self.budget, []
        tells = bool(self.full) and 1000 * min(self.full) > TELLING
        if tells and budget.ratio and self.ratio > budget.ratio:
            found.append(f"{self.ratio:.2f} times the small database's time, {budget.ratio} allowed")
        if tells and budget.growth and self.growth > budget.growth:
            found.append(
                f"{self.growth:.2f} times the time with a tenth of the runs, {budget.growth} allowed"
            )
        return found
