"""Only files that can hold a chosen test are imported: importing all of them takes longer than some runs."""

import re
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression

MARKS = frozenset({"browser", "journey", "stack"})
OPERATORS = {"and", "or", "not"}


@cache
def marks_named(path: Path) -> frozenset[str]:
    """Of these marks, those that a test of this file can have: its text names them."""
    text = path.read_text()
    return frozenset(mark for mark in MARKS if f"mark.{mark}" in text)


def can_hold_a_chosen_test(path: Path, chosen: str) -> bool:
    """False only where no test of the file fits `-m`, whichever of the named marks it has."""
    if not set(re.findall(r"\w+", chosen)) <= MARKS | OPERATORS or not chosen:
        return True
    expression, named = Expression.compile(chosen), sorted(marks_named(path))
    for has in product((True, False), repeat=len(named)):
        marks = dict(zip(named, has, strict=True))
        if expression.evaluate(lambda name, marks=marks: marks.get(name, False)):
            return True
    return False


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    chosen = config.getoption("markexpr")
    if collection_path.suffix != ".py" or can_hold_a_chosen_test(collection_path, chosen):
        return None
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that nothing else waits for it at the end.

    A mark that comes from elsewhere than the test's file would never be found: tell it where all files are read.
    """
    items.sort(key=lambda item: "takes_minutes" not in {mark.name for mark in item.iter_markers()})
    for item in items:
        hidden = {mark.name for mark in item.iter_markers()} & MARKS - marks_named(item.path)
        if hidden:
            raise pytest.UsageError(f"{item.nodeid}: its file names no mark.{hidden.pop()}")
