"""Collecting what is wrong with several values, so that a person hears all of it at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from workflows.lifecycle import ValueRefused

T = TypeVar("T")


class Problems:
    """The findings of all values refused so far."""

    def __init__(self) -> None:
        self.findings: list[dict[str, str]] = []

    def collect(self, clean: Callable[..., T], *values: Any, **names: Any) -> T | None:
        """What `clean` gives; None when it refuses, whose findings are kept."""
        try:
            return clean(*values, **names)
        except ValueRefused as refusal:
            self.findings.extend(refusal.findings)
            return None


@contextmanager
def gathering() -> Iterator[Problems]:
    """Raises one ValueRefused with everything collected inside, when that is anything."""
    problems = Problems()
    yield problems
    if problems.findings:
        raise ValueRefused(" ".join(finding["message"] for finding in problems.findings), problems.findings)
