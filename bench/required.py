"""What is required on two cores: the least or the most of each figure, by stack."""

from dataclasses import dataclass

Bounds = dict[str, dict[int, float]]
BELL_ALONE = "-bell"


@dataclass(frozen=True)
class Bound:
    """`sign` is ≥ or ≤."""

    sign: str
    value: float

    def judged(self, value: float) -> str:
        """Whether a figure keeps it, in words for the table."""
        kept = value >= self.value if self.sign == "≥" else value <= self.value
        return f"{self.sign} {self.value:g}: {'met' if kept else '**not met**'}"


def share_of_sql(stack: str, concurrency: int) -> Bound | None:
    """Runs a second against the one-thread floor."""
    least: Bounds = {"embedded": {1: 0.4, 16: 0.8}, "pg-redis": {1: 0.3, 16: 0.5}}
    return _bound("≥", least.get(stack, {}).get(concurrency))


def cpu(stack: str, concurrency: int) -> Bound | None:
    """CPU-ms of all processes per recorded run."""
    most: Bounds = {"embedded": {1: 2, 16: 1.5}, "pg-redis": {1: 4, 16: 3, 64: 3}}
    return _bound("≤", most.get(stack, {}).get(concurrency))


def idle(stack: str) -> tuple[Bound, Bound]:
    """Milliseconds from trigger to closed, p50 and p95; more where a broker is the only bell."""
    return (Bound("≤", 20), Bound("≤", 40)) if stack.endswith(BELL_ALONE) else (Bound("≤", 8), Bound("≤", 20))


PAUSE = Bound("≤", 300)
MEMORY = Bound("≤", 200)
READY = Bound("≤", 4)
LATE = Bound("≤", 0)


def _bound(sign: str, value: float | None) -> Bound | None:
    return None if value is None else Bound(sign, value)
