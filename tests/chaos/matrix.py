"""The rows of reliability.md, section 6, that this rig runs, and what a run of one gives."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.chaos import rows as package


@dataclass
class Outcome:
    """`count` trials, of which `failures` failed, each told in a sentence; `longest` in seconds, of what `measured` says."""

    count: int = 0
    failures: list[str] = field(default_factory=list)
    longest: float = 0.0
    measured: str = ""

    def add(self, count: int, failures: list[str] | None = None, seconds: float = 0.0) -> None:
        self.count += count
        self.failures += failures or []
        self.longest = max(self.longest, seconds)


@dataclass(frozen=True)
class Row:
    """One row: `first` is how many trials a commit runs on SQLite, `full` how many `make chaos` runs per stack.

    `stacks` are those it says something about. `is_proxied`: proxies stand before database and broker.
    """

    name: str
    promise: str
    fault: str
    first: int
    full: int
    run: Callable[[Any, int], Outcome]
    stacks: str = "EPQ"
    is_proxied: bool = False
    on_commit: bool = True


ROWS: dict[str, Row] = {}


def row(name: str, promise: str, *, fault: str, first: int, full: int, **more: Any) -> Callable[..., Any]:
    """Enter a function from a rig and a number of trials to an Outcome."""

    def enter(run: Callable[[Any, int], Outcome]) -> Callable[[Any, int], Outcome]:
        ROWS[name] = Row(name, promise, fault, first, full, run, **more)
        return run

    return enter


def load() -> dict[str, Row]:
    """All rows, in the matrix's order."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(ROWS.items()))
