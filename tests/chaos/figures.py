"""Figures told in words: percentiles of what was measured in a row."""

from collections.abc import Sequence


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that so large a part of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


def told(what: str, seconds: Sequence[float]) -> str:
    """Such as "confirmation p50 12 ms, p99 80 ms"."""
    return (
        f"{what} p50 {1000 * percentile(seconds, 0.5):.0f} ms, p99 {1000 * percentile(seconds, 0.99):.0f} ms"
    )
