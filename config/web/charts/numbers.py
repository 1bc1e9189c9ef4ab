"""Coordinates and scales. Coordinates are text, so that no locale puts a comma into a drawing."""

import math


def at(value: float) -> str:
    """A coordinate, to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(value: float) -> str:
    """A horizontal place or width in percent of the plot."""
    return f"{at(value)}%"


def nice_step(largest: float, *, steps: int = 3) -> int:
    """The whole number of the form 1, 2 or 5 times a power of ten that divides `largest` into about so many steps."""
    rough = max(largest / steps, 1)
    magnitude = 10 ** math.floor(math.log10(rough))
    factor = next(factor for factor in (1, 2, 5, 10) if factor * magnitude >= rough)
    return int(factor * magnitude)


def short(number: float) -> str:
    """A count that has little room: 950, 1.2k, 45k, 3.1M."""
    for unit, sign in ((1_000_000, "M"), (1_000, "k")):
        if number >= unit:
            scaled = number / unit
            return f"{scaled:.1f}".removesuffix(".0") + sign if scaled < 10 else f"{scaled:.0f}{sign}"
    return f"{number:g}"
