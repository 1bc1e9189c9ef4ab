"""The table that says the same as a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One value; with `href` it leads to what it counts."""

    text: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class Twin:
    """A table whose first column names the rows; all others are numbers."""

    head: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]
